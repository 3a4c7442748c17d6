"""A field without AWS: people and a stage that remember, and a cell as its settings would say it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from drills.field import Field
from tests.cells import a_cell


@dataclass
class RememberedStage:
    """Stands in for the recorder: plays back what the test gives it."""

    seen: list[Any] = field(default_factory=list)
    suppressed: set[str] = field(default_factory=set)

    def calls(self, since: int = 0) -> Sequence[Any]:
        return self.seen[since:]

    def suppress_status_events(self, account: str, region: str, stack_name: str) -> None:
        self.suppressed.add(stack_name)

    def restore_status_events(self, account: str, region: str, stack_name: str) -> None:
        self.suppressed.discard(stack_name)


class Nobody:
    """A person who must not be asked in a unit test."""

    def client(self, service: str) -> Any:
        raise AssertionError(f"nobody may call {service} here")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make_field(said: list[str]) -> Callable[..., Field]:
    def make(**given: Any) -> Field:
        people: dict[str, Any] = {role: Nobody() for role in ("team", "operator", "hub_operator", "on_call")}
        return Field(cell=a_cell(), say=said.append, **({**people, "stage": RememberedStage()} | given))

    return make
