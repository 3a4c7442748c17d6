"""The engine's event log is read as it grows, and a failure is told in sentences."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.engine.events import Event, EventLog, changes, complaints, type_and_name

URN = "urn:pulumi:sandbox::stackmend::stackmend:cell:RecoveryCell$aws:sqs/queue:Queue::cell-intake"


def _event(**fields: Any) -> Event:
    return Event.model_validate({"sequence": 1, "timestamp": 2, **fields})


def _resource(operation: str = "create") -> dict[str, Any]:
    return {"metadata": {"op": operation, "urn": URN, "type": "aws:sqs/queue:Queue", "old": None, "new": {}}}


def _violation(level: str, message: str = "Queues are encrypted.\nturn on sqs_managed_sse_enabled\n") -> Event:
    fields = {"resourceUrn": URN, "message": message, "policyName": "queue-is-encrypted", "enforcementLevel": level}
    return _event(policyEvent=fields)


def _diagnostic(severity: str, message: str, urn: str = "") -> Event:
    return _event(diagnosticEvent={"severity": severity, "message": message, "urn": urn, "color": "never"})


def test_type_and_name_are_the_resources_own() -> None:
    """A parent's type stands before the `$`; the reader is told the child's."""
    assert type_and_name(URN) == ("aws:sqs/queue:Queue", "cell-intake")


def test_name_may_hold_colons() -> None:
    """Logical names are free text; only the first three separators are the engine's."""
    assert type_and_name("urn:pulumi:s::p::t:x:C::a::b") == ("t:x:C", "a::b")


@pytest.mark.parametrize(
    ("field", "state"),
    [("resourcePreEvent", "begun"), ("resOutputsEvent", "done"), ("resOpFailedEvent", "failed")],
)
def test_step_says_how_far_a_resource_is(field: str, state: str) -> None:
    """Each of the three events of a resource becomes a step with its state."""
    step = _event(**{field: _resource("update")}).step()

    assert step is not None
    assert step.model_dump() == {
        "state": state,
        "operation": "update",
        "resource_type": "aws:sqs/queue:Queue",
        "name": "cell-intake",
    }


def test_other_events_are_no_steps() -> None:
    """Diagnostics, summaries and kinds that a later engine adds move no progress bar."""
    assert _diagnostic("info", "hello").step() is None
    assert _event(brandNewEvent={"x": 1}).step() is None


def test_changes_come_from_the_last_summary() -> None:
    """An engine that previews first sums up twice; what was done is the second."""
    events = [_event(summaryEvent={"resourceChanges": {"create": 2}}), _event(summaryEvent={"resourceChanges": {"same": 2}})]

    assert changes(events) == {"same": 2}
    assert changes([]) == {}


def test_complaints_tell_refusals_first_and_nothing_twice() -> None:
    """Policies that stop the update, then errors; advice, warnings and debug lines are left out."""
    events = [
        _diagnostic("debug", "noise"),
        _diagnostic("warning", "careful"),
        _diagnostic("error", "AccessDenied: no\n", URN),
        _diagnostic("error", "update failed\n"),
        _violation("advisory"),
        _violation("mandatory"),
        _violation("mandatory"),
    ]

    assert complaints(events) == [
        "policy queue-is-encrypted refuses aws:sqs/queue:Queue cell-intake: Queues are encrypted.\nturn on sqs_managed_sse_enabled",
        "aws:sqs/queue:Queue cell-intake: AccessDenied: no",
        "update failed",
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=6), st.data())
def test_log_gives_every_event_once_however_it_is_cut(messages: list[str], data: st.DataObject) -> None:
    """The engine's writes may be seen half; no event is lost, repeated or read before its line has ended."""
    lines = [json.dumps({"diagnosticEvent": {"message": text, "severity": "info"}}) + "\n" for text in messages]
    whole = "".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    growing = io.StringIO()
    log, read = EventLog(growing), list[Event]()

    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        position = growing.tell()
        growing.seek(0, io.SEEK_END)
        growing.write(whole[start:end])
        growing.seek(position)
        read += log.new()

    assert messages == [event.diagnostic_event.message for event in read if event.diagnostic_event]


def test_unreadable_line_is_an_error(tmp_path: Path) -> None:
    """A log that is no longer what it was is said, not skipped."""
    path = tmp_path / "events"
    path.write_text("not json\n")

    with path.open() as stream, pytest.raises(ValidationError):
        EventLog(stream).new()
