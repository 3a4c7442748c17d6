"""Violations that are let pass: each with its rule, resource, reason and last day, all in one file."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

FILE = Path(__file__).parent / "waivers.json"
_Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class WaiversUnreadableError(ValueError):
    """The file of waivers is not what it should be; nothing is deployed until it is."""


class Waiver(BaseModel):
    """One resource that need not keep one rule, up to and including a day."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: _Text
    """The Pulumi stack; the same resource in another environment is not meant."""
    rule: _Text
    resource: _Text
    """The resource's name in the program."""
    reason: _Text
    expires: date

    @property
    def key(self) -> tuple[str, str, str]:
        return self.stack, self.rule, self.resource

    def __str__(self) -> str:
        return f"the waiver of {self.rule} for {self.resource} in {self.stack}"


def read(file: Path = FILE) -> tuple[Waiver, ...]:
    """Every waiver, or WaiversUnreadableError with everything that is wrong."""
    try:
        found = TypeAdapter(tuple[Waiver, ...]).validate_python(json.loads(file.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise WaiversUnreadableError(f"{file.name}: no JSON ({error}): write a list of waivers, [] for none") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise WaiversUnreadableError(f"{file.name}: {faults}: a waiver has {', '.join(Waiver.model_fields)}") from error
    twice = {one.key for one in found if [other.key for other in found].count(one.key) > 1}
    if twice:
        named = "; ".join(" ".join(key) for key in sorted(twice))
        raise WaiversUnreadableError(f"{file.name}: waived twice: {named}: keep one of them")
    return found


@dataclass
class Waivers:
    """What is waived today, and which of it was needed in this run of the pack."""

    given: tuple[Waiver, ...]
    today: date
    _needed: set[tuple[str, str, str]] = field(default_factory=set)

    @classmethod
    def now(cls) -> "Waivers":
        return cls(read(), datetime.now(UTC).date())

    def let_pass(self, urn: str, rule: str, resource: str) -> bool:
        """Whether this violation is waived; from then on the waiver counts as needed."""
        key = (stack_of(urn), rule, resource)
        self._needed.add(key)
        return any(one.key == key and one.expires >= self.today for one in self.given)

    def not_judged(self, urn: str, rule: str, resource: str) -> None:
        """Nobody can tell yet whether the waiver is needed."""
        self._needed.add((stack_of(urn), rule, resource))

    def faults(self, stack: str, rules: Iterable[str]) -> list[str]:
        """Why waivers must go or be renewed, once everything in *stack* has been judged."""
        known = set(rules)
        return [fault for one in self.given if (fault := self._fault(one, stack, known))]

    def _fault(self, waiver: Waiver, stack: str, rules: set[str]) -> str | None:
        if waiver.rule not in rules:
            return f"{waiver} names a rule that does not exist: correct or remove it"
        if waiver.stack != stack:
            return None
        if waiver.expires < self.today:
            return f"{waiver} has expired on {waiver.expires}: mend the resource, or give a new reason and day"
        if waiver.key not in self._needed:
            return f"{waiver} is not needed: remove it"
        return None


def stack_of(urn: str) -> str:
    """The Pulumi stack in a resource's URN, `urn:pulumi:<stack>::<project>::...`."""
    return urn.removeprefix("urn:pulumi:").split("::")[0]
