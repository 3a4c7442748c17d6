"""The rules of the pack, in the order of their catalogue."""

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    ReportViolation,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.access import bucket_owner, bucket_public, policy_attached, principals, services, tls
from policies.durability import (
    bucket_copies,
    bucket_lifecycle,
    bucket_parts,
    bucket_versions,
    table_deletion,
    table_recovery,
)
from policies.encryption import bucket, log_group, queue, table, topic
from policies.iam import actions, resources, trust
from policies.operation import dead_letters, function_limits, log_retention, machine_timeouts, queue_redrive, tracing
from policies.provider import account, explicit, region
from policies.rule import Rule, StackRule
from policies.waivers import Waivers, stack_of

RULES: list[Rule | StackRule] = [
    explicit.RULE,
    account.RULE,
    region.RULE,
    actions.RULE,
    resources.RULE,
    trust.RULE,
    principals.RULE,
    services.RULE,
    policy_attached.RULE,
    tls.RULE,
    bucket_public.RULE,
    bucket_owner.RULE,
    table.RULE,
    queue.RULE,
    topic.RULE,
    log_group.RULE,
    bucket.RULE,
    bucket_versions.RULE,
    bucket_lifecycle.RULE,
    bucket_copies.RULE,
    bucket_parts.RULE,
    table_recovery.RULE,
    table_deletion.RULE,
    log_retention.RULE,
    function_limits.RULE,
    machine_timeouts.RULE,
    dead_letters.RULE,
    queue_redrive.RULE,
    tracing.RULE,
]

WAIVERS_ARE_KEPT = "waivers-are-known-needed-and-in-time"


def policies(waivers: Waivers) -> list[Policy]:
    """Every rule as the engine takes it, and last, when all has been judged, the waivers themselves."""

    def judge(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        if args.resources:
            for fault in waivers.faults(stack_of(args.resources[0].urn), [rule.name for rule in RULES]):
                report_violation(fault, None)

    kept = StackValidationPolicy(
        name=WAIVERS_ARE_KEPT,
        description="A waiver that nobody needs, or that has expired, hides the next violation.",
        validate=judge,
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity.HIGH,
        remediation_steps="correct policies/waivers.json",
    )
    return [*(rule.policy(waivers) for rule in RULES), kept]
