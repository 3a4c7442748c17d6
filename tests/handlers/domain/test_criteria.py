"""A stack counts as recovered by what was seen, never by what was not looked at."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.domain.criteria import (
    AlarmSeen,
    Criterion,
    Demand,
    Verdict,
    alarms_quiet,
    broken,
    exports_kept,
    judge,
    not_proven,
)
from handlers.domain.status import StackStatus

HEALED = StackStatus.UPDATE_ROLLBACK_COMPLETE


def test_what_is_not_measured_is_not_proven() -> None:
    """Exports, template, alarms and drift are named, not passed over."""
    results = judge(status=HEALED, expected=frozenset({HEALED}), resources={"Queue": "CREATE_COMPLETE"})

    assert {each.criterion: each.verdict for each in results} == {
        "rests_healthy": Verdict.HOLDS,
        "resources_complete": Verdict.HOLDS,
        "exports_kept": Verdict.NOT_PROVEN,
        "template_intended": Verdict.NOT_PROVEN,
        "alarms_quiet": Verdict.NOT_PROVEN,
        "drift_none": Verdict.NOT_PROVEN,
    }
    assert broken(results) is None


def test_an_incomplete_resource_is_named_with_its_status() -> None:
    """After a skip the stack looks healthy and is not."""
    results = judge(status=HEALED, expected=frozenset(), resources={"Queue": "UPDATE_FAILED", "Topic": "UPDATE_COMPLETE"})

    failing = broken(results)
    assert failing is not None
    assert (failing.criterion, failing.observed) == ("resources_complete", "Queue is UPDATE_FAILED")


def test_what_was_left_behind_on_purpose_is_complete() -> None:
    """DELETE_SKIPPED is a DeletionPolicy at work."""
    assert broken(judge(status=HEALED, expected=frozenset(), resources={"Bucket": "DELETE_SKIPPED"})) is None


def test_another_end_than_the_operations_own_fails() -> None:
    """UPDATE_COMPLETE is healthy, but not where a continued rollback ends."""
    failing = broken(judge(status=StackStatus.UPDATE_COMPLETE, expected=frozenset({HEALED}), resources={}))

    assert failing is not None
    assert (failing.criterion, failing.observed) == ("rests_healthy", "UPDATE_COMPLETE")


def test_any_healthy_rest_will_do_where_we_did_nothing() -> None:
    """Somebody else's operation ends where it ends."""
    assert broken(judge(status=StackStatus.UPDATE_COMPLETE, expected=frozenset(), resources={})) is None


ENDED = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def alarm(state: str, seconds: int) -> AlarmSeen:
    """An alarm that looks five minutes back, in its state since *seconds* after the repair."""
    return AlarmSeen(name="errors", state=state, since=ENDED + timedelta(seconds=seconds), window_seconds=300)


@pytest.mark.parametrize(
    ("names", "seen", "looked_at", "verdict", "observed"),
    [
        ([], [], 5, Verdict.NOT_PROVEN, "no alarm watches it"),
        (["errors"], [alarm("OK", -900)], 5, Verdict.HOLDS, "1 of 1 are OK"),
        (["errors"], [alarm("ALARM", 2)], 5, Verdict.FAILS, "errors is in ALARM since 2026-03-04T12:00:02.000Z"),
        (["errors"], [alarm("ALARM", -60)], 5, Verdict.NOT_PROVEN, "errors is in ALARM since before the repair ended"),
        (["errors"], [alarm("ALARM", -60)], 300, Verdict.FAILS, "errors is in ALARM since 2026-03-04T11:59:00.000Z"),
        (["errors"], [alarm("INSUFFICIENT_DATA", -60)], 5, Verdict.NOT_PROVEN, "errors is INSUFFICIENT_DATA"),
        (["errors", "gone"], [alarm("OK", -60)], 5, Verdict.NOT_PROVEN, "gone does not exist"),
    ],
)
def test_an_alarm_is_believed_once_it_has_seen_what_came_after_the_repair(
    names: list[str], seen: list[AlarmSeen], looked_at: int, verdict: Verdict, observed: str
) -> None:
    """What rang because of the failure goes on ringing for a while; what rings anew is a new harm."""
    found = alarms_quiet(names, seen, ended_at=ENDED, now=ENDED + timedelta(seconds=looked_at))

    assert (found.verdict, found.observed) == (verdict, observed)
    assert found.resource == ("errors" if verdict is Verdict.FAILS else "")


def test_without_an_end_of_ours_a_ringing_alarm_proves_nothing() -> None:
    """The stack was healed by somebody else, at a moment that we do not know."""
    assert alarms_quiet(["errors"], [alarm("ALARM", 2)], ended_at=None, now=ENDED).verdict is Verdict.NOT_PROVEN


def test_exports_are_compared_with_what_was_imported_before() -> None:
    """What nobody imports may go; what nobody has looked at is not proven."""
    assert exports_kept(["a", "new"], ["a"]).verdict is Verdict.HOLDS
    assert exports_kept([], []).verdict is Verdict.HOLDS
    assert exports_kept(["a"], None).verdict is Verdict.NOT_PROVEN
    lost = exports_kept(["a"], ["a", "b"])
    assert (lost.verdict, lost.resource) == (Verdict.FAILS, "b")


def test_what_fails_goes_before_what_is_not_proven() -> None:
    """A person reads the worse of the two first."""
    results = judge(
        status=HEALED,
        expected=frozenset(),
        resources={},
        others=[exports_kept([], ["a"]), not_proven(Criterion.ALARMS_QUIET, "no alarm watches it")],
        demands={Criterion.ALARMS_QUIET: Demand.PROVE},
    )

    failing = broken(results)
    assert failing is not None
    assert failing.criterion == "exports_kept"
    unproven = broken([one for one in results if one is not failing])
    assert unproven is not None
    assert unproven.sentence == "criterion alarms_quiet is not proven: no alarm watches it"
