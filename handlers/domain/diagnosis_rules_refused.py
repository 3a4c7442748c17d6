"""Rules for wordings that refuse: rates, room, rights, limits."""

from handlers.domain.diagnosis_phrases import either
from handlers.domain.diagnosis_rule import Rule
from handlers.domain.diagnosis_rules_engine import EC2_CODES, IAM_DENIED, IAM_ROLES, QUOTAS
from handlers.domain.failure_class import FailureClass

THROTTLING: tuple[Rule, ...] = (
    Rule(
        id="rate-exceeded",
        failure_class=FailureClass.THROTTLING,
        why="Calls came faster than the service allows this account.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/throttling.html",
        phrases=either(
            "rate exceeded; too many requests; request limit exceeded; request rate exceeded; request rate is too "
            "high; request rate too high; exceeded the rate; exceeds the rate limit; exceeded … request rate; rate "
            "limit exceeded; rate limit has been exceeded; maximum sending rate; was throttled; been throttled; being "
            "throttled; request throttled; throttlingexception; throttling: *; slow down; reduce your request rate"
        ),
        custom=True,
    ),
    Rule(
        id="too-many-at-once",
        failure_class=FailureClass.THROTTLING,
        why="The limit is on how many may be made at the same time, not on how many there are: later works.",
        source="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html",
        phrases=either(
            "simultaneously; at the same time … try again; too many … concurrently; too many concurrent; subscriber limit"
        ),
        unless=either("must not … simultaneously; cannot … simultaneously; cannot … be specified; can't … simultaneously; both"),
    ),
)


CAPACITY: tuple[Rule, ...] = (
    Rule(
        id="no-room",
        failure_class=FailureClass.CAPACITY,
        why="AWS has no such machine free in that place now; another zone or size may do.",
        source="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html",
        phrases=either(
            "sufficient … capacity; insufficient capacity; insufficient … capacity; do not have sufficient; don't have "
            "sufficient; not enough capacity; no spot capacity; capacity is not available; capacity … currently "
            "unavailable; out of capacity; no capacity … available; lack of capacity; insufficientinstancecapacity"
        ),
        unless=either(
            "capacity unit*; permission*; capacity … limit; matching configuration and sufficient … invalid; web acl; "
            "provisioned throughput; insufficient privileges"
        ),
    ),
    Rule(
        id="zone-refused-by-eks",
        failure_class=FailureClass.CAPACITY,
        why="EKS keeps control planes out of zones that are short of room and names the zones that have it.",
        source="https://docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html",
        phrases=either("targeted availability zone; creating control plane instances in; retry … from these availability zones"),
    ),
)


PERMISSION: tuple[Rule, ...] = (
    Rule(
        id="role-not-assumable",
        failure_class=FailureClass.PERMISSION,
        why="A role's trust policy does not let this service in, or the role is gone.",
        source=IAM_ROLES,
        phrases=either(
            "assume role; assume the role; assume this role; assume your role; assume a role; assumerole; be "
            "assumable; cannot be assumed; can't be assumed; unable to assume; cannot assume; can't assume; could not "
            "assume; failed to assume; not able to assume; not authorized to assume; unable to be assumed; assume the "
            "role … denied; allowed to use the passed role; must be allowed to use; trust relationship*; trust "
            "policy; service linked role exists; service-linked role exists; create service linked role; does not "
            "have … trust"
        ),
        unless=either("malformed; trust policy … syntax; condition block"),
        custom=True,
    ),
    Rule(
        id="not-authorized",
        failure_class=FailureClass.PERMISSION,
        why="An identity may not make this call; the message mostly names the action and the policy that is missing.",
        source=IAM_DENIED,
        phrases=either(
            "not authorized to perform; not authorized to access; access denied; accessdenied*; "
            "unauthorizedoperation; explicit deny; denied by stack policy; stack policy … deny; stack policy … "
            "denies; security token … invalid; security token … expired; not have permission to; not have permissions "
            "to"
        ),
        custom=True,
    ),
    Rule(
        id="not-allowed-in",
        failure_class=FailureClass.PERMISSION,
        why="Somebody may not; other software than AWS uses these words, too, so custom resources are not believed.",
        source=IAM_DENIED,
        phrases=either(
            "not authorized to; not authorized for; isn't authorized; you are not authorized; unauthorized; access was "
            "denied; permission denied; forbidden; access credentials; not have access; don't have access; doesn't have "
            "access; no access to; insufficient lake formation permission*; is not autho*"
        ),
    ),
    Rule(
        id="permission-missing",
        failure_class=FailureClass.PERMISSION,
        why="The service says that a right is missing: on the role that it was given, on the bucket, queue or key it should use.",
        source=IAM_DENIED,
        phrases=either(
            "not have permission*; not have the permission*; not have … permission*; don't have permission*; don't have … "
            "permission*; doesn't have … permission*; insufficient permission*; insufficient privilege*; lacks "
            "permission*; lacks … permission*; no permission*; missing permission*; permission … missing; permissions … "
            "required to; required permission*; necessary permission*; appropriate permission*; verify … permission*; "
            "check … permission*; ensure … permission*; have permission to; need … permissions; requires permission*; not "
            "allowed to be used with; not allowed to access; not permitted to access; not permitted to perform; can't "
            "decrypt; cannot decrypt; unable to decrypt; could not decrypt; unable to validate the following destination "
            "configurations; must grant; has not granted; policy does not allow; policy … doesn't allow; cannot access "
            "stream; cannot access; unable to access; unable to put … test message; inaccessible … kms; kms key … "
            "inaccessible; kms key … is not accessible; cannot … access … kms key; could not deliver test message"
        ),
        unless=either("must not have permission*; permissions boundary … invalid; permission … must be"),
    ),
    Rule(
        id="account-not-enabled",
        failure_class=FailureClass.PERMISSION,
        why="The account as a whole may not do this yet: verification, subscription, opt-in, suspension.",
        source=EC2_CODES,
        phrases=either(
            "account must be verified; account … being verified; is being validated; account … verification; account … "
            "not support creating; account … suspended; account … blocked; not subscribed; needs a subscription; requires "
            "subscription; subscription … required; opt in to; optinrequired; accept … terms; request access to the "
            "model; not enabled for this account; account is not authorized; accountgate; contact aws support; not been "
            "signed up"
        ),
        unless=either("limit; maximum; quota"),
    ),
)


QUOTA: tuple[Rule, ...] = (
    Rule(
        id="has-so-many",
        failure_class=FailureClass.QUOTA,
        why="It says how many there are: as many as there may be.",
        source=QUOTAS,
        phrases=tuple(f"already has {number}" for number in (*range(1, 21), 25, 30, 40, 50, 100, 200, 250, 300, 500, 1000)),
    ),
    Rule(
        id="limit-reached",
        failure_class=FailureClass.QUOTA,
        why="The account or the resource holds as many, or as much, as it may.",
        source=QUOTAS,
        phrases=either(
            "maximum number of; max number of; maximum … has been reached; maximum … reached; limit exceeded; limit has "
            "been exceeded; limit was exceeded; limit is exceeded; exceeds the limit; exceeded the limit; exceed the "
            "limit; exceeds … limit; exceeded … limit; exceed … limit; over the limit; reached the limit; reached … "
            "limit; reached the maximum; reached your; reached its limit; limit has been reached; limit reached; limit of "
            "… reached; limit for … reached; limit is; current limit; account limit*; service limit*; quota; quotas; too "
            "many; cannot exceed; can't exceed; exceed the maximum; exceeds the maximum; exceeded the maximum; exceeds "
            "maximum; maximum allowed; maximum policy size; exceeded maximum; more … than allowed; more than the allowed; "
            "greater than maximum; exceeded the number; exceeds the number; exceeded the allowed; no more … allowed; "
            "bring your total; below its minimum value; size … exceeded; bigger than the limit; smaller than … bytes; not "
            "enough … ip addresses; not enough … addresses; insufficient free addresses; insufficient … addresses; no "
            "free ip addresses; no available … addresses; not enough free; more … than your current; limit … allows"
        ),
        unless=either("must be; between; invalid; characters; free tier"),
        custom=False,
    ),
)
