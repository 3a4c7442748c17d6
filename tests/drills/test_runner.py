"""The order of a drill, its undo and its verdict."""

from collections.abc import Callable

import pytest

from drills.field import DrillTimeoutError, Field
from drills.journal import Journal, Verdict
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.runner import NotPreparedError, play, prepare


def holds(_field: Field) -> None:
    return None


def fails(_field: Field) -> str:
    return "it does not"


def a_drill(*, steps: tuple[Step, ...] = (), steady: tuple[Probe, ...] = (), expected: tuple[Expectation, ...] = ()) -> Drill:
    return Drill(name="d", title="D", stacks=(), steady_state=steady, method=steps, expectations=expected)


def expect(answer: Callable[[Field], str | None], standing: Standing = Standing.PROVEN) -> Expectation:
    return Expectation(probe=Probe(title="something", fails=answer), standing=standing)


def step(name: str, log: list[str], do: Callable[[Field], None] | None = None) -> Step:
    return Step(title=name, do=do or (lambda _: log.append(f"do {name}")), undo=lambda _: log.append(f"undo {name}"))


def test_undo_runs_last_first(make_field: Callable[..., Field]) -> None:
    """Every step is undone, in the opposite order, after the expectations were asked."""
    log: list[str] = []
    asked = Expectation(probe=Probe(title="asked", fails=lambda _: log.append("ask")))
    journal = play(a_drill(steps=(step("a", log), step("b", log)), expected=(asked,)), make_field(), Journal(drill="d"))

    assert log == ["do a", "do b", "ask", "undo b", "undo a"]
    assert journal.verdict is Verdict.HELD


def test_nothing_is_broken_when_the_steady_state_does_not_hold(make_field: Callable[..., Field]) -> None:
    """A drill on a world that is already broken would prove nothing: it is aborted before its first step."""
    log: list[str] = []
    journal = play(a_drill(steps=(step("a", log),), steady=(Probe(title="calm", fails=fails),)), make_field(), Journal(drill="d"))

    assert (journal.verdict, log) == (Verdict.ABORTED, [])
    assert [one.problem for one in journal.problems] == ["it does not"]


def test_every_expectation_is_asked_and_one_that_fails_deviates(make_field: Callable[..., Field]) -> None:
    """The reader gets all the reasons at once."""
    journal = play(a_drill(expected=(expect(fails), expect(holds), expect(fails))), make_field(), Journal(drill="d"))

    assert journal.verdict is Verdict.DEVIATED
    assert len(journal.problems) == 2


def test_what_is_not_proven_is_not_asked(make_field: Callable[..., Field]) -> None:
    """An expectation that nothing here can answer is neither a success nor a failure."""
    journal = play(a_drill(expected=(expect(fails, Standing.NOT_PROVEN),)), make_field(), Journal(drill="d"))

    assert (journal.verdict, journal.entries) == (Verdict.HELD, [])


def test_a_step_that_comes_too_late_deviates_and_is_undone(make_field: Callable[..., Field]) -> None:
    """A half-done step needs undoing too, and its reason stands in the journal."""
    log: list[str] = []

    def too_late(_field: Field) -> None:
        raise DrillTimeoutError("waited 1 s for: rain")

    journal = play(a_drill(steps=(step("a", log), step("b", log, too_late), step("c", log))), make_field(), Journal(drill="d"))

    assert log == ["do a", "undo b", "undo a"]
    assert journal.verdict is Verdict.DEVIATED
    assert [one.problem for one in journal.problems] == ["waited 1 s for: rain"]


def test_an_undo_that_fails_stops_no_other_and_no_drill_is_held_with_it(make_field: Callable[..., Field]) -> None:
    """A world that was not put back is part of the verdict."""
    log: list[str] = []

    def cannot(_field: Field) -> None:
        raise ValueError("stuck")

    broken = Step(title="b", do=lambda _: None, undo=cannot)
    journal = play(a_drill(steps=(step("a", log), broken)), make_field(), Journal(drill="d"))

    assert log == ["do a", "undo a"]
    assert journal.undo_problems == ["ValueError: stuck"]
    assert journal.verdict is Verdict.DEVIATED


def test_an_interrupted_drill_undoes_everything_and_never_looks_held(make_field: Callable[..., Field]) -> None:
    """Ctrl-C in the middle: the undo runs, and the journal keeps the verdict that it began with."""
    log: list[str] = []

    def interrupted(_field: Field) -> None:
        raise KeyboardInterrupt

    journal = Journal(drill="d")
    with pytest.raises(KeyboardInterrupt):
        play(a_drill(steps=(step("a", log), step("b", log, interrupted))), make_field(), journal)

    assert log == ["do a", "undo b", "undo a"]
    assert journal.verdict is Verdict.INTERRUPTED


def test_waiting_has_an_end(make_field: Callable[..., Field], said: list[str]) -> None:
    """What does not come is named, with the time that was given to it."""
    with pytest.raises(DrillTimeoutError, match=r"^waited 0 s for: rain$"):
        make_field().wait("rain", lambda: False, seconds=0)

    assert said == ["rain"]


def early(log: list[str], do: Callable[[Field], None] | None = None) -> Drill:
    """A drill that begins before the deployment."""
    late = step("late", log)
    return Drill(
        name="d", title="D", stacks=(), before=(step("early", log, do),), steady_state=(), method=(late,), expectations=()
    )


def test_what_comes_before_the_deployment_is_undone_after_the_drill(make_field: Callable[..., Field]) -> None:
    """Also what it remembered is there when the drill goes on, on another field."""
    log: list[str] = []
    drill, journal = early(log, lambda field: field.memory.update(found="it")), Journal(drill="d")
    prepared = prepare(drill, make_field(), journal)
    assert log == []

    later = make_field()
    play(drill, later, journal, prepared)

    assert log == ["do late", "undo late", "undo early"]
    assert later.memory == {"found": "it"}
    assert journal.verdict is Verdict.HELD


def test_a_preparation_that_failed_aborts_the_drill(make_field: Callable[..., Field]) -> None:
    """Nothing more is done, and what was begun is undone."""
    log: list[str] = []

    def too_late(_field: Field) -> None:
        raise DrillTimeoutError("waited")

    drill, journal = early(log, too_late), Journal(drill="d")
    play(drill, make_field(), journal, prepare(drill, make_field(), journal))

    assert (journal.verdict, log) == (Verdict.ABORTED, ["undo early"])


def test_what_begins_before_the_deployment_cannot_begin_after_it(make_field: Callable[..., Field]) -> None:
    """A drill that proves what happens at an installation would otherwise prove nothing."""
    with pytest.raises(NotPreparedError, match="d begins before the deployment"):
        play(early([]), make_field(), Journal(drill="d"))
