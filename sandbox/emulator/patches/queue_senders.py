"""SQS names who sent a message: the unique id of the principal, and of a role's session its name too."""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import lambda_svc, sqs

from sandbox.emulator.hooks import replace
from sandbox.emulator.request import CURRENT


def install() -> None:
    """Let a message that is sent bear its sender, to a function too; those of AWS's own services keep what the emulator says."""
    replace(sqs, "_build_send_sys_attrs", _with_its_sender)
    replace(lambda_svc, "_run_sqs_batch", _with_their_senders)


def _with_its_sender(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def build(*given: Any) -> dict[str, Any]:  # noqa: ANN401 - the original's
        attributes = original(*given)
        request = CURRENT.get()
        if request is not None and request.access_key:
            principal = iam_evaluator.resolve_principal(request.access_key, get_account_id())
            user_id = "" if isinstance(principal, iam_evaluator.AuthError) else str(principal.keys.get("aws:userid", ""))
            attributes |= {"SenderId": user_id} if user_id else {}
        return attributes

    return build


def _with_their_senders(original: Callable[..., None]) -> Callable[..., None]:
    """The emulator builds a function's event anew, and puts the queue's account in the sender's place."""

    def run(esm: Any, function: Any, event: dict[str, Any], batch: list[dict[str, Any]], *where: Any) -> None:  # noqa: ANN401
        senders = {one["id"]: (one.get("sys") or {}).get("SenderId") for one in batch}
        for record in event["Records"]:
            if sender := senders.get(record["messageId"]):
                record["attributes"]["SenderId"] = sender
        original(esm, function, event, batch, *where)

    return run
