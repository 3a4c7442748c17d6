"""What an AWS error code says by itself: by its name's words, or by what botocore's service models know of it.

The table beside this module is generated (`python -m bench.error_shapes`) from the error shapes of all services:
thousands of codes that no collection of messages holds. Codes outside it, EC2's and S3's above all, go by their words.
"""

import json
import re
import zlib
from functools import cache, lru_cache
from pathlib import Path

from handlers.domain.diagnosis_phrases import either
from handlers.domain.failure_class import FailureClass

TABLE = Path(__file__).parent / "data" / "error_codes.json.z"
"""zlib-packed JSON, class -> codes in one string: 20 KB, read when the first unknown wording needs it, never at import."""

_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SUFFIXES = ("exception", "error", "fault")

WORDS: tuple[tuple[FailureClass, tuple[str, ...]], ...] = (
    # Order is the rule: a name is read by its most telling words, `InvalidSubnetID.NotFound` by the last two.
    (
        FailureClass.THROTTLING,
        either(
            "throttl*; too many requests; request limit exceeded; rate exceeded; rate limit; slow down; "
            "throughput exceeded; bandwidth limit exceeded"
        ),
    ),
    (
        FailureClass.CAPACITY,
        either(
            "insufficient * capacity; insufficient capacity; out of capacity; capacity not available; capacity "
            "unavailable; unsupported availability zone; insufficient spot"
        ),
    ),
    (
        FailureClass.PERMISSION,
        either(
            "access denied; denied; unauthorized; not authorized; unauthenticated; not authenticated; forbidden; "
            "auth failure; opt in required; insufficient permissions; insufficient privileges; invalid client "
            "token id; expired token; token expired; signature does not match; missing authentication token; "
            "unrecognized client; pending verification; subscription required; cannot be assumed; account "
            "suspended; account not verified; insufficient * policy; not entitled"
        ),
    ),
    (
        FailureClass.ALREADY_EXISTS,
        either(
            "already exists; already exist; already in use; already associated; already owned*; already assigned; "
            "already attached; already registered; already has*; name in use; alias in use; duplicate*; domain "
            "exists; name exists; username exists; queue name exists; entity exists; conflicting domain exists"
        ),
    ),
    (
        FailureClass.NOT_FOUND,
        either("not found; no such; does not exist; not exist; non existent; unknown resource; resource unknown; gone"),
    ),
    (
        FailureClass.ALREADY_EXISTS,
        either("exists"),
    ),
    (
        FailureClass.DEPENDENCY_IN_USE,
        either(
            "dependency violation; delete conflict; not empty; in use; has children; has dependent*; still has; "
            "has associations; associated entity; associated"
        ),
    ),
    (
        FailureClass.QUOTA,
        either(
            "quota exceeded; limit exceeded; limit reached; exceeded; too many; max number*; maximum number*; "
            "insufficient free addresses*; over quota; exceeds limit; over limit; per account limit*"
        ),
    ),
    (
        FailureClass.DRIFT_OR_CONFLICT,
        either(
            "conflict*; in progress; concurrent*; incorrect state; incorrect * state; invalid state; invalid * "
            "state; invalid * status; state; busy; stale*; modified; precondition failed; operation aborted; "
            "deleted recently; not ready; pending; not stabilized; lock*"
        ),
    ),
    (
        FailureClass.INVALID_INPUT,
        either(
            "invalid*; malformed*; validation*; unsupported*; not supported; missing*; illegal*; bad request; "
            "incompatible*; mismatch*; too long; too large; too small; too short; required; incorrect*; "
            "unprocessable*; not allowed; not permitted; out of range; pars*; not enabled; not specified; unknown "
            "parameter; param*; format; syntax; insufficient capabilities; reserved*; not updatable; not "
            "eligible; not compatible"
        ),
    ),
    (
        FailureClass.TRANSIENT,
        either(
            "internal*; service unavailable; temporarily unavailable; server; service failure; network failure; "
            "gateway timeout; gateway timed out; dependency timeout; request timeout; transient"
        ),
    ),
)

NAMED: dict[str, FailureClass] = {
    # Codes whose words mislead, each from the service's own list of errors.
    "OperationNotPermitted": FailureClass.DRIFT_OR_CONFLICT,  # EC2, ELB: mostly "protected" or "in that state"
    "OAuthProviderException": FailureClass.PERMISSION,  # CodeBuild: its token for the source provider is missing or too weak
    "PriorRequestNotComplete": FailureClass.THROTTLING,  # Route 53: one change batch at a time per zone
    "ServiceException": FailureClass.TRANSIENT,
    "Blocked": FailureClass.PERMISSION,  # EC2: the account is
    "PendingVerification": FailureClass.PERMISSION,  # EC2: the account is being verified
    "Client.InstanceInitiatedShutdown": FailureClass.NOT_STABILIZED,  # Auto Scaling
    "Client.InvalidKMSKey.InvalidState": FailureClass.PERMISSION,  # EC2, Auto Scaling: no grant on the volume's key
    "NodeCreationFailure": FailureClass.NOT_STABILIZED,  # EKS nodegroup health: nodes did not join
    "InstanceLimitExceeded": FailureClass.QUOTA,
    "VcpuLimitExceeded": FailureClass.QUOTA,
    "MaxSpotInstanceCountExceeded": FailureClass.QUOTA,
    "WAFUnavailableEntityException": FailureClass.TRANSIENT,  # WAF: just made elsewhere, not yet seen here
    "IdempotentParameterMismatch": FailureClass.INVALID_INPUT,
    "InvalidVPCNetworkState": FailureClass.INVALID_INPUT,  # RDS: the subnets or DNS settings do not suit
    "InvalidVPCNetworkStateFault": FailureClass.INVALID_INPUT,
    "BucketAlreadyOwnedByYou": FailureClass.ALREADY_EXISTS,
    "InsufficientCapabilitiesException": FailureClass.INVALID_INPUT,  # CloudFormation: acknowledge IAM in the template
    "UnsupportedAvailabilityZoneException": FailureClass.CAPACITY,  # EKS: the zone has no room for control planes
}

GENERIC = frozenset(
    either(
        "BadRequest; BadRequestException; ClientError; ClientException; Conflict; ConflictException; "
        "GeneralServiceException; InternalError; InternalFailure; InternalServerError; InvalidArgument; "
        "InvalidInput; InvalidInputException; InvalidOperation; InvalidOperationException; InvalidParameter; "
        "InvalidParameterCombination; InvalidParameterException; InvalidParameterValue; "
        "InvalidParameterValueException; InvalidRequest; InvalidRequestException; InvalidStateException; "
        "LimitExceeded; LimitExceededException; OperationNotPermitted; OperationNotPermittedException; "
        "ResourceConflictException; ResourceInUse; ResourceInUseException; ServerException; ServiceException; "
        "ServiceUnavailable; ServiceUnavailableException; UnsupportedOperation; "
        "UnsupportedOperationException; ValidationError; ValidationException; WAFInvalidOperationException"
    )
)
"""Names that services use for everything: the wording beside them says more, and goes first."""


def words_of(code: str) -> str:
    """Spell *code* in lower-case words, each between blanks: `InvalidAMIID.NotFound` is " invalid amiid not found "."""
    words = [word.lower() for word in _HUMPS.findall(code)]
    while words and words[-1] in _SUFFIXES:
        words.pop()
    return f" {' '.join(words)} "


def _says(words: str, sign: str) -> bool:
    if " * " in sign:
        first, last = sign.split(" * ")
        start = words.find(f" {first} ")
        return start >= 0 and words.find(f" {last} ", start + len(first)) >= 0
    return (f" {sign[:-1]}" if sign.endswith("*") else f" {sign} ") in words


@lru_cache(maxsize=4096)
def class_of_words(code: str) -> FailureClass | None:
    """Read the class from the words of *code*; None when no word tells."""
    if (named := NAMED.get(code)) is not None:
        return named
    words = words_of(code)
    for failure_class, signs in WORDS:
        if any(_says(words, sign) for sign in signs):
            return failure_class
    return None


def class_of_status(status: int | None) -> FailureClass | None:
    """Read the class from an HTTP status (RFC 9110); 400 says only that the request is at fault, 409 that states disagree."""
    if status is None:
        return None
    if status >= 500:  # noqa: PLR2004 - the server's own class of statuses
        return FailureClass.TRANSIENT
    return {
        401: FailureClass.PERMISSION,
        403: FailureClass.PERMISSION,
        404: FailureClass.NOT_FOUND,
        409: FailureClass.DRIFT_OR_CONFLICT,
        410: FailureClass.NOT_FOUND,
        429: FailureClass.THROTTLING,
    }.get(status)


@cache
def known_codes() -> dict[str, FailureClass]:
    """Every error code in botocore's models whose class is known."""
    packed: dict[str, str] = json.loads(zlib.decompress(TABLE.read_bytes()))
    return {code: FailureClass(name) for name, codes in packed.items() for code in codes.split()}


def class_of_code(code: str) -> FailureClass | None:
    """Class of an error code that a text names as such; its own words decide where the models do not know it."""
    return NAMED.get(code) or known_codes().get(code) or class_of_words(code)
