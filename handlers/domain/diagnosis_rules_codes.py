"""Rules for what is no prose: error codes, handler codes, HTTP status."""

from handlers.domain.diagnosis_rule import Rule
from handlers.domain.diagnosis_rules_engine import COMMON_CODES, CONTRACT, EC2_CODES
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import FailureClass

MEDIUM = Confidence.MEDIUM


TELLING = (
    FailureClass.THROTTLING,
    FailureClass.CAPACITY,
    FailureClass.PERMISSION,
    FailureClass.ALREADY_EXISTS,
    FailureClass.NOT_FOUND,
    FailureClass.DEPENDENCY_IN_USE,
    FailureClass.QUOTA,
    FailureClass.NOT_STABILIZED,
)
"""Classes that a service names only when it means them."""
VAGUE = (FailureClass.DRIFT_OR_CONFLICT, FailureClass.INVALID_INPUT, FailureClass.TRANSIENT)
"""Classes whose codes services also use for other things (`InvalidStructureException` for a missing right): wording first."""


def code_rules(classes: tuple[FailureClass, ...], *, generic: bool = False) -> tuple[Rule, ...]:
    """One rule per class for the error codes that services give; *generic* ones serve for everything and come last."""
    kind = "generic" if generic else "code"
    return tuple(
        Rule(
            id=f"{kind}-{failure_class.replace('_', '-')}",
            failure_class=failure_class,
            confidence=MEDIUM if generic or failure_class in VAGUE else Confidence.HIGH,
            why="The error code says so: by its service's model, or by its words.",
            source=COMMON_CODES if generic else EC2_CODES,
            code_class=failure_class,
            generic_code=generic,
            custom=True,
        )
        for failure_class in classes
    )


HANDLER: tuple[Rule, ...] = (
    Rule(
        id="handler-access-denied",
        failure_class=FailureClass.PERMISSION,
        why="Handler code AccessDenied.",
        source=CONTRACT,
        handlers=("AccessDenied", "InvalidCredentials"),
    ),
    Rule(
        id="handler-already-exists",
        failure_class=FailureClass.ALREADY_EXISTS,
        why="Handler code AlreadyExists.",
        source=CONTRACT,
        handlers=("AlreadyExists",),
    ),
    Rule(
        id="handler-not-found",
        failure_class=FailureClass.NOT_FOUND,
        why="Handler code NotFound.",
        source=CONTRACT,
        handlers=("NotFound",),
    ),
    Rule(
        id="handler-throttling",
        failure_class=FailureClass.THROTTLING,
        why="Handler code Throttling: the one code that only throttling gets.",
        source=CONTRACT,
        handlers=("Throttling",),
    ),
)


HANDLER_WEAK: tuple[Rule, ...] = (
    Rule(
        id="handler-not-stabilized",
        failure_class=FailureClass.NOT_STABILIZED,
        confidence=MEDIUM,
        why="Handler code NotStabilized, and no reason beside it.",
        source=CONTRACT,
        handlers=("NotStabilized",),
    ),
    Rule(
        id="handler-conflict",
        failure_class=FailureClass.DRIFT_OR_CONFLICT,
        confidence=MEDIUM,
        why="Handler code ResourceConflict: the resource is not free for this now.",
        source=CONTRACT,
        handlers=("ResourceConflict",),
    ),
    Rule(
        id="handler-stumbled",
        failure_class=FailureClass.TRANSIENT,
        confidence=Confidence.LOW,
        why="The handler itself broke, or could not reach the service; the request was not found at fault.",
        source=CONTRACT,
        handlers=("InternalFailure", "HandlerInternalFailure", "ServiceInternalError", "NetworkFailure"),
        not_http=(400, 401, 403, 404, 405, 409, 410, 422),
        unless=("stack set operation",),
    ),
)


LAST: tuple[Rule, ...] = (
    Rule(
        id="handler-invalid-request",
        failure_class=FailureClass.INVALID_INPUT,
        confidence=Confidence.LOW,
        why="Handler code InvalidRequest: the request is at fault, and nothing in the text says otherwise.",
        source=CONTRACT,
        handlers=("InvalidRequest",),
    ),
    Rule(
        id="status-forbidden",
        failure_class=FailureClass.PERMISSION,
        confidence=Confidence.LOW,
        why="HTTP 401 and 403 mean that the caller may not.",
        source=COMMON_CODES,
        http=(401, 403),
    ),
    Rule(
        id="status-not-found",
        failure_class=FailureClass.NOT_FOUND,
        confidence=Confidence.LOW,
        why="HTTP 404 and 410.",
        source=COMMON_CODES,
        http=(404, 410),
    ),
    Rule(
        id="status-conflict",
        failure_class=FailureClass.DRIFT_OR_CONFLICT,
        confidence=Confidence.LOW,
        why="HTTP 409: the request disagrees with the resource's state.",
        source=COMMON_CODES,
        http=(409,),
    ),
    Rule(
        id="status-too-many",
        failure_class=FailureClass.THROTTLING,
        confidence=Confidence.LOW,
        why="HTTP 429.",
        source=COMMON_CODES,
        http=(429,),
    ),
    Rule(
        id="status-server",
        failure_class=FailureClass.TRANSIENT,
        confidence=Confidence.LOW,
        why="HTTP 5xx: the server's fault, not the request's.",
        source=COMMON_CODES,
        http=(500, 502, 503, 504),
    ),
    Rule(
        id="status-client",
        failure_class=FailureClass.INVALID_INPUT,
        confidence=Confidence.LOW,
        why="Any other HTTP 4xx: the request is at fault, and it will be the next time, too.",
        source=COMMON_CODES,
        http=(400, 405, 406, 412, 413, 415, 422),
    ),
)
