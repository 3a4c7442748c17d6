"""What cannot be read is refused by name, and what AWS adds to its events is no reason to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.events import (
    EventError,
    ExecutionEvent,
    ForeignEventError,
    FoundStack,
    MalformedEventError,
    OverdueAttempt,
    QueueMessage,
    StackEvent,
    UnknownStatusError,
    read_event,
    status_of,
)
from handlers.domain.outcome import IntakeOutcome, NoticeOutcome
from handlers.domain.status import StackStatus

EVENTS = Path(__file__).parents[2] / "events"
STACK_ID = "arn:aws:cloudformation:us-east-1:222222222222:stack/app-one/00000001"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def stack_event() -> dict[str, Any]:
    """The event as CloudFormation's user guide shows it."""
    event: dict[str, Any] = json.loads((EVENTS / "cloudformation_stack_status_change.json").read_text())
    return event


def read(body: object) -> QueueMessage:
    """Read a message for the cell of the tests."""
    return read_event(body if isinstance(body, str) else json.dumps(body), account="222222222222", region="us-east-1")


def test_a_status_event_is_read() -> None:
    """Stack, status, token and time."""
    event = read(stack_event())

    assert isinstance(event, StackEvent)
    assert event.stack_id == STACK_ID
    assert status_of(event) is StackStatus.UPDATE_ROLLBACK_FAILED
    assert event.token == "Console-UpdateStack-7f59c3cf-00d2-40c7-b2ff-e75db0987002"


@pytest.mark.parametrize("token", ["", None])
def test_no_token_is_none(token: str | None) -> None:
    """CloudFormation writes an empty text where no token was given."""
    raw = stack_event()
    raw["detail"]["client-request-token"] = token
    event = read(raw)

    assert isinstance(event, StackEvent)
    assert event.token is None


@pytest.mark.parametrize(
    "message",
    [
        FoundStack(stack_id=STACK_ID, reported="UPDATE_ROLLBACK_FAILED", found_at=NOON),
        OverdueAttempt(stack_id=STACK_ID, token="sm-1", found_at=NOON),
    ],
)
def test_the_heartbeats_words_come_back_as_they_were(message: FoundStack | OverdueAttempt) -> None:
    """What one function writes another reads."""
    assert read(message.model_dump_json()) == message


@pytest.mark.parametrize("body", ["", "no json", "[]", "null", "{}", '{"kind": "else"}', '{"detail-type": "EC2 Event"}', "7"])
def test_what_is_no_event_is_malformed(body: str) -> None:
    """Whatever it is, it is refused by name."""
    with pytest.raises(MalformedEventError, match="the message is no event that this queue carries"):
        read(body)


@given(body=st.text() | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps))
def test_no_text_crashes_the_reader(body: str) -> None:
    """Only the one named error comes out."""
    with pytest.raises(EventError):
        read(body)


@pytest.mark.parametrize("field", ["detail", "account", "time", "source", "id"])
def test_a_missing_field_is_malformed(field: str) -> None:
    """Half an event is none."""
    raw = stack_event()
    del raw[field]

    with pytest.raises(MalformedEventError, match=field):
        read(raw)


def test_what_is_not_about_a_stack_is_malformed() -> None:
    """The ARN must be a stack's."""
    raw = stack_event()
    raw["detail"]["stack-id"] = "arn:aws:s3:::bucket"

    with pytest.raises(MalformedEventError, match="is not a stack's ARN"):
        read(raw)


def test_an_unknown_status_is_refused_and_shown() -> None:
    """A status of tomorrow is nothing to guess at."""
    raw = stack_event()
    raw["detail"]["status-details"]["status"] = "UPDATE_DREAMING"

    with pytest.raises(UnknownStatusError, match="'UPDATE_DREAMING', a status that this version does not know"):
        read(raw)


@pytest.mark.parametrize(
    "change",
    [
        {"account": "333333333333"},
        {"region": "eu-west-1"},
        {"stack-id": "arn:aws:cloudformation:eu-west-1:222222222222:stack/app-one/1"},
        {"stack-id": "arn:aws:cloudformation:us-east-1:333333333333:stack/app-one/1"},
    ],
)
def test_another_accounts_or_regions_event_is_foreign(change: dict[str, str]) -> None:
    """Envelope and stack must both be of this cell."""
    raw = stack_event()
    raw["detail"].update({name: value for name, value in change.items() if name == "stack-id"})
    raw.update({name: value for name, value in change.items() if name != "stack-id"})

    with pytest.raises(ForeignEventError, match="check the rule that sent its event"):
        read(raw)


@pytest.mark.parametrize("error", [MalformedEventError, UnknownStatusError, ForeignEventError])
def test_every_refusal_is_an_outcome_of_both_queues(error: type[EventError]) -> None:
    """Counted and logged by the same name."""
    assert IntakeOutcome(error.outcome).value == NoticeOutcome(error.outcome).value


def test_an_executions_end_is_read() -> None:
    """As Step Functions' developer guide shows it."""
    event = ExecutionEvent.model_validate_json((EVENTS / "states_execution_status_change.json").read_text())

    assert (event.detail.name, event.detail.status) == ("r-1", "TIMED_OUT")
