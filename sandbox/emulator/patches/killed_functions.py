"""Kills a function's process at one of its own calls: before the call is performed, or after that and before its answer.

On AWS a process may die at any moment; what is not yet written then is lost, what is done stays done, and the caller of the
function learns no more than Runtime.ExitError. A rule names function, action, what the call is about, and which such call it is.
As on AWS every execution environment has credentials of its own, and so it is known which process makes a call.
"""

import json
import re
import secrets
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from ministack import app
from ministack.core import lambda_runtime
from ministack.core.router import extract_access_key_id
from ministack.services import sts

from sandbox.emulator import control
from sandbox.emulator.hooks import Answer, replace
from sandbox.emulator.patches.recorded_calls import Incoming, incoming_of

ASSUME = "sts:AssumeRole"
REAP_SECONDS = 5
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_KEY = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>")


class Moment(StrEnum):
    """When the process dies, seen from the call."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Kill once: at the *number*-th call (from 1) of *action* by *function* that concerns *subject*."""

    function: str
    action: str
    subject: str
    number: int
    moment: Moment


@dataclass(frozen=True, kw_only=True)
class Noted:
    """A call that concerned a subject, and whether it was its caller's last."""

    function: str
    action: str
    killed: Moment | None = None


@dataclass
class Environment:
    """A function's processes, one after the other: what its present call is about is what it named last."""

    worker: Any
    function: str
    subject: str | None = None

    def kill(self) -> None:
        """SIGKILL: nothing in the process has a chance to notice."""
        process = self.worker._proc
        if process is not None:
            process.kill()
            process.wait(REAP_SECONDS)


@dataclass
class Plan:
    """The rules, and what has been seen of their subjects."""

    rules: set[Rule] = field(default_factory=set)
    noted: dict[str, list[Noted]] = field(default_factory=dict)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def follow(self, subject: str) -> None:
        """Note from now on what concerns *subject*."""
        with self.lock:
            self.noted.setdefault(subject, [])

    def add(self, rule: Rule) -> None:
        """Kill by this rule, once."""
        self.follow(rule.subject)
        with self.lock:
            self.rules.add(rule)

    def subject_in(self, text: str) -> str | None:
        """The one followed name in *text*; none where there are several."""
        named = set(_NAME.findall(text)) & self.noted.keys()
        return named.pop() if len(named) == 1 else None

    def note(self, function: str, action: str, subject: str | None) -> Moment | None:
        """Count a call and answer whether its caller dies at it."""
        if subject is None:
            return None
        with self.lock:
            key = (function, action, subject)
            self.counts[key] += 1
            rule = next((one for one in self.rules if _place(one) == (*key, self.counts[key])), None)
            self.rules.discard(rule) if rule else None
            moment = rule.moment if rule else None
            self.noted[subject].append(Noted(function=function, action=action, killed=moment))
            return moment

    def wants_cold(self, function: str, text: str) -> bool:
        """A process that runs already has its session: to die at the call that gets one, it must be a new one."""
        wanting = [one for one in self.rules if one.function == function and one.action == ASSUME]
        return bool(wanting) and any(one.subject in _NAME.findall(text) for one in wanting)


def _place(rule: Rule) -> tuple[str, str, str, int]:
    return rule.function, rule.action, rule.subject, rule.number


_plan = Plan()
_environments: dict[str, Environment] = {}  # by access key: its own, and those of the sessions that it got
_of_workers: dict[Any, Environment] = {}
_spawning = threading.local()


def install() -> None:
    """Give every process credentials of its own, look at its calls, take commands."""
    replace(lambda_runtime, "execution_credentials", _own_credentials)
    replace(lambda_runtime.Worker, "_spawn", _known_while_it_spawns)
    replace(lambda_runtime.Worker, "invoke", _about_its_event)
    replace(app, "_dispatch_service_request", _deadly)
    control.command("follow", lambda given: _plan.follow(given["subject"]))
    control.command("kill", lambda given: _plan.add(_rule(given)))
    control.command("retire", lambda given: lambda_runtime.invalidate_worker(given["function"]))
    control.command("followed", lambda given: [asdict(one) for one in _plan.noted.get(given["subject"], [])])


def _rule(given: Mapping[str, str]) -> Rule:
    return Rule(
        function=given["function"],
        action=given["action"],
        subject=given["subject"],
        number=int(given["number"]),
        moment=Moment(given["moment"]),
    )


def _environment(worker: Any) -> Environment:  # noqa: ANN401 - the emulator's own
    return _of_workers.setdefault(worker, Environment(worker, worker.func_name))


def _own_credentials(original: Callable[[Any], dict[str, str]]) -> Callable[[Any], dict[str, str]]:
    def credentials(config: Any) -> dict[str, str]:  # noqa: ANN401 - the emulator's own
        given = original(config)
        worker = getattr(_spawning, "worker", None)
        if worker is None:
            return given
        key = f"ASIA{secrets.token_hex(8).upper()}"
        sts.register_session(key, dict(sts._sessions[given["AWS_ACCESS_KEY_ID"]]))
        _environments[key] = _environment(worker)
        return {**given, "AWS_ACCESS_KEY_ID": key}

    return credentials


def _known_while_it_spawns(original: Callable[[Any], None]) -> Callable[[Any], None]:
    def spawn(self: Any) -> None:  # noqa: ANN401 - a worker
        _spawning.worker = self
        try:
            original(self)
        finally:
            _spawning.worker = None

    return spawn


def _about_its_event(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def invoke(self: Any, event: Any, request_id: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - handed on
        environment, text = _environment(self), json.dumps(event)
        environment.subject = _plan.subject_in(text)
        if _plan.wants_cold(self.func_name, text):
            environment.kill()
        return original(self, event, request_id, **more)

    return invoke


def _deadly(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def dispatch(*door: Any) -> Answer:  # noqa: ANN401 - method, path, headers, body, query, request id
        environment = _environments.get(extract_access_key_id(door[2], door[4]))
        if environment is None:
            return await original(*door)
        incoming = incoming_of(door)
        environment.subject = _plan.subject_in(_text(incoming)) or environment.subject
        moment = _plan.note(environment.function, incoming.action, environment.subject)
        if moment is Moment.BEFORE:
            environment.kill()
            return 503, {}, b""  # nobody is left to read it
        answer = await original(*door)
        if moment is Moment.AFTER:
            environment.kill()
        elif incoming.action == ASSUME and (found := _KEY.search(answer[2])):
            _environments[found[1].decode()] = environment
        return answer

    return dispatch


def _text(incoming: Incoming) -> str:
    """All that a request says, forms and addresses decoded."""
    return unquote_plus(f"{incoming.path} {incoming.routing} {incoming.body.decode('utf-8', 'replace')}")
