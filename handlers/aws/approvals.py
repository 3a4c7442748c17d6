"""What is asked of people, in the ledger, and what they answered, in a table that only the approve function writes."""

from collections.abc import Iterable
from datetime import datetime

from handlers.aws.ledger_items import SCHEMA_VERSION, expiry, stack_pk
from handlers.aws.table import Table
from handlers.domain.approval import Answer, Request
from handlers.domain.moment import iso
from handlers.domain.records import FailureState


class RequestGoneError(Exception):
    """A request was asked for a recovery that the ledger does not hold as open: there is nobody to ask for."""


def _pk(approval_id: str) -> str:
    return f"APPROVAL#{approval_id}"


class Requests:
    """The requests, beside the records of the recoveries that ask."""

    def __init__(self, table: Table, *, days: int) -> None:
        self._table = table
        self._days = days

    def find(self, approval_id: str) -> Request | None:
        """Read a request, consistently."""
        item = self._table.get(_pk(approval_id), "REQUEST")
        return Request.model_validate(item) if item else None

    def ask(self, request: Request) -> None:
        """Keep a request, and let its failure say that it waits for a word; both or none.

        Raises RequestGoneError when the failure is not this recovery's any more.
        """
        item = {
            "pk": _pk(request.approval_id),
            "sk": "REQUEST",
            "schema_version": SCHEMA_VERSION,
            **request.model_dump(mode="json", exclude_none=True),
            "expires_at": expiry(request.valid_until, self._days),
        }
        put = self._table.put(item, "attribute_not_exists(pk) OR recovery_id = :recovery", {":recovery": request.recovery_id})
        waits = self._table.change(
            (stack_pk(request.stack), f"FAILURE#{request.failure_id}"),
            "#state = :open AND recovery_id = :recovery",
            sets={"approval_id": request.approval_id},
            values={":open": FailureState.OPEN.value, ":recovery": request.recovery_id},
        )
        if not self._table.do_all(put, waits):
            raise RequestGoneError(f"{request.recovery_id} does not answer for {request.stack} any more")

    def told(self, request: Request, calls: Iterable[str]) -> None:
        """Note which calls went out."""
        key = (_pk(request.approval_id), "REQUEST")
        self._table.do(self._table.change(key, "attribute_exists(pk)", sets={"told": sorted(calls)}))

    def answered(self, request: Request, at: datetime) -> None:
        """Let the failure say that it waits for nobody; a failure that has moved on is left alone."""
        key = (stack_pk(request.stack), f"FAILURE#{request.failure_id}")
        condition = "recovery_id = :recovery"
        sets, values = {"answered_at": iso(at)}, {":recovery": request.recovery_id}
        self._table.do(self._table.change(key, condition, sets=sets, removes=("approval_id",), values=values))


class Answers:
    """The approvals table: one answer for each request, written once and never changed."""

    def __init__(self, table: Table, *, days: int) -> None:
        self._table = table
        self._days = days

    def find(self, approval_id: str) -> Answer | None:
        """Read an answer, consistently."""
        item = self._table.get(_pk(approval_id), "ANSWER")
        return Answer.model_validate(item) if item else None

    def keep(self, answer: Answer) -> bool:
        """Write an answer; False when there is one already, which then stands."""
        item = {
            "pk": _pk(answer.approval_id),
            "sk": "ANSWER",
            "schema_version": SCHEMA_VERSION,
            **answer.model_dump(mode="json"),
            "expires_at": expiry(answer.at, self._days),
        }
        return self._table.do(self._table.put(item, "attribute_not_exists(pk)")) is not None
