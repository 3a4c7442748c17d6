"""The recovery state machine as data: small enough to read in one look, and whole without a deployment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from components.addresses import ACTING, Role
from components.settings_checks import HEARTBEAT_SECONDS
from handlers.domain.cell import Tier
from handlers.domain.plan import most_attempts

TRANSIENT = (
    "TransientError",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
)
"""What may pass by itself: our own word for it, and the four that the Step Functions guide ("Handling Lambda service
exceptions") tells to retry. A time-out is not among them: what an interrupted call has done, nobody knows."""

FIRST_DELAY_SECONDS, BACKOFF_RATE, LONGEST_DELAY_SECONDS, RETRIES = 2, 2, 20, 4
"""Four more tries within half a minute: AWS's own hiccups are seconds, and every retry is a paid transition."""

CRASHED = ("Runtime.ExitError", "Lambda.Unknown")
"""A function whose process died: as Lambda names it, and as Step Functions does where Lambda gives no name (its guide, "Handling
Lambda service exceptions"). The next call reconciles, it does not repeat blindly: every step writes under conditions, and Act
looks for its attempt in the ledger and for its client token in the stack's events before it orders anything."""

CRASH_RETRIES = 2
"""A machine of AWS's may fail under a function once, and once more; a third time it is the function."""


def _retrier(errors: tuple[str, ...], most: int) -> dict[str, Any]:
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": FIRST_DELAY_SECONDS,
        "BackoffRate": BACKOFF_RATE,
        "MaxAttempts": most,
        "MaxDelaySeconds": LONGEST_DELAY_SECONDS,
        "JitterStrategy": "FULL",
    }


RETRY = [_retrier(TRANSIENT, RETRIES), _retrier(CRASHED, CRASH_RETRIES)]

WAIT_FOR_PEOPLE = {"ErrorEquals": ["HeldError"], "ResultPath": "$.error", "Next": "Settle"}
"""A switch, a pause or a freeze stands against the act: the recovery ends, its failure waits, and nobody is called."""

IDS = ("recovery_id", "failure_id", "fence", "stack", "stack_id")
DECISION = ("route", "group", "strategy", "attempt", "wait_seconds", "reason")

STEP_FUNCTIONS_SECONDS = 5
"""What a state may need beyond its function's own time-out, so that the function's error is the one that shows."""

SLACK_SECONDS = 60
"""What the transitions between the states may take, all together."""


@dataclass(frozen=True, kw_only=True)
class Spans:
    """The seconds that the machine's states may take."""

    act_timeout: int
    act_function: int
    function: int
    overdue_grace: int

    @property
    def task(self) -> int:
        return self.function + STEP_FUNCTIONS_SECONDS

    @property
    def act(self) -> int:
        """How long Act waits: past the attempt's deadline in the ledger, until the heartbeat has looked at the stack itself.

        That takes the grace, two beats, as one may be lost, and the lives of the heartbeat and of the function that it tells.
        """
        ordered_at_the_latest = self.act_function
        reconciled = self.overdue_grace + 2 * HEARTBEAT_SECONDS + 2 * self.function
        return ordered_at_the_latest + self.act_timeout + reconciled


def definition(functions: Mapping[Role, str], spans: Spans, timeout_seconds: int) -> dict[str, Any]:
    """The machine over *functions*, the ARN of each by its role."""
    states: dict[str, Any] = {
        "Diagnose": _deciding(functions["diagnose"], spans, _payload(), "Why did it fail, and what is to be done first?"),
        "Route": _route(),
        **_acts(functions, spans),
        "Validate": _deciding(
            functions["validate"],
            spans,
            _payload("decision"),
            "Is the stack healthy by every criterion, and if not, what is next?",
        ),
        "Settle": _settle(functions["settle"], spans),
        "Escalate": _escalate(functions["escalate"], spans),
    }
    return {
        "Comment": "One recovery of one stack. What no Catch sees is escalated by a rule on this machine's status.",
        "StartAt": "Diagnose",
        "TimeoutSeconds": timeout_seconds,
        "States": states,
    }


def timeout_seconds(spans: Spans, tiers: Iterable[Tier]) -> int:
    """More than the states can take together at their worst: nothing inside a machine catches its own time-out.

    Before an attempt of Act counts as waiting, each of its retries can last as long as the acting function lives.
    """
    retries = RETRIES + CRASH_RETRIES
    task = (1 + retries) * spans.task + _delays()
    act = retries * spans.act_function + _delays() + spans.act
    rounds = max(_pauses(tier) + most_attempts(tier.max_attempts) * (act + task) for tier in tiers)
    diagnose_and_the_end = 2 * task
    return diagnose_and_the_end + rounds + SLACK_SECONDS


def _delays() -> int:
    """The longest that all retries of one state can wait; full jitter only shortens it."""
    counted = (n for most in (RETRIES, CRASH_RETRIES) for n in range(most))
    return sum(min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * BACKOFF_RATE**n) for n in counted)


def _pauses(tier: Tier) -> int:
    """Each strategy's pauses begin anew, so the longest of them stands for every attempt but the first."""
    longest: int = tier.backoff_seconds * 2 ** max(tier.max_attempts - 2, 0)
    return tier.grace_seconds + (most_attempts(tier.max_attempts) - 1) * longest


def _payload(*more: str) -> dict[str, str]:
    return {f"{key}.$": f"$.{key}" for key in (*IDS, *more)}


def _task(function: str, spans: Spans, payload: dict[str, str], comment: str) -> dict[str, Any]:
    partition = function.split(":")[1]
    return {
        "Comment": comment,
        "Type": "Task",
        "Resource": f"arn:{partition}:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload": payload},
        "TimeoutSeconds": spans.task,
        "Retry": RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Escalate"}],
    }


def _deciding(function: str, spans: Spans, payload: dict[str, str], comment: str) -> dict[str, Any]:
    return {
        **_task(function, spans, payload, comment),
        "ResultSelector": {f"{key}.$": f"$.Payload.{key}" for key in DECISION},
        "ResultPath": "$.decision",
        "Next": "Route",
    }


def _acts(functions: Mapping[Role, str], spans: Spans) -> dict[str, Any]:
    """A pause and an act for each group: a second Choice between them would cost every recovery a transition."""
    states: dict[str, Any] = {}
    for group, role in ACTING.items():
        states[f"Pause{group.title()}"] = _pause(f"Act{group.title()}")
        states[f"Act{group.title()}"] = _act(functions[role], spans)
    return states


def _act(function: str, spans: Spans) -> dict[str, Any]:
    payload = {**_payload("decision"), "task_token.$": "$$.Task.Token"}
    task = _task(
        function, spans, payload, "Orders one operation; the stack's own event ends the wait. Its time-out is never retried."
    )
    return {
        **task,
        "Resource": f"{task['Resource']}.waitForTaskToken",
        "TimeoutSeconds": spans.act,
        "Catch": [WAIT_FOR_PEOPLE, *task["Catch"]],
        "ResultPath": "$.act",
        "Next": "Validate",
    }


def _settle(function: str, spans: Spans) -> dict[str, Any]:
    """Gets the whole state: what made Act wait stands in its error, and an error is not always there."""
    task = _task(function, spans, {}, "Records the outcome and releases the claim; what people or a freeze hold, waits.")
    whole_state = {"FunctionName": function, "Payload.$": "$"}
    return {**task, "Parameters": whole_state, "ResultPath": None, "End": True}


def _escalate(function: str, spans: Spans) -> dict[str, Any]:
    """Catches nothing: what fails here must fail the execution, for the rule on its status to tell it."""
    task = _task(function, spans, {}, "Tells a person. What fails here is told by the rule on this machine's status.")
    whole_state = {"FunctionName": function, "Payload.$": "$"}
    uncaught = {key: value for key, value in task.items() if key != "Catch"}
    return {**uncaught, "Parameters": whole_state, "ResultPath": None, "End": True}


def _route() -> dict[str, Any]:
    ways = [
        {"And": [_is("route", route), _is("group", group.value)], "Next": f"{route.title()}{group.title()}"}
        for group in ACTING
        for route in ("act", "pause")
    ]
    return {
        "Comment": "What nobody foresaw goes to a person.",
        "Type": "Choice",
        "Choices": [*ways, *({**_is("route", route), "Next": "Settle"} for route in ("settle", "simulate"))],
        "Default": "Escalate",
    }


def _is(key: str, value: str) -> dict[str, str]:
    return {"Variable": f"$.decision.{key}", "StringEquals": value}


def _pause(then: str) -> dict[str, Any]:
    return {
        "Comment": "Before the first act the tier's grace, before each later one its backoff.",
        "Type": "Wait",
        "SecondsPath": "$.decision.wait_seconds",
        "Next": then,
    }
