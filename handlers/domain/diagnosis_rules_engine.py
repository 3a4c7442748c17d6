"""Rules for what CloudFormation itself says: its engine, its validation, its custom-resource protocol."""

from handlers.domain.diagnosis_phrases import either
from handlers.domain.diagnosis_rule import Rule
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import FailureClass

GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"
TROUBLES = f"{GUIDE}/troubleshooting.html"
CONTRACT = "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html"

EC2_CODES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
COMMON_CODES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html"
IAM_DENIED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"
IAM_ROLES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_roles.html"
QUOTAS = "https://docs.aws.amazon.com/servicequotas/latest/userguide/intro.html"

FAILED_STATES = (
    "is in … rollback_complete",
    "is in … create_failed",
    "is in … update_failed",
    "is in … delete_failed",
    "is in … delete_complete",
    "is in … rollback_failed",
    "is in … update_rollback_failed",
    "is in … import_rollback_failed",
    "is in … inoperable",
)

CONSEQUENCES: tuple[Rule, ...] = (
    Rule(
        id="cancelled-sibling",
        failure_class=FailureClass.CANCELLED,
        why="CloudFormation stops what is still running once something has failed, or when the operation is cancelled.",
        source=TROUBLES,
        starts=either(
            "resource creation cancel; resource update cancel; resource deletion cancel; resource import cancel; "
            "operation cancel; cancelled since; canceled since; initiated by parent stack; stack update cancel; "
            "update cancel; user cancelled; request was cancelled; cancelled by"
        ),
        custom=True,
    ),
    Rule(
        id="validation-roll-up",
        failure_class=FailureClass.INVALID_INPUT,
        confidence=Confidence.MEDIUM,
        why="Resources failed the check against their schema before anything was called: the template is wrong.",
        source=TROUBLES,
        starts=("validation failed for following resource",),
    ),
    Rule(
        id="roll-up",
        failure_class=FailureClass.UNKNOWN,
        confidence=Confidence.NONE,
        why="A summary line: it names what failed, never why.",
        source=TROUBLES,
        starts=either(
            "the following resource(s) failed; the following resources failed; embedded stack; one or more resources "
            "could not be deleted; update successful. one or more; resource(s) failed; rollback requested by user; "
            "stack set operation; user initiated"
        ),
    ),
)

STACK_STATES: tuple[Rule, ...] = (
    Rule(
        id="nothing-to-do",
        failure_class=FailureClass.NO_OP,
        why="Template and parameters equal what is deployed.",
        source=TROUBLES,
        phrases=either(
            "no updates are to be performed; didn't contain changes; did not contain changes; no changes to deploy; "
            "there are no changes; no changes detected; no changes were detected"
        ),
    ),
    Rule(
        id="stack-busy",
        failure_class=FailureClass.DRIFT_OR_CONFLICT,
        why="One operation per stack: another one is running.",
        source=f"{GUIDE}/view-stack-events.html",
        phrases=either(
            "_in_progress state and can; _in_progress … can not be; _in_progress … cannot be; non-terminal; is "
            "currently being … by … operation; in_progress … operation … in progress"
        ),
        unless=("is in review_in_progress",),
    ),
    Rule(
        id="stack-at-dead-end",
        failure_class=FailureClass.TERMINAL_STATE,
        why="The stack or resource rests in a state, or under a protection that Stackmend never lifts, where this is not legal.",
        source=f"{GUIDE}/view-stack-events.html",
        phrases=(
            *(f"{state} … can not be" for state in FAILED_STATES),
            *(f"{state} … cannot be" for state in FAILED_STATES),
            *either(
                "terminationprotection; termination protection; deletion protection; deletionprotection; delete "
                "protection; protected against deletion; cannot delete protected; can't delete protected; "
                "disableapitermination; may not be terminated"
            ),
            "current stack status … can not",
            "cannot be … while in status",
            "rollback is not … in state",
            "cannot be performed … in state",
            "not in a state that allows",
            "is in review_in_progress",
            "must be in … update_rollback_failed",
            "stack … is in … state and",
        ),
        unless=either("deletion protection … not supported; deletionprotection … must; deletionprotection … not valid"),
    ),
)

EXPORTS_AND_OWNERS: tuple[Rule, ...] = (
    Rule(
        id="export-in-use",
        failure_class=FailureClass.DEPENDENCY_IN_USE,
        why="Another stack imports this value; it can neither change nor go while that lasts.",
        source=f"{GUIDE}/using-cfn-stack-exports.html",
        phrases=either("export … in use by; export … is imported by; export … still imported"),
    ),
    Rule(
        id="owned-by-another-stack",
        failure_class=FailureClass.ALREADY_EXISTS,
        why="A name can be held by one stack only, and another one holds it.",
        source=TROUBLES,
        phrases=either("already exists in stack; already exported by stack; already managed by; belongs to stack"),
    ),
    Rule(
        id="taken-before-create",
        failure_class=FailureClass.ALREADY_EXISTS,
        why="CloudFormation's early validation found the name taken before it created anything.",
        source=f"{GUIDE}/validate-stack-deployments.html",
        phrases=("earlyvalidation::resourceexistencecheck",),
    ),
)

TEMPLATE: tuple[Rule, ...] = (
    Rule(
        id="hook-refused",
        failure_class=FailureClass.INVALID_INPUT,
        why="A proactive control refused the resource as the template has it.",
        source="https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/what-is-cloudformation-hooks.html",
        phrases=either("hook(s) failed; hook failed with; hooks failed; earlyvalidation::*; failed validation with hook"),
    ),
    Rule(
        id="attribute-not-yet-readable",
        failure_class=FailureClass.TRANSIENT,
        confidence=Confidence.MEDIUM,
        why="CloudFormation had made the resource and could not read its attribute back: reads lag behind writes.",
        source=TROUBLES,
        phrases=either("unable to retrieve … attribute; attribute … does not exist; failed to retrieve attribute"),
        unless=either("vendor response; customresource; template error; entity type; attribute … in object"),
    ),
    Rule(
        id="template-malformed",
        failure_class=FailureClass.INVALID_INPUT,
        why="The template, a parameter or a property is wrong before any service is asked.",
        source=TROUBLES,
        phrases=either(
            "must be a readonly property; does not support attribute type; requested attribute … schema; template "
            "format error; template error; template validation error; template contains errors; template may not "
            "exceed; templateurl must; unresolved resource dependencies; unresolved condition dependency; circular "
            "dependency; transform … failed; failed transforming; properties validation failed; resource properties "
            "validation; model validation failed; encountered unsupported propert*; encountered non numeric; "
            "unsupported property; unrecognized resource type*; value of property; property … cannot be empty; "
            "extraneous key; required key; subschema; requires capabilities; insufficientcapabilities*; parameters: … "
            "must have values; parameter … must be one of allowedvalues; must match pattern; parameter … failed to "
            "satisfy; do not exist in the template; invalid template; no default value; duplicate … in template; "
            "dynamic reference … invalid; could not parse … reference; resource type … not supported in … region; is "
            "not a supported resource type"
        ),
    ),
    Rule(
        id="update-not-possible",
        failure_class=FailureClass.INVALID_INPUT,
        why="This property cannot be changed on the resource that exists; only replacement, under another name, would do.",
        source=f"{GUIDE}/using-cfn-updating-stacks-update-behaviors.html",
        phrases=either(
            "custom-named resource requires replacing; cannot update a stack when; updates are not allowed; update … "
            "is not supported for; update to … is not supported; update requires replacement; update of resource type "
            "is not supported; does not support updating; create-only propert*; createonly*; replacement type updates "
            "not supported; cannot be modified after; cannot be changed after; cannot be updated after; is immutable; "
            "cannot rename; modifying service token is not allowed"
        ),
    ),
    Rule(
        id="not-updatable",
        failure_class=FailureClass.INVALID_INPUT,
        why="Handler code: the property may only be set when the resource is made.",
        source=CONTRACT,
        handlers=("NotUpdatable", "InvalidTypeConfiguration", "UnsupportedTarget", "NonCompliant"),
    ),
)

WAITING: tuple[Rule, ...] = (
    Rule(
        id="signals-missing",
        failure_class=FailureClass.NOT_STABILIZED,
        why="Instances were started, and what runs on them never reported success. The reason is in their own logs.",
        source="https://repost.aws/knowledge-center/cloudformation-failed-signal",
        phrases=either(
            "success signal*; failure signal*; success signal(s); failure signal(s); resource signal(s); "
            "waitcondition timed out; waitcondition received failed; minsuccessfulinstancespercent; resource signals"
        ),
    ),
    Rule(
        id="alarm-rolled-back",
        failure_class=FailureClass.NOT_STABILIZED,
        why="An alarm that watches the deployment fired.",
        source=f"{GUIDE}/using-cfn-rollback-triggers.html",
        phrases=either(
            "rollback trigger*; rollback triggered; alarms have been activated; alarm … entered the alarm state; "
            "alarm … in alarm state; deployment … alarm"
        ),
    ),
    Rule(
        id="waited-in-vain",
        failure_class=FailureClass.NOT_STABILIZED,
        why="CloudFormation waited for the resource to become ready and gave up; only the resource's own logs say why.",
        source=f"{TROUBLES}#troubleshooting-resource-did-not-stabilize",
        phrases=either(
            "timed out waiting for completion; exceeded attempts to wait; deployment circuit breaker; circuit breaker "
            "was triggered; time exceeded the specified timeout; stack creation time exceeded; maximum … time … "
            "exceeded … stabiliz*; unhealthy … hosts; failed to join the kubernetes cluster; unable to reach a steady "
            "state; failed to reach a steady state; failed … health check*; health checks failed; resource is not in "
            "the state; max wait time exceeded; max attempts exceeded; too many individual instances failed; unable "
            "to stabilize"
        ),
        unless=either("not authorized to perform; sufficient capacity; stack set operation"),
        custom=True,
    ),
)

CUSTOM: tuple[Rule, ...] = (
    Rule(
        id="custom-resource-protocol",
        failure_class=FailureClass.CUSTOM_RESOURCE,
        why="The function behind the resource never answered, or its answer was not what CloudFormation expects.",
        source="https://repost.aws/knowledge-center/cloudformation-lambda-resource-delete",
        phrases=either(
            "did not receive a response from your custom resource; custom resource failed to stabilize; vendor "
            "response; customresource attribute error; invalid response object; response object is too long; response "
            "is not valid json; invalid physicalresourceid; invalid service token; failed to invoke … custom "
            "resource; see the details in cloudwatch"
        ),
        custom=True,
    ),
)
