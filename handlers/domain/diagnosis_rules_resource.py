"""Rules for wordings about the resource itself: its state, its name, its users, its values."""

from handlers.domain.diagnosis_phrases import either
from handlers.domain.diagnosis_rule import Rule
from handlers.domain.diagnosis_rules_engine import COMMON_CODES, TROUBLES
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import FailureClass

MEDIUM = Confidence.MEDIUM

CONSTRAINT = Rule(
    id="constraint-not-met",
    failure_class=FailureClass.INVALID_INPUT,
    why="A value breaks the service's own model: length, pattern, range, list of choices.",
    source=COMMON_CODES,
    phrases=either(
        "failed to satisfy constraint; validation error detected; validation errors detected; member must; "
        "regular expression pattern; enum value set; value must have; must have value less than; does not match … "
        "pattern; does not match … regex; exceeds maximum length; exceeds the maximum length; not eligible for "
        "free tier; malformedpolicydocument"
    ),
)


UNSTABLE = Rule(
    id="did-not-stabilize",
    failure_class=FailureClass.NOT_STABILIZED,
    why="It was made and never became ready, and what is said beside that names neither a code nor a missing right.",
    source=f"{TROUBLES}#troubleshooting-resource-did-not-stabilize",
    phrases=either(
        "did not stabilize; failed to stabilize; not stabilized; failed stabilization; stabilization failed; timed "
        "out waiting; timeout waiting; reached … failed state; in failed state; in a failed state; in the failed "
        "state; state: failed; status: failed; incompatible-parameters; incompatible-network; "
        "incompatible-option-group; incompatible-restore; in failed status; in a failed status"
    ),
    unless=("stack set operation",),
)


ENDED_BADLY = Rule(
    id="ended-badly",
    failure_class=FailureClass.NOT_STABILIZED,
    confidence=MEDIUM,
    why="It was begun and failed on its way, or took too long; its own logs say why.",
    source=f"{TROUBLES}#troubleshooting-resource-did-not-stabilize",
    phrases=either(
        "failed to communicate; cannot start; could not start; unable to start; starts correctly; crashed; exited "
        "with; failed to launch; failed to start; launch failed; launching … failed; failed to become; never "
        "became; did not become; timed out; still in pending*; execution … failed; workflow … failed; build "
        "failed; build … failed; job … failed; deployment failed; deployment … failed; took longer than; has "
        "failed; provisioning failed; creation failed; failed with reason; failed with status"
    ),
    unless=("cannot start with",),
)

IN_THE_WAY: tuple[Rule, ...] = (
    Rule(
        id="another-change-runs",
        failure_class=FailureClass.DRIFT_OR_CONFLICT,
        confidence=MEDIUM,
        why="Something else is changing the same resource.",
        source=TROUBLES,
        phrases=either(
            "operation running; operation … running on; someone changed; changed the resource after; changed since; is in "
            "progress; already in progress; in progress for; operation in progress; update in progress; currently in "
            "progress; currently creating; currently updating; currently modifying; currently deleting; currently being; "
            "still draining; is draining; is being … by another; being created; being deleted; being modified; being "
            "updated; is being; concurrent modification*; concurrent update*; concurrent operation*; modified "
            "concurrently; conflicting operation; conflicting conditional operation; another operation; another update; "
            "another request; another process; pending … changes; pending update*; has been modified since; was modified "
            "by; cannot be performed at this time; has already started; already running; while … is updating; wait … "
            "seconds after deleting; deleted recently; can't currently; cannot currently; try again after;  try again … "
            "when … complete; cannot be stopped while; cannot be updated while; cannot be modified while; cannot be "
            "changed while"
        ),
        unless=either("is being used; is being referenced; not … being created"),
    ),
    Rule(
        id="in-another-state",
        failure_class=FailureClass.DRIFT_OR_CONFLICT,
        confidence=MEDIUM,
        why="The resource is not in the state that this change supposes.",
        source=TROUBLES,
        phrases=either(
            "instead in state; is not active; not active; is in an unsupported state; is in an invalid state; in an "
            "incorrect state; in a state … not; not in a state; not in a valid state; not in the correct state; not "
            "in … available … state; is not in available; is not available … state; not in active state; not in the "
            "active state; not in … state; needs to be in; should be in … state; must be in … state; must be in the … "
            "state; must be available; invalid state for; does not allow … in … state; current state; current status; "
            "is in … status; in status:; is pending deletion; pending deletion; pending import; is disabled; not "
            "currently available; is stopped; out of sync; has drifted; etag; precondition; not in sync; state of … "
            "must be"
        ),
        unless=either("scheduled for deletion; deployment … status: failed; failed to stabilize"),
    ),
)


TAKEN: tuple[Rule, ...] = (
    Rule(
        id="taken-by-use",
        failure_class=FailureClass.ALREADY_EXISTS,
        why="A name, a number or an address that must be free is used by something else.",
        source=f"{TROUBLES}#troubleshooting-errors-resource-already-exists",
        phrases=either(
            "priority … in use; name … in use; names … in use; port … in use; address … in use; alias … in use; cname "
            "… in use; domain … in use; prefix … in use; not idempotent"
        ),
        operations=("CREATE", "UPDATE", "IMPORT"),
        unless=either("does not exist; do not exist; doesn't exist; no longer exists; exists and; exists in; ensure"),
    ),
    Rule(
        id="already-there",
        failure_class=FailureClass.ALREADY_EXISTS,
        why="The name, the route, the association is taken: by a leftover, by another stack, or by hand.",
        source=f"{TROUBLES}#troubleshooting-errors-resource-already-exists",
        phrases=either(
            "already exists; already exist; already existed; already existing; already in use; already used; already "
            "taken; been taken; already been; already associated; already assigned; already attached; already registered; "
            "already owned; already defined; already configured; already enabled; already has; already have; already "
            "contains; already a member; already subscribed; already scheduled for deletion; has this name; is duplicate; "
            "duplicate … name; duplicate name*; names are not allowed; bucket name is not available; name is not "
            "available; is not unique; name must be unique; conflicts with another; conflicts with an existing; conflicts "
            "with existing; conflict with an existing; conflict with existing; with the same name; for this … exists; "
            "bucketalreadyexists; bucketalreadyownedbyyou; already own"
        ),
        unless=("already exists … not empty", "no … with the same name"),
    ),
)


IN_USE: tuple[Rule, ...] = (
    Rule(
        id="still-used",
        failure_class=FailureClass.DEPENDENCY_IN_USE,
        why="Something refers to it, sits in it or hangs on it: that goes first.",
        source=f"{TROUBLES}#troubleshooting-errors-delete-stack-fails",
        phrases=either(
            "has dependencies; have dependencies; has a dependent; has dependent; have dependent; dependent object*; "
            "dependent resource*; is in use; are in use; in use by; still in use; currently in use; being used; is "
            "used by; are used by; used by the following; currently used; is referenced; are referenced; referenced "
            "by; being referenced; still references; still contains; still has; still have; still attached; still "
            "associated; is not empty; isn't empty; are not empty; must remove … first; must delete … first; must "
            "detach … first; must disassociate … first; must first; must be detached; must be deleted before; must be "
            "deleted first; must be removed before; must be removed first; has some mapped; before detaching; before "
            "deleting; before you can delete; before you delete; cannot be deleted because; can't be deleted because; "
            "cannot delete … because; can't delete … because; unable to delete … because; cannot be deleted while; "
            "cannot be deleted as; cannot be deleted until; cannot be deleted since; cannot be removed because; "
            "cannot be removed while; cannot delete … with; cannot delete … has; cannot delete … have; so cannot be "
            "deleted; cannot be disassociated; has active; have active; has associated; has children; have children; "
            "has child; contains … instances; because it is a replicated function; to depend on; depends on it; "
            "depend on it; has one or more; is associated with … delete; delete … associated with"
        ),
        unless=either("already in use; must not be in use; cannot be deleted because … not authorized"),
    ),
    Rule(
        id="delete-refused",
        failure_class=FailureClass.DEPENDENCY_IN_USE,
        confidence=MEDIUM,
        why="A delete refused for no state, right or missing thing is held back by a user of it.",
        source=f"{TROUBLES}#troubleshooting-errors-delete-stack-fails",
        phrases=either(
            "cannot be deleted; can't be deleted; cannot delete; can't delete; could not be deleted; has associations; "
            "attached to; associated with; in use"
        ),
        unless=either("default; not found; does not exist; doesn't exist; invalid; malformed"),
        operations=("DELETE",),
    ),
)


NOT_FOUND: tuple[Rule, ...] = (
    Rule(
        id="no-such-version",
        failure_class=FailureClass.INVALID_INPUT,
        why="The template asks for a version, class or combination that the service does not offer here.",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html",
        phrases=either(
            "find version; upgrade target; version … not found; version … does not exist; version … doesn't exist; "
            "doesn't exist, isn't in; does not exist in this region; no … offering*; instance type … does not exist; "
            "solution stack … found"
        ),
        unless=either("layer; document version; secret"),
    ),
    Rule(
        id="identifier-unknown-to-api-gateway",
        failure_class=FailureClass.NOT_FOUND,
        why="API Gateway's words for an API, stage or resource that is not there.",
        source="https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html",
        phrases=("invalid … identifier specified",),
    ),
    Rule(
        id="not-there",
        failure_class=FailureClass.NOT_FOUND,
        confidence=MEDIUM,
        why="Something that the resource refers to, or the resource itself, is not there.",
        source=TROUBLES,
        phrases=either(
            "does not exist; do not exist; did not exist; doesn't exist; don't exist; not exist; no longer exists; not "
            "found; wasn't found; cannot be found; can't be found; can not be found; could not be found; couldn't be "
            "found; cannot find; can't find; can not find; could not find; couldn't find; unable to find; unable to "
            "locate; could not locate; failed to find; no such; non-existent; nonexistent; nonexisting; no … found; no "
            "default subnet*; no default vpc; no matching; has been deleted; was deleted; is deleted; unknown … arn; not "
            "a valid … or does not exist; unable to fetch parameter*"
        ),
        unless=either("required … not found; key … not found; must exist; not found. ignoring; unsupported"),
    ),
)


BROKEN: tuple[Rule, ...] = (
    Rule(
        id="aws-stumbled",
        failure_class=FailureClass.TRANSIENT,
        confidence=MEDIUM,
        why="The service reports a fault of its own.",
        source=COMMON_CODES,
        phrases=either(
            "request to service failed; failure persists; problem persists; please try again later; try again "
            "shortly; internal error; internal failure; internal server error; internal service error; internal "
            "service exception; internal exception; service unavailable; service is unavailable; service is "
            "temporarily unavailable; service is currently unavailable; temporarily unavailable; unexpected error; "
            "unknown error; unexpected internal; unable to execute http request; connection reset; connection "
            "refused; connect timed out; read timed out; request timed out; socket timeout; bad gateway; gateway "
            "timeout; network error; please retry; retry the request; retry your request; server error"
        ),
        not_http=(400, 401, 403, 404, 405, 409, 410, 422),
        unless=either("not supported; invalid; by not specifying"),
    ),
)


INVALID: tuple[Rule, ...] = (
    Rule(
        id="request-refused",
        failure_class=FailureClass.INVALID_INPUT,
        confidence=MEDIUM,
        why="The service refuses the values, or their combination, as they are written.",
        source=f"{TROUBLES}#troubleshooting-errors-invalid-value-or-unsupported-resource-property",
        phrases=either(
            "invalid; not valid; isn't valid; aren't valid; is malformed; malformed; not supported; isn't supported; "
            "unsupported; not support; doesn't support; no longer supported; not compatible; isn't compatible; "
            "incompatible; not eligible; not allowed; isn't allowed; not permitted; is required; are required; required "
            "for; requires; must; missing; only one; only two; cannot; can not; can't; cannot be empty; can not be empty; "
            "can't be empty; cannot be null; cannot be blank; cannot be used; can't be used; cannot be specified; cannot "
            "specify; can't specify; can only be; can only; cannot contain; cannot have; can't have; cannot be; can't be; "
            "cannot use; can't use; cannot set; cannot modify; cannot change; cannot update; cannot create; cannot add; "
            "cannot enable; unable to put integration; unable to update; unable to parse; failed to parse; could not "
            "parse; parse error; expected; illegal; syntax; parsing; deprecated; is reserved; reserved word; out of "
            "range; too long; too short; too large; too small; does not match; doesn't match; do not match; mismatch; "
            "differ; does not belong; not attached; not contain any; doesn't contain any; doesn't contain; does not "
            "contain; does not cover; doesn't cover; only available with; should be; should not; need to; needs to; at "
            "least; at most; less than; greater than; smaller than; larger than; between; overlap*; no integration "
            "defined; will not allow you; not verified; specify; specified; choose; not a; should either; should have; "
            "not enabled; is a member of; will be a member of"
        ),
    ),
)
