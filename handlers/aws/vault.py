"""The vault: what each stack could be made again from, found by what it is and checked by its digest whenever it is read.

stacks/ACCOUNT/REGION/NAME/candidate             the newest version that somebody deployed
stacks/ACCOUNT/REGION/NAME/last-known-good       the newest that was seen healthy and whole; its predecessors are its S3 versions
stacks/ACCOUNT/REGION/NAME/texts/DIGEST          each template, once, under its own digest
evidence/ACCOUNT/REGION/NAME/FAILURE             every event that a diagnosis was made from
"""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError
from pydantic import ValidationError

from handlers.aws.calls import Answer, Client, ask, code_of
from handlers.domain.errors import TransientError
from handlers.domain.identity import StackKey
from handlers.domain.version import Defect, Finding, StackVersion, Text, VersionState, digest_of

_ABSENT = frozenset({"NoSuchKey", "404"})
_REFUSED = frozenset({"PreconditionFailed", "412"})
_CONFLICT = frozenset({"ConditionalRequestConflict", "409"})
_UNKEPT = frozenset({"ResourceProperties"})
"""An event's properties hold what the template's parameters resolved to, secrets among it, and no diagnosis reads them."""


class Kept(StrEnum):
    """What became of a version that was to be kept."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"  # the vault says the same already
    OLDER = "older"  # the vault knows what was seen later


class Vault:
    """One cell's bucket. What is wrong in it is an answer, a Finding, so that whoever reads must decide what to do without."""

    def __init__(self, client: Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._repaired: list[Finding] = []

    def last_good(self, key: StackKey) -> StackVersion | Finding | None:
        """The last version at which the stack was seen healthy and whole; None when the vault has none."""
        return self._version(key, VersionState.LAST_KNOWN_GOOD)[0]

    def candidate(self, key: StackKey, *, stack_id: str | None = None, token: str | None = None) -> StackVersion | Finding | None:
        """The newest version that somebody deployed; None when there is none, or it is not of the *stack_id* or *token* given."""
        found = self._version(key, VersionState.CANDIDATE)[0]
        if isinstance(found, StackVersion):
            is_meant = (stack_id or found.stack_id, token or found.token) == (found.stack_id, found.token)
            return found if is_meant else None
        return found

    def template(self, version: StackVersion, text: Text | None = None) -> str | Finding:
        """The original template, or another *text* of the version."""
        wanted = text or version.made.template
        what = next((name for name, each in version.texts.items() if each == wanted), "text")
        return self._text(version.stack, wanted, what)

    def template_url(self, version: StackVersion) -> str:
        """Where CloudFormation finds a template that is too long for the call; whoever makes the call must be able to read it.

        Path style, so that the address holds for every partition and endpoint that S3 itself is reached by.
        """
        where = _text_key(version.stack, version.made.template)
        return f"{self._client.meta.endpoint_url}/{self._bucket}/{quote(where)}"

    def findings(self, version: StackVersion) -> tuple[Finding, ...]:
        """Everything that is wrong with what the version rests on: read all of it, and compare."""
        read = (self._text(version.stack, text, what) for what, text in version.texts.items())
        return tuple(each for each in read if isinstance(each, Finding))

    def put_candidate(self, version: StackVersion, texts: Iterable[str]) -> Kept:
        """Keep a version that somebody deploys or has deployed; repeating it changes nothing."""
        return self._keep(version, texts, VersionState.CANDIDATE)

    def promote(self, version: StackVersion, texts: Iterable[str]) -> Kept:
        """Keep a version as the last known good one. Whether it is that, the caller has seen."""
        return self._keep(version, texts, VersionState.LAST_KNOWN_GOOD)

    def put_evidence(self, key: StackKey, failure_id: str, events: Iterable[Mapping[str, Any]]) -> str:
        """Keep the events of a failure, whole but for the resources' properties; returns where."""
        where = f"evidence/{_place(key)}/{failure_id}"
        told = [{name: value for name, value in event.items() if name not in _UNKEPT} for event in events]
        self._put(where, json.dumps(told, default=str))
        return where

    def take_repaired(self) -> tuple[Finding, ...]:
        """What was found altered and written anew since this was last asked."""
        found, self._repaired = tuple(self._repaired), []
        return found

    def _keep(self, version: StackVersion, texts: Iterable[str], state: VersionState) -> Kept:
        sealed = version.model_copy(update={"state": state})
        known, etag = self._version(version.stack, state)
        if isinstance(known, StackVersion):
            if sealed.is_same_as(known):
                return Kept.UNCHANGED
            if known.captured_at > sealed.captured_at:
                return Kept.OLDER
        if isinstance(known, Finding):
            self._repaired.append(known)
        self._put_texts(sealed, texts)
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        if not self._put(_version_key(sealed.stack, state), sealed.model_dump_json(), **condition):
            raise TransientError(f"another capture of {version.stack} was faster by a moment")
        return Kept.WRITTEN

    def _put_texts(self, version: StackVersion, texts: Iterable[str]) -> None:
        """Before the version that names them. What lies there already is compared: it may have been altered."""
        what_of = {text: what for what, text in version.texts.items()}
        for body in texts:
            text = Text.of(body)
            where = _text_key(version.stack, text)
            if self._put(where, body, IfNoneMatch="*"):
                continue
            found = self._text(version.stack, text, what_of.get(text, "text"))
            if isinstance(found, Finding):
                self._repaired.append(found)
                self._put(where, body)

    def _version(self, key: StackKey, state: VersionState) -> tuple[StackVersion | Finding | None, str | None]:
        where = _version_key(key, state)
        answer = self._get(where)
        if answer is None:
            return None, None
        return _read_version(answer["Body"].read(), key, state, where), answer["ETag"]

    def _text(self, key: StackKey, text: Text, what: str) -> str | Finding:
        where = _text_key(key, text)
        answer = self._get(where)
        if answer is None:
            return Finding(defect=Defect.MISSING, what=what, where=where, expected=text.digest, observed="not there")
        raw: bytes = answer["Body"].read()
        observed = Text.of(raw)
        if observed == text:
            return raw.decode()
        return Finding(defect=Defect.ALTERED, what=what, where=where, expected=text.digest, observed=observed.digest)

    def _get(self, where: str) -> Answer | None:
        try:
            return ask(self._client.get_object, Bucket=self._bucket, Key=where)
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return None
            raise

    def _put(self, where: str, body: str, **condition: str) -> bool:
        """Write an object; False when its condition did not hold."""
        try:
            ask(self._client.put_object, Bucket=self._bucket, Key=where, Body=body.encode(), **condition)
        except ClientError as error:
            if code_of(error) in _REFUSED:
                return False
            if code_of(error) in _CONFLICT:
                raise TransientError(f"somebody writes {where} at this moment") from error
            raise
        return True


def _place(key: StackKey) -> str:
    return f"{key.account}/{key.region}/{key.name}"


def _version_key(key: StackKey, state: VersionState) -> str:
    return f"stacks/{_place(key)}/{state.value}"


def _text_key(key: StackKey, text: Text) -> str:
    return f"stacks/{_place(key)}/texts/{text.digest}"


def _read_version(raw: bytes, key: StackKey, state: VersionState, where: str) -> StackVersion | Finding:
    what = f"{state.value} version"
    try:
        version = StackVersion.model_validate_json(raw)
    except ValidationError as error:
        wrong = ", ".join(
            ".".join(map(str, each["loc"])) or "it" for each in error.errors(include_input=False, include_url=False)
        )
        return Finding(defect=Defect.UNREADABLE, what=what, where=where, expected="a version", observed=f"wrong in {wrong}")
    if version.stack != key:
        return Finding(defect=Defect.ALTERED, what=what, where=where, expected=str(key), observed=str(version.stack))
    if not version.is_intact:
        observed = digest_of(version.made)
        return Finding(defect=Defect.ALTERED, what=what, where=where, expected=version.digest, observed=observed)
    return version
