"""The words in which a person is asked."""

from typing import Literal

from handlers.domain.approval import ON_EXPIRY, Request
from handlers.domain.moment import iso

Call = Literal["first", "second"]

_HEADLINES = {
    "first": "{stack} waits for an approval ({approval})",
    "second": "nobody has answered for {stack}: a second approver is asked ({approval})",
}


def text_of(request: Request, call: Call, *, environment: str, runbook_url: str) -> tuple[str, str]:
    """Subject and text: what will be done, why, its risk, what happens without an answer, and how to give one."""
    headline = _HEADLINES[call].format(stack=request.stack.name, approval=request.approval_id)
    ways = (f"stackmend {verb} {request.approval_id} --reason '...'" for verb in ("approve", "reject"))
    lines = [
        f"{request.stack} is {request.status}, and its recovery asks for your word.",
        f"What would be done: {request.strategy} (attempt {request.attempt})",
        f"Why: {request.reason}",
        f"Risk: {request.risk.value}",
        f"Without an answer until {iso(request.valid_until)}: {ON_EXPIRY}.",
        f"To answer: {'  or  '.join(ways)}",
        f"In: {request.stack.account}/{request.stack.region}; plan {request.plan_digest}",
        f"Who may answer, and what to look at first: {runbook_url}#approvals",
        f"Recovery: {request.recovery_id}",
    ]
    if request.asked_for:
        lines.insert(1, f"Started by {request.asked_for}, who may not approve it.")
    return f"Stackmend {environment}: {headline}", "\n".join(lines)
