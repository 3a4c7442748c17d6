"""Takes a person's answer, through a URL that tells who calls: keeps it, and only then wakes the recovery that waits.

Nobody may invoke this function but through its URL: whoever could call it directly could claim to be anybody.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handlers.domain.approval import Answer, Asking, Refused, Request, Said, is_session_of, why_refused
from handlers.domain.outcome import ApproveOutcome
from handlers.domain.records import DiagnosisNote
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, introduce, logger, metrics, report

_STATUS = {
    ApproveOutcome.ANSWERED: 200,
    ApproveOutcome.REPEATED: 200,
    ApproveOutcome.SHOWN: 200,
    ApproveOutcome.MALFORMED: 400,
    ApproveOutcome.NO_IDENTITY: 403,
    ApproveOutcome.NOT_AN_APPROVER: 403,
    ApproveOutcome.OWN_REQUEST: 403,
    ApproveOutcome.NO_SUCH_REQUEST: 404,
}
_CONFLICT = 409  # every other refusal: the request is not what it was


class _Iam(BaseModel):
    model_config = ConfigDict(extra="ignore")

    userArn: str  # noqa: N815 - Lambda's name for it


class _Authorizer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    iam: _Iam


class _Context(BaseModel):
    model_config = ConfigDict(extra="ignore")

    authorizer: _Authorizer | None = None


class UrlEvent(BaseModel):
    """A call of a function URL (Lambda guide, "Request payload format"), as far as it matters here."""

    model_config = ConfigDict(extra="ignore")

    requestContext: _Context  # noqa: N815 - Lambda's name for it
    body: str = ""
    isBase64Encoded: bool = False  # noqa: N815 - as above
    queryStringParameters: dict[str, str] = Field(default_factory=dict)  # noqa: N815 - as above

    @property
    def caller(self) -> str | None:
        """Whose signature IAM has checked."""
        return self.requestContext.authorizer.iam.userArn if self.requestContext.authorizer else None

    @property
    def content(self) -> bytes:
        """The body as it was sent."""
        return base64.b64decode(self.body) if self.isBase64Encoded else self.body.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the approver is told."""

    outcome: ApproveOutcome
    sentence: str
    shown: dict[str, Any] | None = None

    def http(self) -> dict[str, Any]:
        """The reply as a function URL gives it."""
        said = {"outcome": self.outcome.value, "sentence": self.sentence, "request": self.shown}
        return {
            "statusCode": _STATUS.get(self.outcome, _CONFLICT),
            "headers": {"content-type": "application/json"},
            "body": json.dumps(said),
        }


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer the function's URL."""
    runtime = worker()
    introduce(runtime.cell, "approve")
    reply = handle(event, runtime)
    report(reply.outcome, reason=reply.sentence)
    return reply.http()


def handle(event: dict[str, Any], runtime: Runtime) -> Reply:
    """Show the request that is named in the query, or take the answer in the body."""
    call = UrlEvent.model_validate(event)
    by = call.caller
    if by is None:
        return Reply(outcome=ApproveOutcome.NO_IDENTITY, sentence="IAM has not said who calls: use the function's URL, signed")
    about(by=by)
    if not call.body:
        return _show(call.queryStringParameters.get("approval_id", ""), by, runtime)
    try:
        said = Said.model_validate_json(call.content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the body"
        return Reply(outcome=ApproveOutcome.MALFORMED, sentence=f"{where}: {first['msg']}")
    return _take(said, by, runtime)


def _show(approval_id: str, by: str, runtime: Runtime) -> Reply:
    cell = runtime.cell
    if not is_session_of(by, account=cell.account, role=cell.asked.approver_role):
        return Reply(outcome=ApproveOutcome.NOT_AN_APPROVER, sentence=f"{by} is not an approver")
    request = runtime.requests.find(approval_id)
    if request is None:
        return Reply(outcome=ApproveOutcome.NO_SUCH_REQUEST, sentence=f"nobody has asked for {approval_id!r} in this cell")
    recovery = runtime.ledger.recovery(request.stack, request.recovery_id)
    answer = runtime.answers.find(approval_id)
    shown = request.shown() | {
        "diagnosis": _plain(recovery.diagnosis if recovery else None),
        "answer": answer.model_dump(mode="json") if answer else None,
    }
    return Reply(outcome=ApproveOutcome.SHOWN, sentence=request.reason, shown=shown)


def _plain(note: DiagnosisNote | None) -> dict[str, Any] | None:
    return note.model_dump(mode="json") if note else None


def _take(said: Said, by: str, runtime: Runtime) -> Reply:
    asking = _read(said, by, runtime)
    about(approval_id=said.approval_id, recovery_id=asking.request.recovery_id if asking.request else None)
    refused = why_refused(asking)
    if refused is not None or asking.request is None:
        return _refuse(refused)
    if asking.answer is None and not runtime.answers.keep(Answer.to(asking.request, said, by=by, at=asking.now)):
        return _take(said, by, runtime)  # somebody was quicker, and that answer now decides
    runtime.requests.answered(asking.request, asking.now)
    return _wake(asking.request, said, runtime, is_repeat=asking.answer is not None)


def _refuse(refused: Refused | None) -> Reply:
    if refused is None:
        return Reply(outcome=ApproveOutcome.NO_SUCH_REQUEST, sentence="nobody has asked")
    return Reply(outcome=refused.outcome, sentence=refused.sentence)


def _read(said: Said, by: str, runtime: Runtime) -> Asking:
    request = runtime.requests.find(said.approval_id)
    return Asking(
        request=request,
        answer=runtime.answers.find(said.approval_id),
        said=said,
        by=by,
        account=runtime.cell.account,
        approver_role=runtime.cell.asked.approver_role,
        claim=runtime.ledger.claim(request.stack) if request else None,
        status=runtime.stacks.generation(request.stack_id).status if request else "",
        now=runtime.clock(),
    )


def _wake(request: Request, said: Said, runtime: Runtime, *, is_repeat: bool) -> Reply:
    """After the answer is kept: a death in between is mended by the same answer again, or by the call for a second approver."""
    latest = runtime.requests.find(request.approval_id) or request  # the machine may have asked again with another token since
    if not runtime.machine.nudge(latest.task_token, request.approval_id):
        logger.warning("the execution does not wait any more", extra={"recovery_id": request.recovery_id})
    outcome = ApproveOutcome.REPEATED if is_repeat else ApproveOutcome.ANSWERED
    return Reply(outcome=outcome, sentence=f"{said.word.value}: {request.strategy} on {request.stack}")
