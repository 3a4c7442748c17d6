"""Every API call, in the order of the answers: from outside, from functions, and a state machine's own calls of functions."""

import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.core.router import detect_service, extract_access_key_id, extract_region
from ministack.services import stepfunctions

from sandbox.emulator import capacity, reading
from sandbox.emulator.calls import Call
from sandbox.emulator.environment import CALLS, folder
from sandbox.emulator.hooks import Answer, replace
from sandbox.emulator.request import CURRENT, Request

Query = dict[str, list[str]]


class Recorder:
    """Appends one JSON line for each call; a line is whole before the caller has its answer."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._next = 0
        self._log = path.open("a", encoding="utf-8")

    def keep(self, **call: Any) -> None:  # noqa: ANN401 - the fields of Call but for its number
        """Record one call."""
        with self._lock:
            entry = Call(number=self._next, **call)
            self._next += 1
            self._log.write(entry.model_dump_json() + "\n")
            self._log.flush()


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A request as the emulator's doors are given it, and what it turns out to ask for."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: Query
    given_id: str
    at: float = field(default_factory=time.time)

    @cached_property
    def routing(self) -> Query:
        """The query, and for a query-protocol request the form in its body."""
        found: Query = app._routing_params(self.method, self.path, self.headers, self.body, self.query)
        return found

    @cached_property
    def service(self) -> str:
        return str(detect_service(self.method, self.path, self.headers, self.routing))

    @cached_property
    def action(self) -> str:
        """The action as IAM names it; where the emulator has no name for it, service and method."""
        asked = (self.service, self.method, self.path, self.headers, self.body, self.routing)
        return iam_actions.extract_iam_action(*asked) or f"{self.service}:{self.method}"

    def arn(self, account: str, region: str) -> str:
        """What IAM is asked about; `*` for no one thing."""
        asked = (self.service, self.method, self.path, self.headers, self.body, self.routing, region, account)
        return str(iam_actions.extract_resource_arn(*asked))

    def request(self) -> Request:
        """Who asks, and where."""
        access_key = extract_access_key_id(self.headers, self.query)
        return Request(
            access_key=access_key,
            caller_arn=_caller(access_key),
            account=get_account_id(),
            region=extract_region(self.headers, self.query),
            service=self.service,
            headers=self.headers,
        )


def install() -> None:
    """Record from now on."""
    recorder = Recorder(folder() / CALLS)
    replace(app, "_dispatch_service_request", lambda original: _recorded_requests(recorder, original))
    replace(app, "_handle_special_data_plane_request", lambda original: _recorded_data_plane(recorder, original))
    replace(stepfunctions, "_run_execution", _with_its_caller)
    replace(stepfunctions, "_call_lambda", lambda original: _recorded_tasks(recorder, original))


def _caller(access_key: str) -> str:
    """Who the key belongs to, before its signature is looked at: a refused call is recorded under the name that it claimed."""
    if not access_key:
        return "anonymous"
    principal = iam_evaluator.resolve_principal(access_key, get_account_id())
    return "unknown" if isinstance(principal, iam_evaluator.AuthError) else str(principal.arn)


def incoming_of(door: tuple[Any, ...]) -> Incoming:
    method, path, headers, body, query, given_id = door
    if detect_service(method, path, headers, query) != "s3":  # there it is the object that is compressed
        body = app._decompress_request_body(body, headers)
    return Incoming(method=method, path=path, headers=headers, body=body, query=query, given_id=given_id)


def _record(recorder: Recorder, incoming: Incoming, request: Request, answer: Answer, consumed: float | None) -> None:
    parameters = reading.parameters(incoming.action, incoming.body, incoming.routing)
    recorder.keep(
        at=incoming.at,
        seconds=time.time() - incoming.at,
        account=request.account,
        region=request.region,
        caller_arn=request.caller_arn,
        service=incoming.service,
        action=incoming.action,
        resource=reading.resource(incoming.arn(request.account, request.region), parameters),
        parameters=parameters,
        status=answer[0],
        error=reading.error(*answer),
        consumed=consumed,
        request_id=reading.request_id(incoming.given_id, answer[2]),
    )


def _recorded_requests(recorder: Recorder, original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """The common door of every service."""

    async def dispatch(*door: Any) -> Answer:  # noqa: ANN401 - method, path, headers, body, query, request id
        incoming = incoming_of(door)
        request, asked = incoming.request(), capacity.ask(incoming.action, incoming.body)
        token = CURRENT.set(request)
        try:
            status, headers, content = await original(*door[:3], asked.body, *door[4:])
        finally:
            CURRENT.reset(token)
        answer = status, headers, asked.take(headers, content)
        _record(recorder, incoming, request, answer, asked.consumed)
        return answer

    return dispatch


def _recorded_data_plane(
    recorder: Recorder, original: Callable[..., Awaitable[Answer | None]]
) -> Callable[..., Awaitable[Answer | None]]:
    """Calls that come by a door of their own: S3 by host name, function URLs, APIs."""

    async def dispatch(*door: Any, **more: Any) -> Answer | None:  # noqa: ANN401 - as above, and what is handed on
        incoming = incoming_of(door)
        answer = await original(*door, **more)
        if answer is not None:
            _record(recorder, incoming, incoming.request(), answer, None)
        return answer

    return dispatch


def _with_its_caller(original: Callable[[str], None]) -> Callable[[str], None]:
    """Keep in the execution's thread under which role its machine calls."""

    def run(execution_arn: str) -> None:
        execution = stepfunctions._executions.get(execution_arn) or {}
        machine = stepfunctions._state_machines.get(execution.get("stateMachineArn")) or {}
        role = str(machine.get("roleArn", "")).rsplit("/", 1)[-1]
        caller = f"arn:aws:sts::{get_account_id()}:assumed-role/{role}/{execution.get('name', '')}"
        CURRENT.set(
            Request(access_key="", caller_arn=caller, account=get_account_id(), region=get_region(), service="states", headers={})
        )
        original(execution_arn)

    return run


def _recorded_tasks(recorder: Recorder, original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """A state machine's calls of functions, which the emulator makes within its own process."""

    def call(function: str, event: Any) -> Any:  # noqa: ANN401 - any JSON
        started, problem = time.time(), None
        try:
            return original(function, event)
        except stepfunctions._ExecutionError as failed:
            problem = str(failed.error)
            raise
        finally:
            request = CURRENT.get()
            recorder.keep(
                at=started,
                seconds=time.time() - started,
                account=get_account_id(),
                region=get_region(),
                caller_arn=request.caller_arn if request else "states.amazonaws.com",
                service="lambda",
                action="lambda:InvokeFunction",
                resource=str(function).rsplit(":function:", maxsplit=1)[-1],
                parameters={"FunctionName": function},
                status=200,
                error=problem,
                consumed=None,
                request_id="",
            )

    return call
