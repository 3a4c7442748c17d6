"""Breakers open on repeated failure, let one try after a while, and count nothing twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain import breaker as rules
from handlers.domain.breaker import Breaker, Limit, UnknownBreakerError
from handlers.domain.cell import BreakerLimits

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LIMIT = Limit(count=3, window_seconds=600, open_seconds=300, longest_open_seconds=1000)
TRIAL_SECONDS = 7200


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(*failures: tuple[str, float]) -> Breaker:
    """A class's breaker that has counted these stacks at these moments."""
    breaker = Breaker(name="class:throttling")
    for stack, seconds in failures:
        breaker = rules.counted(breaker, stack, failed_at=at(seconds), now=at(seconds), limit=LIMIT)
    return breaker


OPEN = after(("a", 0), ("b", 1), ("c", 2))


def holds(breaker: Breaker, recovery: str, seconds: float) -> bool:
    return rules.holds(breaker, recovery, now=at(seconds), trial_seconds=TRIAL_SECONDS)


def test_it_opens_on_the_last_of_so_many() -> None:
    """Not before, and it says why."""
    assert not after(("a", 0), ("b", 1)).is_open
    assert OPEN.is_open
    assert OPEN.why == "3 stacks could not be repaired that failed with throttling within 600 s"
    assert OPEN.retry_at == at(302)


def test_the_same_stack_counts_once() -> None:
    """A repeat, and each of its attempts."""
    assert not after(("a", 0), ("a", 1), ("b", 2), ("b", 3)).is_open


def test_what_is_older_than_the_window_does_not_count() -> None:
    """Three in an hour are no burst."""
    assert not after(("a", 0), ("b", 601), ("c", 1300)).is_open


def test_one_may_try_when_its_time_is_over() -> None:
    """Before that nobody; then one, and the others wait for its end, or for as long as it can last."""
    assert holds(OPEN, "r-1", 301)
    assert not holds(OPEN, "r-1", 302)
    trying = rules.tried_by(OPEN, "r-1", at(303))
    assert not holds(trying, "r-1", 304)
    assert holds(trying, "r-2", 304)
    assert not holds(trying, "r-2", 303 + TRIAL_SECONDS)


@pytest.mark.parametrize(("succeeded", "is_open", "seconds"), [(True, False, 0), (False, True, 600), (None, True, 300)])
def test_a_trials_end_decides(succeeded: bool | None, is_open: bool, seconds: int) -> None:
    """Closed, open for twice as long, or as it was, for the next to try."""
    trying = rules.tried_by(OPEN, "r-1", at(310))

    ended = rules.concluded(trying, "r-1", succeeded=succeeded, now=at(320), limit=LIMIT)

    assert (ended.is_open, ended.open_seconds, ended.trial) == (is_open, seconds, None)
    assert rules.concluded(ended, "r-1", succeeded=False, now=at(330), limit=LIMIT) == ended


def test_somebody_elses_end_changes_nothing() -> None:
    """Only the one that tries decides."""
    trying = rules.tried_by(OPEN, "r-1", at(310))
    assert rules.concluded(trying, "r-2", succeeded=True, now=at(320), limit=LIMIT) == trying


def test_it_is_open_for_no_longer_than_the_longest() -> None:
    """Doubling ends."""
    breaker = OPEN
    for _ in range(5):
        trying = rules.tried_by(breaker, "r-1", at(10_000))
        breaker = rules.concluded(trying, "r-1", succeeded=False, now=at(10_000), limit=LIMIT)
    assert breaker.open_seconds == LIMIT.longest_open_seconds


def test_what_broke_before_it_closed_does_not_open_it_again() -> None:
    """All that waited is taken up at once, and may fail once more."""
    closed = rules.closed(OPEN, at(400))
    for stack in "abcd":
        closed = rules.counted(closed, stack, failed_at=at(10), now=at(410), limit=LIMIT)
    assert not closed.is_open
    assert not closed.failures


def test_a_failure_past_its_time_keeps_it_open() -> None:
    """Where nothing can try, as the cause is one that only people remove, each failure shows that it lasts."""
    again = rules.counted(OPEN, "d", failed_at=at(400), now=at(400), limit=LIMIT)
    assert (again.is_open, again.open_seconds) == (True, 600)
    assert again.opened_at == OPEN.opened_at


def test_it_closes_when_nothing_came_for_a_window() -> None:
    """Nobody is left to try."""
    assert not rules.is_quiet(OPEN, now=at(302 + 599), limit=LIMIT)
    assert rules.is_quiet(OPEN, now=at(302 + 600), limit=LIMIT)


def test_a_persons_word_closes_it_until_it_opens_anew() -> None:
    """The word stays in the record, and says nothing about a later opening."""
    word = {"by": "arn:aws:iam::222222222222:user/ada", "at": at(50), "reason": "the limit was raised"}
    reset = rules.as_reset(OPEN.model_copy(update=word))
    assert (reset.is_open, reset.reason, reset.since) == (False, "the limit was raised", at(50))
    anew = OPEN.model_copy(update={**word, "opened_at": at(60)})
    assert rules.as_reset(anew) == anew


def test_people_are_called_once_for_each_opening() -> None:
    """Also when a trial fails; not for a stack's own breaker, of which its recoveries told."""
    assert rules.needs_a_call(OPEN)
    told = rules.called(OPEN, OPEN, at(5))
    assert not rules.needs_a_call(told)
    trying = rules.tried_by(told, "r-1", at(310))
    assert not rules.needs_a_call(rules.concluded(trying, "r-1", succeeded=False, now=at(320), limit=LIMIT))
    assert not rules.needs_a_call(OPEN.model_copy(update={"name": "stack:app-a"}))
    later = OPEN.model_copy(update={"opened_at": at(99)})
    assert rules.called(later, OPEN, at(100)) == later


def test_the_call_names_what_it_counted() -> None:
    """One text for all."""
    text = rules.call_text(OPEN, "https://runbooks.example/alarms.md#breaker-open", at(5))
    assert "class:throttling" in text
    assert "a, b, c" in text
    assert text.endswith("https://runbooks.example/alarms.md#breaker-open")


@pytest.mark.parametrize("text", ["cell", "class:capacity", "stack:app-orders"])
def test_names_are_as_they_are_shown(text: str) -> None:
    """What `show` prints can be typed."""
    assert rules.named(text) == text


@pytest.mark.parametrize("text", ["", "class:", "class:fatigue", "stack:", "stack:-x", "cell:1", "Cell"])
def test_other_names_are_refused(text: str) -> None:
    """With those that there can be."""
    with pytest.raises(UnknownBreakerError, match="write cell, stack:NAME or class:CLASS, the class one of transient"):
        rules.named(text)


def test_a_class_can_have_a_number_of_its_own() -> None:
    """The others keep theirs; a stack counts within its own window."""
    limits = BreakerLimits.model_validate({"classes": {"capacity": 4}})
    assert rules.limit_of("class:capacity", limits).count == 4
    assert rules.limit_of("class:quota", limits).count == limits.class_stacks
    assert rules.limit_of("stack:app-a", limits).window_seconds == limits.stack_window_seconds
    assert rules.limit_of("cell", limits).count == limits.cell_stacks


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fails", "tries", "succeeds", "breaks down", "leads nowhere"]), st.integers(0, 5), st.integers(1, 400)
    ),
    max_size=60,
)


@given(STEPS)
def test_never_two_try_at_once_and_it_opens_only_on_enough(steps: list[tuple[str, int, int]]) -> None:
    """Whatever happens in whatever order: one trial, and never open with fewer distinct failures than the limit."""
    breaker, seconds, trying = Breaker(name="cell"), 0.0, set[str]()
    for step, number, passed in steps:
        seconds += passed
        recovery, was_open = f"r-{number}", breaker.is_open
        if step == "fails":
            breaker = rules.counted(breaker, f"app-{number}", failed_at=at(seconds), now=at(seconds), limit=LIMIT)
            assert was_open or breaker.is_open == (len(breaker.failures) >= LIMIT.count)
        elif step == "tries":
            if breaker.is_open and not holds(breaker, recovery, seconds):
                breaker, trying = rules.tried_by(breaker, recovery, at(seconds)), trying | {recovery}
        else:
            ended = {"succeeds": True, "breaks down": False, "leads nowhere": None}[step]
            breaker = rules.concluded(breaker, recovery, succeeded=ended, now=at(seconds), limit=LIMIT)
        assert breaker.trial is None or breaker.trial in trying
        others = [one for one in trying if one != breaker.trial]
        if breaker.trial is not None and breaker.trial_at is not None and seconds < (breaker.trial_at - NOW).total_seconds() + 1:
            assert all(holds(breaker, one, seconds) for one in others)
