"""The record of calls: what one entry holds, and how the starter of the emulator reads it while it grows."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict


class Call(BaseModel):
    """One API call as it was answered; numbers count up in the order of the answers, from 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    at: float  # when it arrived, seconds since the epoch
    seconds: float  # from arrival to answer
    account: str  # the caller's
    region: str
    caller_arn: str
    service: str
    action: str  # as IAM names it
    resource: str  # stack, table, queue, function... by its name; "" where the call names none
    parameters: dict[str, Any]  # flat; never credentials, task tokens or long bodies
    status: int
    error: str | None
    consumed: float | None  # DynamoDB capacity units
    request_id: str


class CallLog:
    """Reads the emulator's record as far as it has been written; each line is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._calls: list[Call] = []

    def read(self, since: int = 0) -> list[Call]:
        """Answer the calls from number *since* on; a line that is still being written waits for the next time."""
        with self._path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                self._calls.append(Call.model_validate_json(line))
        return self._calls[since:]
