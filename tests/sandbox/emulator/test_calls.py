"""Reading the record while it is being written."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from sandbox.emulator.calls import Call, CallLog

CALL = Call(
    number=0, at=1.5, seconds=0.1, account="2", region="us-east-1", caller_arn="arn", service="sqs", action="sqs:SendMessage",
    resource="q", parameters={"QueueUrl": "u"}, status=200, error=None, consumed=None, request_id="r",
)  # fmt: skip


def test_reads_what_was_added_since(tmp_path: Path) -> None:
    """Each line once; numbers count from 0, so `since` is how many are known already."""
    path = tmp_path / "calls.jsonl"
    path.write_text(CALL.model_dump_json() + "\n", encoding="utf-8")
    log = CallLog(path)
    assert log.read() == [CALL]

    second = CALL.model_copy(update={"number": 1})
    with path.open("a", encoding="utf-8") as more:
        more.write(second.model_dump_json() + "\n")

    assert log.read(since=1) == [second]
    assert log.read() == [CALL, second]


def test_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    """Half a line is no call yet, and none is lost."""
    path, line = tmp_path / "calls.jsonl", CALL.model_dump_json()
    path.write_text(line[:20], encoding="utf-8")
    log = CallLog(path)
    assert log.read() == []

    path.write_text(line + "\n", encoding="utf-8")

    assert log.read() == [CALL]


def test_calls_are_not_changed() -> None:
    """They are evidence."""
    with pytest.raises(ValidationError, match="frozen"):
        CALL.error = "none"  # type: ignore[misc]
