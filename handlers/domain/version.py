"""One version of a stack: everything that it could be made again from, and the digests that prove it is still that."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from handlers.domain.identity import StackKey
from handlers.domain.moment import Moment
from handlers.domain.secrecy import Hidden, hidden

INLINE_TEMPLATE_BYTES = 51_200
"""What CreateStack and UpdateStack take as TemplateBody (service model, TemplateBody); a longer one goes by TemplateURL."""

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class VersionState(StrEnum):
    """What is known of a version."""

    CANDIDATE = "candidate"  # somebody deploys it, or has; nothing says that it works
    LAST_KNOWN_GOOD = "last-known-good"  # the newest at which the stack was seen healthy and whole


class _Part(BaseModel):
    """A later release's fields are kept out of the way, not refused: cells are upgraded one by one."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Text(_Part):
    """A text that is kept beside, found and checked by its digest."""

    digest: Digest
    size: int
    """In bytes of UTF-8."""

    @classmethod
    def of(cls, text: str | bytes) -> "Text":
        """Measure *text*."""
        raw = text.encode() if isinstance(text, str) else text
        return cls(digest=hashlib.sha256(raw).hexdigest(), size=len(raw))

    @property
    def goes_inline(self) -> bool:
        """Whether CloudFormation takes a template of this size in the call itself."""
        return self.size <= INLINE_TEMPLATE_BYTES


class Parameter(_Part):
    """A parameter; where it is hidden its value is nowhere in the vault, neither whole nor as a digest that could be guessed."""

    name: str
    value: str | None = None
    hidden: Hidden | None = None

    @classmethod
    def of(cls, name: str, value: str, *, no_echo: bool) -> "Parameter":
        """Take a parameter in, without the value where that may not be kept."""
        why = hidden(name, value, no_echo=no_echo)
        return cls(name=name, value=None if why else value, hidden=why)


class RollbackTrigger(_Part):
    """An alarm that CloudFormation watches while it deploys."""

    arn: str
    type: str


class NestedStack(_Part):
    """A stack inside the stack, by its logical ids from the root down; its parameters come from the template above it."""

    path: tuple[str, ...]
    stack_id: str
    template: Text


class StackMade(_Part):
    """What a stack is made of: the same content is the same version, whenever and however often it is seen."""

    template: Text
    nested: tuple[NestedStack, ...] = ()
    """Empty while an operation is in progress: a nested stack then still shows whichever template it had last."""
    parameters: tuple[Parameter, ...] = ()
    tags: dict[str, str] = {}
    capabilities: tuple[str, ...] = ()
    role_arn: str | None = None
    notification_arns: tuple[str, ...] = ()
    rollback_triggers: tuple[RollbackTrigger, ...] = ()
    monitoring_minutes: int | None = None
    stack_policy: str | None = None
    is_protected: bool = False
    """Termination protection."""
    disables_rollback: bool = False
    deployment_mode: str | None = None
    timeout_minutes: int | None = None

    @property
    def hidden(self) -> dict[str, Hidden]:
        """The parameters that cannot be restored from here, and why."""
        return {each.name: each.hidden for each in self.parameters if each.hidden}


class StackVersion(_Part):
    """A version of one stack as it was seen at one moment, under its own digest."""

    schema_version: Literal[1] = 1
    stack: StackKey
    stack_id: str
    """The generation of the key that it was seen at."""
    status: str
    captured_at: Moment
    token: str | None = None
    """The client request token of the operation that deployed it, where an event told."""
    state: VersionState = VersionState.CANDIDATE
    made: StackMade
    digest: Digest

    @classmethod
    def of(cls, made: StackMade, **seen: Any) -> "StackVersion":  # noqa: ANN401 - the fields above
        """Seal *made* with its digest."""
        return cls(made=made, digest=digest_of(made), **seen)

    @property
    def is_intact(self) -> bool:
        """Whether the content is still what the digest was made of."""
        return digest_of(self.made) == self.digest

    @property
    def texts(self) -> dict[str, Text]:
        """Every text that is kept beside it, by what it is."""
        nested = {f"template of {'/'.join(each.path)}": each.template for each in self.made.nested}
        return {"template": self.made.template, **nested}

    def is_same_as(self, other: "StackVersion | None") -> bool:
        """Whether *other* says the same, so that writing this one would add nothing; a candidate, of the same operation."""
        if other is None or (other.digest, other.stack_id) != (self.digest, self.stack_id):
            return False
        return self.state is VersionState.LAST_KNOWN_GOOD or other.token == self.token


def digest_of(made: StackMade) -> str:
    """Digest the content in one canonical form; what is at its default is left out, so that a later field changes no digest."""
    plain = made.model_dump(mode="json", exclude_defaults=True)
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Defect(StrEnum):
    """What is wrong with something in the vault."""

    ALTERED = "altered"  # its content is not what its digest was made of
    MISSING = "missing"
    UNREADABLE = "unreadable"  # not a version that this release can read


class Finding(_Part):
    """Something in the vault that must not be used: what it is, where it lies, what was expected there and what was found."""

    defect: Defect
    what: str
    where: str
    expected: str
    observed: str

    @property
    def sentence(self) -> str:
        """The finding, for people."""
        return f"the {self.what} is {self.defect.value}: {self.where} should be {self.expected} and is {self.observed}"
