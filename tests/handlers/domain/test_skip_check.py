"""A skip is asked for only where CloudFormation would take it: the rollback's own events say so."""

from typing import Any

from handlers.domain.skip_check import check_against_events, skippable

ROOT = "arn:aws:cloudformation:us-east-1:222222222222:stack/shop/1"
CHILD = "arn:aws:cloudformation:us-east-1:222222222222:stack/shop-Web-1ABC/2"
STACK = "AWS::CloudFormation::Stack"


class Story:
    """A root stack's events in the order in which they happen; `told` gives them as DescribeStackEvents does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def say(self, logical_id: str, status: str, reason: str = "", **more: str) -> "Story":
        """One event, of the root's resource unless *more* says otherwise."""
        at = f"2026-03-04T12:{len(self.events):02}:00+00:00"
        usual = {"StackId": ROOT, "StackName": "shop", "ResourceType": "AWS::Lambda::Function", "PhysicalResourceId": "p"}
        event = {"EventId": f"e{len(self.events)}", "Timestamp": at, "LogicalResourceId": logical_id, "ResourceStatus": status}
        self.events.append(usual | event | {"ResourceStatusReason": reason} | more)
        return self

    def own(self, status: str, stack_id: str = ROOT) -> "Story":
        """A stack's word about itself."""
        name = stack_id.split("/")[1]
        return self.say(name, status, StackId=stack_id, StackName=name, ResourceType=STACK, PhysicalResourceId=stack_id)

    def inside(self, logical_id: str, status: str, reason: str = "") -> "Story":
        """A word about a resource of the nested stack."""
        return self.say(logical_id, status, reason, StackId=CHILD, StackName="shop-Web-1ABC")

    def nested(self, status: str, reason: str = "") -> "Story":
        """The root's word about the nested stack."""
        return self.say("Web", status, reason, ResourceType=STACK, PhysicalResourceId=CHILD)

    @property
    def told(self) -> list[dict[str, Any]]:
        """Newest first."""
        return self.events[::-1]


def a_failed_rollback() -> Story:
    """Trigger failed the update, Old the rollback; Late was cancelled by it."""
    story = Story().own("UPDATE_IN_PROGRESS").say("Trigger", "UPDATE_FAILED", "no such layer").own("UPDATE_ROLLBACK_IN_PROGRESS")
    story.say("Trigger", "UPDATE_COMPLETE").say("Old", "UPDATE_FAILED", "its key is gone")
    return story.say("Late", "UPDATE_FAILED", "Resource update cancelled").own("UPDATE_ROLLBACK_FAILED")


def test_only_what_the_rollback_itself_could_not_bring_back_is_skippable() -> None:
    """Not what failed the update before it, and not what was cancelled."""
    (found,) = skippable(a_failed_rollback().told)

    assert (found.name, found.resource_type, found.reason) == ("Old", "AWS::Lambda::Function", "its key is gone")


def test_a_request_is_told_what_is_wrong_with_it() -> None:
    """Name by name; what is legal stays legal."""
    check = check_against_events(["Old", "Late", "Trigger", "Old"], a_failed_rollback().told)

    assert [one.name for one in check.legal] == ["Old"]
    assert check.refused == {
        "Late": "its update was cancelled: it has not failed by itself",
        "Trigger": "no event of the rollback says that it failed",
    }
    assert not check.is_legal
    assert check_against_events(["Old"], a_failed_rollback().told).is_legal
    assert not check_against_events([], a_failed_rollback().told).is_legal


def test_what_failed_in_an_earlier_rollback_and_not_in_the_newest_is_not_skippable() -> None:
    """The stack was told to go on once more, and another resource stopped it."""
    story = a_failed_rollback().own("UPDATE_ROLLBACK_IN_PROGRESS").say("Other", "UPDATE_FAILED", "throttled")

    assert [one.name for one in skippable(story.own("UPDATE_ROLLBACK_FAILED").told)] == ["Other"]


def a_failed_nested_rollback(child_rests_in: str) -> Story:
    """Fn of the nested stack fails the rollback; the root says that the nested stack has failed."""
    story = Story().own("UPDATE_IN_PROGRESS").nested("UPDATE_FAILED", "Embedded stack was not successfully updated")
    story.own("UPDATE_ROLLBACK_IN_PROGRESS").own("UPDATE_ROLLBACK_IN_PROGRESS", CHILD).inside(
        "Fn", "UPDATE_FAILED", "its key is gone"
    )
    return story.own(child_rests_in, CHILD).nested("UPDATE_FAILED", "Embedded stack failed").own("UPDATE_ROLLBACK_FAILED")


def test_what_lies_in_a_nested_stack_is_named_by_that_stacks_name() -> None:
    """Its name, not its logical id in the root."""
    told = a_failed_nested_rollback("UPDATE_ROLLBACK_FAILED").told

    assert [one.name for one in skippable(told)] == ["shop-Web-1ABC.Fn"]
    assert check_against_events(["Fn", "Web"], told).refused == {
        "Fn": "it lies in a nested stack: name it shop-Web-1ABC.Fn",
        "Web": "it is a nested stack that is UPDATE_ROLLBACK_FAILED: name what failed in it, after its name and a dot",
    }


def test_a_nested_stack_is_skipped_itself_only_while_it_is_deleted_or_was() -> None:
    """CloudFormation takes its logical id in no other state."""
    told = a_failed_nested_rollback("DELETE_FAILED").told

    assert check_against_events(["Web"], told).is_legal


def test_without_a_rollback_nothing_is_skippable() -> None:
    """Nor without events."""
    story = Story().own("UPDATE_IN_PROGRESS").say("Fn", "UPDATE_FAILED", "no").own("UPDATE_FAILED")

    assert skippable(story.told) == ()
    assert skippable([]) == ()
    assert check_against_events(["Fn"], []).refused == {"Fn": "no event of the rollback says that it failed"}
