"""A stack counts as recovered by what was seen, never by what was not looked at."""

from handlers.domain.criteria import Verdict, broken, judge
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
