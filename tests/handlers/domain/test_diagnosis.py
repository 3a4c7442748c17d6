"""The root cause is found through nested stacks, cancelled siblings, retries and holes in the history."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bench.corpus.render import failures, message_events, sequence_events, sequences
from bench.diagnosis import accepted, history, written_sequences
from handlers.domain.diagnosis import MOST_CAUSES, MOST_CONSEQUENCES, diagnose
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import FailureClass

STACK = "AWS::CloudFormation::Stack"
DENIED = "User: a is not authorized to perform: sns:CreateTopic (HandlerErrorCode: AccessDenied)"
THROTTLED = "Rate exceeded (Service: Lambda, Status Code: 429)"
INVALID = "1 validation error detected: Value null at 'name' failed to satisfy constraint"
CANCELLED = "Resource update cancelled"


def arn(stack: str) -> str:
    return f"arn:aws:cloudformation:us-east-1:111122223333:stack/{stack}/1"


def own(status: str, reason: str = "", *, stack: str = "app", token: str = "") -> dict[str, Any]:
    """A stack's word about itself."""
    return {**resource(stack, status, reason, stack=stack, token=token), "PhysicalResourceId": arn(stack), "ResourceType": STACK}


def resource(name: str, status: str, reason: str = "", *, stack: str = "app", token: str = "") -> dict[str, Any]:
    """A stack's word about one of its resources."""
    return {
        "StackId": arn(stack),
        "StackName": stack,
        "LogicalResourceId": name,
        "PhysicalResourceId": name.lower(),
        "ResourceType": "AWS::SNS::Topic",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "ClientRequestToken": token,
    }


def nested(name: str, child: str, status: str, reason: str = "") -> dict[str, Any]:
    """The root's word about a stack nested in it."""
    return {**resource(name, status, reason), "PhysicalResourceId": arn(child), "ResourceType": STACK}


def told(*events: dict[str, Any], step: float = 1.0) -> list[dict[str, Any]]:
    """Events as AWS returns them, newest first, *step* seconds apart."""
    begun = datetime(2026, 11, 1, tzinfo=UTC)
    dated = [
        {**event, "EventId": f"e{number}", "Timestamp": begun + timedelta(seconds=number * step)}
        for number, event in enumerate(events)
    ]
    return dated[::-1]


FAILED_UPDATE = (
    own("UPDATE_IN_PROGRESS", "User Initiated"),
    resource("Topic", "UPDATE_FAILED", DENIED),
    resource("Queue", "UPDATE_FAILED", CANCELLED),
    own("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Topic, Queue]."),
)


@pytest.mark.parametrize("row", failures(), ids=lambda row: row["id"])
def test_known_message_gets_its_class(row: dict[str, str]) -> None:
    """Every row of the corpus, through the door that everybody uses."""
    assert diagnose(message_events(row)).failure_class in accepted(row)


@pytest.mark.parametrize("row", [*sequences(), *written_sequences()], ids=lambda row: row["id"])
def test_known_sequence_gets_its_root_cause(row: dict[str, Any]) -> None:
    """Cause and class of every sequence, recorded or written."""
    found = diagnose(sequence_events(row))

    assert found.root_cause == row["root_cause_logical_id"]
    assert found.failure_class in accepted({"also_acceptable": "", **row})


def test_first_failure_is_the_cause_and_the_rest_follows() -> None:
    """Cancelled siblings and roll-ups are consequences; the stack's own word is evidence."""
    found = diagnose(told(*FAILED_UPDATE))

    assert (found.root_cause, found.failure_class, found.operation) == ("Topic", FailureClass.PERMISSION, "UPDATE")
    assert found.confidence is Confidence.HIGH
    assert [each.logical_id for each in found.evidence] == ["Topic", "app"]
    assert [each.logical_id for each in found.consequences] == ["Queue"]
    assert found.other_causes == ()
    assert found.stack_id == arn("app")


def test_cancelled_before_the_cause_is_still_no_cause() -> None:
    """Events of the same moment may come in any order."""
    cancelled, cause = resource("Queue", "UPDATE_FAILED", CANCELLED), resource("Topic", "UPDATE_FAILED", DENIED)

    assert diagnose(told(FAILED_UPDATE[0], cancelled, cause, FAILED_UPDATE[3])).root_cause == "Topic"


def test_independent_causes_are_listed() -> None:
    """What fails by itself is named, the first one first."""
    found = diagnose(told(FAILED_UPDATE[0], resource("A", "UPDATE_FAILED", INVALID), resource("B", "CREATE_FAILED", THROTTLED)))

    assert found.root_cause == "A"
    assert [(each.evidence.logical_id, each.failure_class) for each in found.other_causes] == [("B", FailureClass.THROTTLING)]


def test_only_the_newest_failing_operation_counts() -> None:
    """What failed last month is not why it fails today."""
    old = (own("UPDATE_IN_PROGRESS", "User Initiated", token="1"), resource("Old", "UPDATE_FAILED", INVALID, token="1"))
    found = diagnose(told(*old, own("UPDATE_ROLLBACK_COMPLETE", token="1"), *FAILED_UPDATE))

    assert (found.root_cause, len(found.other_causes)) == ("Topic", 0)


def test_healthy_operation_after_a_failure_hides_nothing() -> None:
    """Asked about a stack that is well again, the last failure is told."""
    well = (own("UPDATE_IN_PROGRESS", "User Initiated"), own("UPDATE_COMPLETE"))

    assert diagnose(told(*FAILED_UPDATE, own("UPDATE_ROLLBACK_COMPLETE"), *well)).root_cause == "Topic"


STUCK = (resource("Bucket", "UPDATE_FAILED", THROTTLED), own("UPDATE_ROLLBACK_FAILED", "The following resource(s) failed"))


def test_failed_rollback_keeps_the_first_cause_and_tells_what_stopped_it() -> None:
    """The root cause is the story's first failure; what keeps the stack stuck is told beside it, and shown as evidence."""
    found = diagnose(told(*FAILED_UPDATE, *STUCK))

    assert (found.root_cause, found.operation, found.failure_class) == ("Topic", "UPDATE", FailureClass.PERMISSION)
    stopped_by = [(each.evidence.logical_id, each.failure_class) for each in found.rollback_stopped_by]
    assert stopped_by == [("Bucket", FailureClass.THROTTLING)]
    assert [each.logical_id for each in found.evidence] == ["Topic", "Bucket", "app"]


def test_failed_rollback_alone_is_its_own_cause() -> None:
    """An excerpt that begins after the update's failure."""
    found = diagnose(told(*FAILED_UPDATE[-1:], *STUCK))

    assert (found.root_cause, found.operation) == ("Bucket", "UPDATE_ROLLBACK")
    assert [each.evidence.logical_id for each in found.rollback_stopped_by] == ["Bucket"]


def test_excerpt_without_the_rollbacks_beginning_lets_every_cause_have_stopped_it() -> None:
    """Nothing says which failure came before it and which after."""
    found = diagnose(told(resource("Topic", "UPDATE_FAILED", DENIED), *STUCK))

    assert found.root_cause == "Topic"
    assert [each.evidence.logical_id for each in found.rollback_stopped_by] == ["Topic", "Bucket"]


def test_continued_rollback_is_an_operation_of_its_own() -> None:
    """Each ContinueUpdateRollback that fails has its own cause, and the newest counts."""
    first = (resource("Bucket", "UPDATE_FAILED", THROTTLED), own("UPDATE_ROLLBACK_FAILED"))
    again = (
        own("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", token="sm-2"),
        resource("Role", "UPDATE_FAILED", DENIED, token="sm-2"),
        own("UPDATE_ROLLBACK_FAILED", token="sm-2"),
    )
    found = diagnose(told(*FAILED_UPDATE, *first, *again))

    assert (found.root_cause, found.operation, found.failure_class) == ("Role", "UPDATE_ROLLBACK", FailureClass.PERMISSION)


def test_rollback_that_went_well_leaves_the_cause_where_it_was() -> None:
    """A failed delete of the clean-up is no cause of the update's failure."""
    cleaned = (resource("New", "DELETE_FAILED", THROTTLED), own("UPDATE_ROLLBACK_COMPLETE"))

    assert diagnose(told(*FAILED_UPDATE, *cleaned)).root_cause == "Topic"


def test_delete_that_succeeded_at_last_is_no_failure() -> None:
    """CloudFormation tries a delete several times."""
    begun = own("DELETE_IN_PROGRESS", "User Initiated")
    retried = (resource("Group", "DELETE_FAILED", "has a dependent object"), resource("Group", "DELETE_COMPLETE"))
    found = diagnose(told(begun, *retried, resource("Bucket", "DELETE_FAILED", "is not empty"), own("DELETE_FAILED")))

    assert (found.root_cause, found.operation, found.failure_class) == ("Bucket", "DELETE", FailureClass.DEPENDENCY_IN_USE)


NESTED = (
    own("UPDATE_IN_PROGRESS", "User Initiated"),
    own("UPDATE_IN_PROGRESS", "User Initiated", stack="child"),
    resource("Deep", "UPDATE_FAILED", INVALID, stack="child"),
    own("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Deep].", stack="child"),
    nested("Child", "child", "UPDATE_FAILED", f"Embedded stack {arn('child')} was not successfully updated. Currently in X"),
    own("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Child]."),
)


@pytest.mark.parametrize("step", [1.0, 0.0], ids=["in time", "all at once"])
def test_cause_is_followed_into_the_nested_stack(step: float) -> None:
    """One list, told apart by StackId; the parent's word is a consequence."""
    found = diagnose(told(*NESTED, step=step))

    assert (found.root_cause, found.stack_id) == ("Deep", arn("child"))
    assert "Child" in [each.logical_id for each in found.consequences]


def test_nested_rollback_before_the_roots_is_no_failed_rollback() -> None:
    """A child rolls back before its parent does; only what fails after that stopped a rollback."""
    found = diagnose(told(*NESTED, resource("Deep", "UPDATE_FAILED", THROTTLED, stack="child"), own("UPDATE_ROLLBACK_FAILED")))

    assert (found.root_cause, found.failure_class) == ("Deep", FailureClass.INVALID_INPUT)
    assert [each.failure_class for each in found.rollback_stopped_by] == [FailureClass.THROTTLING]


def test_lists_of_several_stacks_one_after_the_other_are_put_in_order() -> None:
    """A saved tree is often one list per stack: time decides, not the place in the file."""
    events = told(*NESTED)
    by_stack = sorted(events, key=lambda event: str(event["StackId"]))

    assert diagnose(by_stack).root_cause == "Deep"


def test_embedded_reason_stands_where_the_child_is_not_shown() -> None:
    """The parent quotes the child's reason: better than nothing."""
    quoted = f"Embedded stack {arn('child')} was not successfully updated: No export named vpc found"
    found = diagnose(told(NESTED[0], nested("Child", "child", "UPDATE_FAILED", quoted), NESTED[5]))

    assert (found.root_cause, found.failure_class) == ("Child", FailureClass.NOT_FOUND)


def test_stack_itself_can_be_the_cause() -> None:
    """What fails before any resource is touched is told by the stack."""
    found = diagnose(
        told(own("CREATE_IN_PROGRESS"), own("ROLLBACK_IN_PROGRESS", "No export named x found. Rollback requested by user."))
    )

    assert (found.root_cause, found.failure_class) == ("app", FailureClass.NOT_FOUND)


def test_roll_up_alone_names_one_resource_and_no_class() -> None:
    """A list of one is a name; a list of two is a guess, and guessing is not answered."""
    one = diagnose(told(own("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Topic].")))
    two = diagnose(told(own("UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Topic, Queue].")))

    assert (one.root_cause, one.failure_class) == ("Topic", FailureClass.UNKNOWN)
    assert (two.root_cause, two.failure_class) == (None, FailureClass.UNKNOWN)


def test_cancelled_alone_has_no_cause() -> None:
    """A cancelled resource never is the cause; the excerpt does not show it."""
    found = diagnose(told(resource("Queue", "UPDATE_FAILED", CANCELLED)))

    assert (found.root_cause, found.failure_class, found.operation) == (None, FailureClass.CANCELLED, "UPDATE")


def test_excerpts_are_cut_by_their_tokens() -> None:
    """Without a beginning in sight, the request token tells yesterday's operation from today's."""
    old = resource("Old", "UPDATE_FAILED", INVALID, token="1")

    assert diagnose(told(old, resource("New", "UPDATE_FAILED", DENIED, token="2"))).root_cause == "New"


def test_silent_failure_is_named() -> None:
    """A failure without a reason is still where to look."""
    found = diagnose(told(FAILED_UPDATE[0], resource("Topic", "UPDATE_FAILED"), FAILED_UPDATE[3]))

    assert (found.root_cause, found.failure_class, found.reason) == ("Topic", FailureClass.UNKNOWN, "")


@pytest.mark.parametrize("missing", ["StackId", "StackName", "PhysicalResourceId", "Timestamp", "EventId", "ClientRequestToken"])
def test_missing_fields_do_not_hide_the_cause(missing: str) -> None:
    """Saved events were often cut down by somebody."""
    events = [{key: value for key, value in event.items() if key != missing} for event in told(*FAILED_UPDATE)]

    assert diagnose(events).root_cause == "Topic"


@pytest.mark.parametrize("turn", [list, lambda events: events[::-1]], ids=["newest first", "oldest first"])
def test_order_of_the_list_does_not_matter_where_times_tell(turn: Any) -> None:
    """Logs are saved both ways round."""
    second = resource("Later", "UPDATE_FAILED", INVALID)

    assert diagnose(turn(told(*FAILED_UPDATE[:2], second, FAILED_UPDATE[3]))).root_cause == "Topic"


def test_times_may_be_text_of_several_forms() -> None:
    """The CLI, boto3 and people write them differently."""
    forms = [
        "2026-11-01T00:00:03Z",
        "2026-11-01T00:00:02.100000+00:00",
        "2026-11-01 00:00:01.5",
        datetime(2026, 11, 1, tzinfo=UTC),
    ]
    events = [{**event, "Timestamp": at} for event, at in zip(told(*FAILED_UPDATE), forms, strict=True)]

    assert diagnose(events).root_cause == "Topic"


def test_events_that_came_twice_count_once() -> None:
    """Pages overlap, and lists are merged."""
    events = told(*FAILED_UPDATE)

    assert diagnose(events + events) == diagnose(events)


def test_hook_tells_its_reason_in_a_field_of_its_own() -> None:
    """The resource's reason may name the hook alone."""
    refused = {**resource("Topic", "CREATE_FAILED", "The following hook(s) failed: [My::Hook]"), "HookStatusReason": "no tags"}
    found = diagnose(told(FAILED_UPDATE[0], refused))

    assert (found.rule, found.failure_class) == ("hook-refused", FailureClass.INVALID_INPUT)


def test_answer_stays_small() -> None:
    """Thousands of failures are not all listed: a ledger item and a person have limits."""
    found = diagnose(history(size=500, failing=400))

    assert len(found.other_causes) == MOST_CAUSES
    assert len(found.consequences) <= MOST_CONSEQUENCES


@pytest.mark.parametrize(
    "events", [[], [{}], told(own("CREATE_IN_PROGRESS"), own("CREATE_COMPLETE"))], ids=["none", "empty", "well"]
)
def test_no_failure_is_no_diagnosis(events: list[dict[str, Any]]) -> None:
    """Nothing failed: unknown, without evidence."""
    found = diagnose(events)

    assert (found.failure_class, found.root_cause, found.evidence) == (FailureClass.UNKNOWN, None, ())


def test_long_histories_and_reasons_work() -> None:
    """10,000 events and a reason of 100 kB are read; `bench` says in what time."""
    events = told(*FAILED_UPDATE[:1], *[resource(f"R{n}", "UPDATE_COMPLETE") for n in range(10_000)], *FAILED_UPDATE[1:])
    huge = told(FAILED_UPDATE[0], resource("Topic", "UPDATE_FAILED", DENIED + " (a.B" * 25_000))

    assert diagnose(events).root_cause == "Topic"
    assert diagnose(huge).failure_class is FailureClass.PERMISSION


def test_read_from_json_it_is_the_same() -> None:
    """What was saved and read again gets the same answer."""
    events = told(*NESTED)

    assert diagnose(json.loads(json.dumps(events, default=str))).root_cause == diagnose(events).root_cause


ODD = some.one_of(
    some.none(),
    some.integers(),
    some.floats(),
    some.text(max_size=20),
    some.binary(max_size=5),
    some.datetimes(),
    some.lists(some.integers(), max_size=2),
)
WORDS = some.sampled_from(
    [
        STACK,
        "app",
        arn("app"),
        "UPDATE_IN_PROGRESS",
        "UPDATE_FAILED",
        "ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_FAILED",
        DENIED,
        CANCELLED,
        "Embedded stack x was not successfully updated: ",
        "2026-11-01T00:00:00Z",
        "[",
        "",
    ]
)
FIELDS = some.sampled_from([*resource("a", "b"), "Timestamp", "EventId", "HookStatusReason"])


@settings(max_examples=400, deadline=None)
@given(some.lists(some.one_of(ODD, some.dictionaries(FIELDS, some.one_of(ODD, WORDS), max_size=10)), max_size=12))
def test_garbage_is_answered_too(events: list[Any]) -> None:
    """Whatever stands in the list, the answer is a diagnosis and never an error."""
    assert diagnose(events).failure_class in FailureClass
