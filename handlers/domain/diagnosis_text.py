"""Takes a status reason apart: wrappers off, error codes, handler code, HTTP status and service out."""

import re
from dataclasses import dataclass

LONGEST = 6000
"""Characters looked at. A longer reason keeps its head, where the message is, and its tail, where CloudFormation's codes are."""
_TAIL = 1500
"""Characters kept of a long reason's end."""
_MOST_CODES = 12
"""Candidates for an error code that one reason is searched for; a hostile reason may hold thousands."""

# Each expression begins with plain text, which is searched for at the speed of `str.find`.
_HANDLER = re.compile(r"HandlerErrorCode: ?([A-Za-z]{4,40})")
_HANDLER_ALONE = re.compile(r"\((InternalFailure|NotStabilized|AlreadyExists|NotFound|AccessDenied)\)$")
_STATUS = re.compile(r"tatus ?[Cc]ode\"?: ?(\d{3})")
_SERVICE = re.compile(r"\(Service: ?(?:Amazon|AWS)? ?([A-Za-z0-9 ]{1,40})")
_CODE = r"([A-Za-z][A-Za-z0-9.#]{2,79})"
_ERROR_CODE = re.compile(rf"Error ?Code: ?{_CODE}")
_OTHER_MARKS = tuple(
    (sign, re.compile(re.escape(sign) + between + _CODE))
    for sign, between in (("Code=", ""), ('__type"', r': ?"'), ('"code"', r': ?"'), ("An error occurred (", ""))
)
_LEADING = re.compile(r"[A-Z][A-Za-z0-9]{2,60}(?:\.[A-Z][A-Za-z]{2,30}){0,3}")
_TOKEN = re.compile(r"\b[A-Z][A-Za-z0-9.]{7,79}")
_HUMP = re.compile(r"[a-z][A-Z]")

_ENVELOPE = re.compile(r"\((?:service|sdk attempt|request ?token|request ?id)[^()]{0,600}(?:\)|$)")
"""What SDKs add around a service's message; its words ("status", "code") are no part of the message."""
_EMBEDDED = re.compile(
    r"^embedded stack \S{1,400} was not successfully (?:created|updated|deleted|imported)[:.]? ?", re.IGNORECASE
)
_CURRENTLY = re.compile(r"^currently in [A-Z_]{4,60}(?: with reason: ?)?", re.IGNORECASE)
_CUSTOM = ("received response status [failed] from custom resource", "failed to create resource.", "failed to update resource.")
_QUOTING = ("an error occurred (", "(service: ", "resource handler returned message")
_STACKSET = "ResourceStatusReason:"
_ENDINGS = (" rollback requested by user.", " . rollback requested by user.", " rollback requested by user")
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "`": "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A reason, taken apart; `words` is what phrases are looked for in."""

    text: str
    words: str
    handler_code: str = ""
    codes: tuple[str, ...] = ()
    """Codes that the text names as such, in order, then those that only look like one."""
    marked: int = 0
    """How many of `codes` are named as such."""
    http: int | None = None
    service: str = ""
    is_custom: bool = False
    """Words of somebody's own code, which uses AWS's vocabulary for other things."""
    quotes_aws: bool = True
    """False for custom resources that quote no AWS error."""
    is_embedded: bool = False
    """A parent's word about a nested stack."""
    resource_type: str = ""
    status: str = ""


def shortened(reason: str) -> str:
    """Keep what can be told from a reason of any length."""
    if len(reason) <= LONGEST:
        return reason
    return f"{reason[: LONGEST - _TAIL]} … {reason[-_TAIL:]}"


def _unwrapped(reason: str) -> tuple[str, bool]:
    text = " ".join(reason.split())
    embedded = _EMBEDDED.match(text)
    if embedded:
        text = _CURRENTLY.sub("", text[embedded.end() :])
    low = text.lower()
    if low.startswith(_ENDINGS[-1].strip()):
        text = text[len(_ENDINGS[-1]) - 1 :].lstrip(". ")
        low = text.lower()
    for ending in _ENDINGS:
        if low.endswith(ending):
            text = text[: -len(ending)].rstrip(" .")
            break
    return text, embedded is not None


def _has_humps(token: str) -> bool:
    """Is it spelled like `InvalidRequest`, the way AWS spells error codes?"""
    return token[:1].isupper() and _HUMP.search(token) is not None


def _marked(text: str) -> list[str]:
    """Codes that *text* calls codes, or that stand before a colon as exceptions do."""
    found = [match[1] for match in _ERROR_CODE.finditer(text) if text[match.start() - 7 : match.start()] != "Handler"]
    for sign, pattern in _OTHER_MARKS:
        if sign in text:
            found += pattern.findall(text)
    found = [code.rpartition("#")[2].rstrip(".") for code in found]
    for mark in (": ", " - "):
        for piece in text.split(mark, _MOST_CODES)[:-1]:
            word = piece[-100:].rpartition(" ")[2].lstrip("[(\"'")
            if _has_humps(word) and _LEADING.fullmatch(word):
                found.append(word)
    return found


def _codes(text: str) -> tuple[tuple[str, ...], int]:
    text = _HANDLER.sub("", text)  # the handler's own code has rules of its own
    seen = dict.fromkeys(_marked(text)[:_MOST_CODES])
    count = len(seen)
    for token in _TOKEN.findall(text):
        if len(seen) >= 2 * _MOST_CODES:
            break
        if _has_humps(token):
            seen.setdefault(token.rstrip("."))
    return tuple(seen), count


def _last(pattern: re.Pattern[str], text: str) -> str:
    found: list[str] = pattern.findall(text)
    return found[-1] if found else ""


def read(reason: str, resource_type: str = "", status: str = "") -> Reading:
    """Take *reason* apart; what it does not hold stays empty."""
    shorter = shortened(reason)
    text, is_embedded = _unwrapped(shorter if shorter.isascii() else shorter.translate(_QUOTES))
    if _STACKSET in text:
        text = text.rpartition(_STACKSET)[2].partition("]' with identifier")[
            0
        ]  # a StackSet operation quotes the account's own failure: that one counts
    words = text.lower()
    codes, marked = _codes(text)
    http = _last(_STATUS, text)
    is_custom = is_custom_type(resource_type) or words.startswith(_CUSTOM)
    return Reading(
        text=text,
        words=_ENVELOPE.sub(" ", words),
        handler_code=_last(_HANDLER, text) or _last(_HANDLER_ALONE, text),
        codes=codes,
        marked=marked,
        http=int(http) if http else None,
        service=_last(_SERVICE, text).replace(" ", "").lower(),
        is_custom=is_custom,
        quotes_aws=not is_custom or any(sign in words for sign in _QUOTING),
        is_embedded=is_embedded,
        resource_type=resource_type,
        status=status,
    )


def is_custom_type(resource_type: str) -> bool:
    """Is this a resource that somebody's own function or topic handles?"""
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"
