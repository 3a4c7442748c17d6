"""Where functions are killed: every call, both moments, and a sample that is fair and the same every time."""

from collections import Counter

from drills.killed_anywhere import MOMENTS, Point, points_of, spread

CALLS = [
    {"function": "stackmend-test-intake", "action": "dynamodb:GetItem", "killed": None},
    {"function": "stackmend-test-intake", "action": "dynamodb:GetItem", "killed": None},
    {"function": "stackmend-test-intake", "action": "states:StartExecution", "killed": None},
    {"function": "stackmend-test-heartbeat", "action": "sqs:SendMessage", "killed": None},
    {"function": "team-drill-part", "action": "dynamodb:GetItem", "killed": None},
    {"function": "stackmend-test-settle", "action": "dynamodb:TransactWriteItems", "killed": None},
]
PREFIX = "stackmend-test-"


def test_every_call_has_a_point_before_and_after_it() -> None:
    """A repeated call is told from the first by its number; a function that is not ours is left alone."""
    assert [str(one) for one in points_of(CALLS, PREFIX)] == [
        "intake before dynamodb:GetItem #1",
        "intake after dynamodb:GetItem #1",
        "intake before dynamodb:GetItem #2",
        "intake after dynamodb:GetItem #2",
        "intake before states:StartExecution #1",
        "intake after states:StartExecution #1",
        "settle before dynamodb:TransactWriteItems #1",
        "settle after dynamodb:TransactWriteItems #1",
    ]


def test_only_the_named_functions_are_killed() -> None:
    """Their calls alone, with the numbers that they have in the whole."""
    assert {one.function for one in points_of(CALLS, PREFIX, frozenset({"settle"}))} == {"settle"}


def test_a_sample_has_every_function_and_both_moments() -> None:
    """Four of eight: each function, each moment, and the calls that change something before those that read."""
    chosen = spread(points_of(CALLS, PREFIX), 4)

    assert Counter((one.function, one.moment) for one in chosen) == {
        (function, moment): 1 for function in ("intake", "settle") for moment in MOMENTS
    }
    assert {one.action for one in chosen} == {"states:StartExecution", "dynamodb:TransactWriteItems"}


def test_a_sample_is_the_same_every_time() -> None:
    """Nothing is drawn by lot, so a failure can be looked at again."""
    points = points_of(CALLS, PREFIX)

    assert spread(points, 3) == spread(points, 3)


def test_all_are_taken_where_no_sample_is_asked_for() -> None:
    """`make chaos` leaves none out; a sample larger than the whole neither."""
    points = points_of(CALLS, PREFIX)

    assert spread(points, None) == spread(points, 100) == points


def test_a_point_says_where_the_process_dies() -> None:
    """Function, moment, call."""
    point = Point(function="act-roll", action="cloudformation:ContinueUpdateRollback", number=1, moment="after")

    assert str(point) == "act-roll after cloudformation:ContinueUpdateRollback #1"
