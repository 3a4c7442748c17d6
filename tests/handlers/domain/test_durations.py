"""What a recovery is expected to last."""

import pytest

from handlers.domain.durations import History, Seen, expected, learnt

DATABASE, TOPIC = "AWS::RDS::DBInstance", "AWS::SNS::Topic"


def test_a_stack_lasts_as_long_as_the_slowest_of_its_types() -> None:
    """On average, of those that are known."""
    history = {DATABASE: Seen(2, 1800.0), TOPIC: Seen(3, 30.0)}

    assert expected(history, [TOPIC, DATABASE, "AWS::X::Y"]) == 900
    assert expected(history, [TOPIC]) == 10


def test_until_anything_is_known_the_default_stands() -> None:
    """As the strategies state it."""
    assert expected({}, [DATABASE]) == 300
    assert expected({TOPIC: Seen(1, 5.0)}, [DATABASE], default=60) == 60


def test_the_slowest_type_answers_for_a_recovery() -> None:
    """A topic beside a database has not become slow."""
    history: History = {DATABASE: Seen(1, 900.0), TOPIC: Seen(1, 10.0)}

    assert learnt(history, [TOPIC, DATABASE], 1100.0) == {DATABASE: Seen(2, 2000.0), TOPIC: Seen(1, 10.0)}


def test_what_was_never_seen_is_believed_to_have_been_slow() -> None:
    """Until it is seen elsewhere."""
    history = learnt({}, [TOPIC, DATABASE], 900.0)
    for _ in range(9):
        history = learnt(history, [TOPIC], 10.0)

    assert expected(history, [TOPIC]) == pytest.approx(99.0)
    assert expected(history, [DATABASE]) == 900


def test_a_stack_without_resources_teaches_nothing() -> None:
    """There is nothing that it could have waited for."""
    assert learnt({}, [], 10.0) == {}
