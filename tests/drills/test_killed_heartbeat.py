"""Where a heartbeat is killed: at every call of one beat, on stacks that it alone has to look after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from drills import killed_heartbeat
from drills.field import Field
from drills.killed_anywhere import Killed, Point
from drills.killed_heartbeat import LOST, Situation, _killed, _Play, _quiet
from tests.drills.conftest import RememberedStage

FUNCTION = "stackmend-sandbox-heartbeat"
CALLS = ("dynamodb:Query", "sqs:SendMessage", "dynamodb:Query")


@dataclass
class BeatingStage(RememberedStage):
    """Every beat about a stack makes the same calls; the first *deaf* kills never fire."""

    noted: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    deaf: int = 0
    killed: list[str] = field(default_factory=list)

    def follow(self, subject: str) -> None:
        self.noted.setdefault(subject, [])

    def followed(self, subject: str) -> list[dict[str, Any]]:
        return self.noted[subject]

    def kill_function(self, function: str, *, action: str, subject: str, number: int, moment: str) -> None:
        self.killed.append(f"{function} {moment} {action} #{number}")
        if len(self.killed) > self.deaf:
            self.noted[subject].append({"function": function, "action": action, "killed": moment})

    def beat(self, stack: str) -> None:
        self.noted[stack] += [{"function": FUNCTION, "action": action, "killed": None} for action in CALLS]


@pytest.fixture
def play(make_field: Callable[..., Field], monkeypatch: pytest.MonkeyPatch) -> _Play:
    """On stacks that are at rest as soon as they are looked at."""
    monkeypatch.setattr(killed_heartbeat, "_left", lambda *_: None)
    stage = BeatingStage()
    return _Play(field=make_field(stage=stage), beat=stage.beat, undos=[])


def situation(*actions: str) -> Situation:
    """One that needs no preparation but a beat of its own."""
    return Situation(
        name="s", title="", prepare=lambda _field, stack, beat: beat(stack), actions=frozenset(actions) if actions else None
    )


def test_every_call_of_one_beat_has_a_point_before_and_after_it(play: _Play) -> None:
    """What the preparation's own beat called does not count; a new process first asks for its session."""
    assert [str(one) for one in _quiet(play, situation())] == [
        f"heartbeat {moment} {call}"
        for call in ("sts:AssumeRole #1", "dynamodb:Query #1", "dynamodb:Query #2", "sqs:SendMessage #1")
        for moment in ("before", "after")
    ]


def test_a_situation_that_is_about_one_call_is_killed_there(play: _Play) -> None:
    """And one in which the beat does not make it shows nothing."""
    assert {one.action for one in _quiet(play, situation("sqs:SendMessage"))} == {"sqs:SendMessage"}
    with pytest.raises(AssertionError, match="made none of"):
        _quiet(play, situation("lambda:InvokeFunction"))


def test_a_kill_that_never_came_is_tried_on_another_stack(play: _Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat of the schedule was quicker; what is judged is the stack whose beat died."""
    monkeypatch.setattr(killed_heartbeat, "judge", lambda _field, _name, stack, _point, problem: (stack, problem))
    stage: Any = play.field.stage
    stage.deaf = 1
    point = Point(function="heartbeat", action="sqs:SendMessage", number=1, moment="after")

    judged: Any = _killed(play, situation(), 1, point)

    assert judged == ("app-beat-s-001-2", None)
    assert stage.killed == [f"{FUNCTION} after sqs:SendMessage #2"] * 2  # the first is the preparation's


def test_a_kill_that_never_comes_is_a_problem(play: _Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was shown, so nothing is said to hold."""
    monkeypatch.setattr(killed_heartbeat, "judge", lambda _field, _name, _stack, _point, problem: problem)
    stage: Any = play.field.stage
    stage.deaf = 1000

    problem: Killed | str = _killed(play, LOST_AT_ONCE, 1, Point(function="heartbeat", action="a:B", number=1, moment="before"))

    assert problem == "the kill came 0 times"


LOST_AT_ONCE = Situation(name=LOST.name, title=LOST.title, prepare=lambda *_: None, actions=None)
