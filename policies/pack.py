"""The rules of the pack, in the order of their catalogue."""

from policies.access import policy_attached, principals, services, tls
from policies.encryption import log_group, queue, table, topic
from policies.iam import actions, resources, trust
from policies.provider import account, explicit, region
from policies.rule import Rule, StackRule

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
    table.RULE,
    queue.RULE,
    topic.RULE,
    log_group.RULE,
]
