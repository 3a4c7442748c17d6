"""One message per rule, and the rule that answers it: what each kind looks like, and that nothing earlier takes it."""

import pytest

from handlers.domain.diagnosis_rules import NOTHING, RULES, rule_for
from handlers.domain.diagnosis_text import read

EXAMPLES = {
    # rule: (resource type, status, message)
    "cancelled-sibling": ("AWS::SQS::Queue", "CREATE_FAILED", "Resource creation cancelled"),
    "validation-roll-up": (
        "AWS::CloudFormation::Stack",
        "ROLLBACK_IN_PROGRESS",
        "Validation failed for following resources: [A]",
    ),
    "roll-up": ("AWS::CloudFormation::Stack", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [A]."),
    "nothing-to-do": ("AWS::CloudFormation::Stack", "", "No updates are to be performed."),
    "stack-busy": ("AWS::CloudFormation::Stack", "", "Stack:a is in UPDATE_IN_PROGRESS state and can not be updated."),
    "stack-at-dead-end": ("AWS::CloudFormation::Stack", "", "Stack:a is in ROLLBACK_COMPLETE state and can not be updated."),
    "export-in-use": ("AWS::CloudFormation::Stack", "UPDATE_FAILED", "Export a cannot be deleted as it is in use by b"),
    "owned-by-another-stack": (
        "AWS::SQS::Queue",
        "CREATE_FAILED",
        "q already exists in stack arn:aws:cloudformation:r:a:stack/s/1",
    ),
    "taken-before-create": ("AWS::SQS::Queue", "CREATE_FAILED", "AWS::EarlyValidation::ResourceExistenceCheck"),
    "hook-refused": ("AWS::SQS::Queue", "CREATE_FAILED", "The following hook(s) failed: [My::Hook]"),
    "attribute-not-yet-readable": ("AWS::SQS::Queue", "CREATE_FAILED", "Unable to retrieve Arn attribute for AWS::SQS::Queue"),
    "template-malformed": ("AWS::SQS::Queue", "CREATE_FAILED", "Properties validation failed for resource Q with message: #: x"),
    "update-not-possible": ("AWS::SQS::Queue", "UPDATE_FAILED", "Updates are not allowed for property - QueueName."),
    "not-updatable": ("AWS::SQS::Queue", "UPDATE_FAILED", '"x" (HandlerErrorCode: NotUpdatable)'),
    "custom-resource-protocol": (
        "Custom::X",
        "CREATE_FAILED",
        "CloudFormation did not receive a response from your Custom Resource",
    ),
    "constraint-not-met": ("AWS::SQS::Queue", "CREATE_FAILED", "Value null at 'name' failed to satisfy constraint"),
    "signals-missing": (
        "AWS::EC2::Instance",
        "CREATE_FAILED",
        "Failed to receive 1 resource signal(s) within the specified duration",
    ),
    "alarm-rolled-back": ("AWS::Lambda::Alias", "UPDATE_FAILED", "One or more alarms have been activated"),
    "waited-in-vain": ("AWS::ECS::Service", "CREATE_FAILED", '"Exceeded attempts to wait" (HandlerErrorCode: NotStabilized)'),
    "rate-exceeded": ("AWS::SQS::Queue", "CREATE_FAILED", "Rate exceeded (Service: Sqs, Status Code: 400)"),
    "too-many-at-once": ("AWS::DynamoDB::Table", "CREATE_FAILED", "Only 10 tables can be created simultaneously"),
    "no-room": ("AWS::EC2::Instance", "CREATE_FAILED", "We currently do not have sufficient m5.large capacity"),
    "zone-refused-by-eks": (
        "AWS::EKS::Cluster",
        "CREATE_FAILED",
        "EKS does not support creating control plane instances in us-east-1e",
    ),
    "code-throttling": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: RequestThrottled; )"),
    "code-capacity": ("AWS::RDS::DBInstance", "CREATE_FAILED", "x (Error Code: InsufficientDBInstanceCapacity)"),
    "code-permission": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: OptInRequired)"),
    "code-already-exists": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: QueueNameExists)"),
    "code-not-found": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: NoSuchHostedZone)"),
    "code-dependency-in-use": ("AWS::SQS::Queue", "DELETE_FAILED", "x (Error Code: DeleteConflict)"),
    "code-quota": ("AWS::EC2::VPC", "CREATE_FAILED", "x (Error Code: VpcLimitExceeded)"),
    "code-not-stabilized": ("AWS::EKS::Nodegroup", "CREATE_FAILED", "[Issue(Code=NodeCreationFailure, Message=x)]"),
    "handler-access-denied": ("AWS::SQS::Queue", "CREATE_FAILED", '"x" (HandlerErrorCode: AccessDenied)'),
    "handler-already-exists": ("AWS::SQS::Queue", "CREATE_FAILED", '"null" (HandlerErrorCode: AlreadyExists)'),
    "handler-not-found": ("AWS::SQS::Queue", "UPDATE_FAILED", '"x" (HandlerErrorCode: NotFound)'),
    "handler-throttling": ("AWS::SQS::Queue", "UPDATE_FAILED", '"x" (HandlerErrorCode: Throttling)'),
    "role-not-assumable": ("AWS::SQS::Queue", "CREATE_FAILED", "Role arn:aws:iam::1:role/r is invalid or cannot be assumed"),
    "not-authorized": ("AWS::SQS::Queue", "CREATE_FAILED", "User: a is not authorized to perform: sqs:CreateQueue"),
    "not-allowed-in": ("AWS::SQS::Queue", "CREATE_FAILED", "Not authorized for images: [ami-x]"),
    "permission-missing": ("AWS::SQS::Queue", "CREATE_FAILED", "The role lacks permission x"),
    "account-not-enabled": ("AWS::SQS::Queue", "CREATE_FAILED", "This account is currently blocked"),
    "did-not-stabilize": ("AWS::SQS::Queue", "CREATE_FAILED", "Queue q did not stabilize"),
    "another-change-runs": ("AWS::SQS::Queue", "UPDATE_FAILED", "Another operation is in progress"),
    "in-another-state": ("AWS::KMS::Key", "UPDATE_FAILED", "The key is pending deletion"),
    "has-so-many": ("AWS::CloudTrail::Trail", "CREATE_FAILED", "User: 1 already has 5 trails in us-east-1."),
    "taken-by-use": ("AWS::X::Rule", "CREATE_FAILED", "Priority '1' is currently in use"),
    "already-there": ("AWS::SQS::Queue", "CREATE_FAILED", "The queue already exists"),
    "still-used": ("AWS::EC2::VPC", "DELETE_FAILED", "The vpc 'v' has dependencies and cannot be deleted."),
    "delete-refused": ("AWS::EC2::VPC", "DELETE_FAILED", "The thing cannot be deleted"),
    "limit-reached": ("AWS::EC2::EIP", "CREATE_FAILED", "The maximum number of addresses has been reached."),
    "no-such-version": ("AWS::RDS::DBInstance", "CREATE_FAILED", "Cannot find version 8.0.35 for mysql"),
    "identifier-unknown-to-api-gateway": ("AWS::ApiGateway::Method", "CREATE_FAILED", "Invalid stage identifier specified"),
    "not-there": ("AWS::SQS::Queue", "CREATE_FAILED", "The key does not exist"),
    "code-drift-or-conflict": ("AWS::SQS::Queue", "UPDATE_FAILED", "x (Error Code: InvalidDBInstanceState)"),
    "code-invalid-input": ("AWS::SQS::Queue", "UPDATE_FAILED", "x (Error Code: InvalidViewerCertificate)"),
    "code-transient": ("AWS::SQS::Queue", "UPDATE_FAILED", "x (Error Code: InternalServerException)"),
    "aws-stumbled": ("AWS::SQS::Queue", "CREATE_FAILED", "Internal Failure"),
    "handler-not-stabilized": ("AWS::SQS::Queue", "CREATE_FAILED", '"x" (HandlerErrorCode: NotStabilized)'),
    "handler-conflict": ("AWS::SQS::Queue", "CREATE_FAILED", '"x" (HandlerErrorCode: ResourceConflict)'),
    "handler-stumbled": ("AWS::SQS::Queue", "CREATE_FAILED", '"null" (HandlerErrorCode: InternalFailure)'),
    "ended-badly": ("AWS::ElasticBeanstalk::Environment", "CREATE_FAILED", "Failed to launch environment."),
    "custom-resource-opaque": (
        "Custom::X",
        "CREATE_FAILED",
        "Received response status [FAILED] from custom resource. Message returned: x",
    ),
    "request-refused": ("AWS::SQS::Queue", "CREATE_FAILED", "You must specify exactly one subnet."),
    "generic-quota": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: LimitExceededException)"),
    "generic-dependency-in-use": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: ResourceInUseException)"),
    "generic-drift-or-conflict": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: ConflictException)"),
    "generic-invalid-input": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: ValidationException)"),
    "generic-transient": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Error Code: ServiceUnavailable)"),
    "handler-invalid-request": ("AWS::SQS::Queue", "CREATE_FAILED", '"x" (HandlerErrorCode: InvalidRequest)'),
    "status-forbidden": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Service: Sqs, Status Code: 403)"),
    "status-not-found": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Service: Sqs, Status Code: 404)"),
    "status-conflict": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Service: Sqs, Status Code: 409)"),
    "status-too-many": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Service: Sqs, Status Code: 429)"),
    "status-server": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Service: Sqs, Status Code: 500)"),
    "status-client": ("AWS::SQS::Queue", "CREATE_FAILED", "x (Service: Sqs, Status Code: 400)"),
    "none": ("AWS::SQS::Queue", "CREATE_FAILED", "x"),
}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_example_is_answered_by_its_rule(rule: str, example: tuple[str, str, str]) -> None:
    """The rule that the kind is for, and no other."""
    resource_type, status, message = example

    assert rule_for(read(message, resource_type, status)).id == rule


def test_every_rule_has_an_example() -> None:
    """A rule that nobody can show a message for is not needed."""
    assert [rule.id for rule in RULES if rule.id not in EXAMPLES] == []


def test_nothing_is_what_an_empty_reason_gets() -> None:
    """No words, no class."""
    assert rule_for(read("", "AWS::SQS::Queue", "CREATE_FAILED")) is NOTHING
