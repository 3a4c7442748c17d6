"""One example of each resource type with every property that a careful program sets, and a change of it in place."""

import json

import pulumi

from tests.sandbox.provider.example import ACCOUNT, KEY, PARTNER, REGION, ROLE, TAGS, Example
from tests.sandbox.provider.examples_s3 import S3_EXAMPLES, S3_NEEDS

QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:example-queue"
QUEUE_URL = "{queue_url}"
"""Stands for the url of the queue in NEEDS, which holds the emulator's port."""
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:example-function"
LOG_GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:example-logs"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:example-topic"
_KEYS = [{"attributeName": "cell", "keyType": "HASH"}, {"attributeName": "key", "keyType": "RANGE"}]


def allow(principal: str, resource: str = "*") -> str:
    """A policy document; its spelling differs from what AWS gives back."""
    statement = {"Effect": "Allow", "Principal": {"Service": [principal]}, "Action": ["sqs:SendMessage"], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def program(text: str = "def handler(event, context): return event\n") -> pulumi.Archive:
    return pulumi.AssetArchive({"main.py": pulumi.StringAsset(text)})


def machine(result: str) -> str:
    return json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": result, "End": True}}}, indent=1)


NEEDS = (
    Example("aws:iam/role:Role", {"name": "example-role", "assumeRolePolicy": trust("lambda.amazonaws.com")}),
    Example("aws:sqs/queue:Queue", {"name": "example-queue"}),
    Example("aws:sns/topic:Topic", {"name": "example-topic"}),
    Example("aws:cloudwatch/logGroup:LogGroup", {"name": "example-logs"}),
    Example("aws:cloudwatch/eventRule:EventRule", {"name": "example-rule", "eventPattern": json.dumps({"source": ["a"]})}),
    Example(
        "aws:lambda/function:Function",
        {"name": "example-function", "role": ROLE, "handler": "main.handler", "runtime": "python3.13", "code": program()},
    ),
    *S3_NEEDS,
)

EXAMPLES = (
    Example(
        "aws:kms/key:Key",
        {
            "description": "the cell's key",
            "enableKeyRotation": True,
            "rotationPeriodInDays": 180,
            "deletionWindowInDays": 7,
            "multiRegion": False,
            "policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}],
                }
            ),
            "tags": TAGS,
        },
        {"description": "another", "enableKeyRotation": False},
        ("description",),
    ),
    Example(
        "aws:dynamodb/table:Table",
        {
            "name": "example-ledger",
            "hashKey": "pk",
            "rangeKey": "sk",
            "billingMode": "PAY_PER_REQUEST",
            "attributes": [{"name": name, "type": "S"} for name in ("sk", "pk", "cell", "key")],
            "globalSecondaryIndexes": [{"name": "unresolved", "keySchemas": _KEYS, "projectionType": "ALL"}],
            "ttl": {"attributeName": "expires_at", "enabled": True},
            "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY},
            "deletionProtectionEnabled": False,
            "streamEnabled": True,
            "streamViewType": "NEW_AND_OLD_IMAGES",
            "replicas": [
                {
                    "regionName": PARTNER,
                    "kmsKeyArn": KEY.replace(REGION, PARTNER),
                    "pointInTimeRecovery": True,
                    "deletionProtectionEnabled": False,
                    "propagateTags": True,
                }
            ],
            "tags": TAGS,
        },
        {
            "ttl": {"attributeName": "expires_at", "enabled": False},
            "pointInTimeRecovery": {"enabled": False},
            "globalSecondaryIndexes": [{"name": "other", "keySchemas": _KEYS, "projectionType": "KEYS_ONLY"}],
            "replicas": [],
        },
        ("replicas",),
    ),
    Example(
        "aws:sqs/queue:Queue",
        {
            "name": "example-intake",
            "visibilityTimeoutSeconds": 60,
            "messageRetentionSeconds": 1_209_600,
            "receiveWaitTimeSeconds": 20,
            "sqsManagedSseEnabled": True,
            "redrivePolicy": json.dumps({"deadLetterTargetArn": QUEUE_ARN, "maxReceiveCount": 5}, indent=1),
            "tags": TAGS,
        },
        {"visibilityTimeoutSeconds": 90, "tags": {"owner": "somebody"}},
        ("redrivePolicy",),
    ),
    Example(
        "aws:sqs/queuePolicy:QueuePolicy",
        {"queueUrl": QUEUE_URL, "policy": allow("events.amazonaws.com", QUEUE_ARN)},
        {"policy": allow("sns.amazonaws.com", QUEUE_ARN)},
    ),
    Example(
        "aws:sns/topic:Topic",
        {"name": "example-alerts", "displayName": "Alerts", "kmsMasterKeyId": KEY, "signatureVersion": 2, "tags": TAGS},
        {"displayName": "Alarms"},
        ("displayName",),
    ),
    Example(
        "aws:sns/topicPolicy:TopicPolicy",
        {"arn": TOPIC_ARN, "policy": allow("events.amazonaws.com", TOPIC_ARN)},
        {"policy": allow("cloudwatch.amazonaws.com", TOPIC_ARN)},
        leaves_nothing=False,
    ),
    Example(
        "aws:iam/role:Role",
        {
            "name": "example-intake",
            "path": "/stackmend/",
            "description": "intake",
            "assumeRolePolicy": trust("lambda.amazonaws.com"),
            "maxSessionDuration": 7200,
            "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "forceDetachPolicies": True,
            "tags": TAGS,
        },
        {"description": "notice", "assumeRolePolicy": trust("states.amazonaws.com")},
        ("permissionsBoundary", "description"),
    ),
    Example(
        "aws:iam/rolePolicy:RolePolicy",
        {"name": "calls", "role": "example-role", "policy": allow("nobody").replace("Principal", "NotPrincipal")},
        {"policy": allow("somebody").replace("Principal", "NotPrincipal")},
    ),
    Example(
        "aws:lambda/layerVersion:LayerVersion",
        {
            "layerName": "example-libraries",
            "code": program("x = 1\n"),
            "compatibleRuntimes": ["python3.13"],
            "compatibleArchitectures": ["arm64"],
            "description": "libraries",
        },
    ),
    Example(
        "aws:lambda/function:Function",
        {
            "name": "example-intake",
            "role": ROLE,
            "handler": "main.handler",
            "runtime": "python3.13",
            "architectures": ["arm64"],
            "code": program(),
            "description": "intake",
            "memorySize": 256,
            "timeout": 30,
            "environment": {"variables": {"POWERTOOLS_SERVICE_NAME": "intake"}},
            "reservedConcurrentExecutions": 5,
            "loggingConfig": {
                "logFormat": "JSON",
                "logGroup": "example-logs",
                "applicationLogLevel": "INFO",
                "systemLogLevel": "WARN",
            },
            "tracingConfig": {"mode": "Active"},
            "deadLetterConfig": {"targetArn": QUEUE_ARN},
            "kmsKeyArn": KEY,
            "ephemeralStorage": {"size": 512},
            "tags": TAGS,
        },
        {"memorySize": 512, "code": program("def handler(event, context): return None\n"), "reservedConcurrentExecutions": 2},
        ("deadLetterConfig", "environment", "reservedConcurrentExecutions", "description", "kmsKeyArn"),
    ),
    Example(
        "aws:lambda/permission:Permission",
        {
            "function": "example-function",
            "action": "lambda:InvokeFunction",
            "principal": "events.amazonaws.com",
            "sourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/example-rule",
            "sourceAccount": ACCOUNT,
        },
    ),
    Example(
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        {
            "functionName": FUNCTION_ARN,
            "eventSourceArn": QUEUE_ARN,
            "batchSize": 10,
            "maximumBatchingWindowInSeconds": 0,
            "functionResponseTypes": ["ReportBatchItemFailures"],
            "scalingConfig": {"maximumConcurrency": 2},
            "filterCriteria": {"filters": [{"pattern": json.dumps({"body": {"a": [1]}})}]},
            "tags": TAGS,
        },
        {"batchSize": 5, "enabled": False},
        ("filterCriteria", "scalingConfig"),
    ),
    Example(
        "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        {
            "functionName": "example-function",
            "maximumRetryAttempts": 1,
            "maximumEventAgeInSeconds": 300,
            "destinationConfig": {"onFailure": {"destination": QUEUE_ARN}},
        },
        {"maximumRetryAttempts": 0},
        ("destinationConfig",),
    ),
    Example(
        "aws:lambda/functionUrl:FunctionUrl",
        {"functionName": "example-function", "authorizationType": "AWS_IAM", "invokeMode": "BUFFERED"},
        {"invokeMode": "RESPONSE_STREAM"},
    ),
    Example(
        "aws:cloudwatch/eventRule:EventRule",
        {
            "name": "example-status",
            "description": "status events",
            "eventPattern": json.dumps({"source": ["aws.cloudformation"]}, indent=1),
            "tags": TAGS,
        },
        {"state": "DISABLED", "eventPattern": json.dumps({"source": ["aws.states"]})},
        ("description",),
    ),
    Example(
        "aws:cloudwatch/eventTarget:EventTarget",
        {
            "rule": "example-rule",
            "arn": QUEUE_ARN,
            "deadLetterConfig": {"arn": QUEUE_ARN},
            "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 4},
            "inputTransformer": {"inputPaths": {"id": "$.id"}, "inputTemplate": '{"id": <id>}'},
        },
        {"retryPolicy": {"maximumEventAgeInSeconds": 600, "maximumRetryAttempts": 1}},
        ("inputTransformer",),
    ),
    Example(
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "example-intake", "retentionInDays": 30, "kmsKeyId": KEY, "tags": TAGS},
        {"retentionInDays": 90},
        ("kmsKeyId",),
    ),
    Example(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "name": "example-alarm",
            "alarmDescription": "messages in the dead-letter queue",
            "namespace": "AWS/SQS",
            "metricName": "ApproximateNumberOfMessagesVisible",
            "dimensions": {"QueueName": "example-queue"},
            "statistic": "Maximum",
            "period": 60,
            "evaluationPeriods": 3,
            "datapointsToAlarm": 2,
            "threshold": 0.5,
            "comparisonOperator": "GreaterThanThreshold",
            "treatMissingData": "notBreaching",
            "alarmActions": [TOPIC_ARN],
            "okActions": [TOPIC_ARN],
            "tags": TAGS,
        },
        {"threshold": 1, "dimensions": {"QueueName": "another"}},
        ("okActions", "datapointsToAlarm"),
    ),
    Example(
        "aws:cloudwatch/dashboard:Dashboard",
        {"dashboardName": "example-page", "dashboardBody": json.dumps({"widgets": []})},
        {"dashboardBody": json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "a"}}]})},
    ),
    Example(
        "aws:sfn/stateMachine:StateMachine",
        {
            "name": "example-recovery",
            "definition": machine("a"),
            "roleArn": ROLE,
            "type": "STANDARD",
            "loggingConfiguration": {
                "level": "ERROR",
                "includeExecutionData": True,
                "logDestination": f"{LOG_GROUP_ARN}:*",
            },
            "tracingConfiguration": {"enabled": True},
            "tags": TAGS,
        },
        {"definition": machine("b")},
    ),
    Example("aws:scheduler/scheduleGroup:ScheduleGroup", {"name": "example-group", "tags": TAGS}),
    Example(
        "aws:scheduler/schedule:Schedule",
        {
            "name": "example-heartbeat",
            "scheduleExpression": "rate(1 minute)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "description": "heartbeat",
            "target": {
                "arn": FUNCTION_ARN,
                "roleArn": ROLE,
                "input": json.dumps({"a": 1}),
                "retryPolicy": {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 0},
                "deadLetterConfig": {"arn": QUEUE_ARN},
            },
        },
        {"state": "DISABLED"},
        ("description",),
    ),
    *S3_EXAMPLES,
)

METRIC_MATH = Example(
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    {
        "name": "example-math",
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        "threshold": 10,
        "metricQueries": [
            {"id": "e1", "expression": "m1 * 2", "label": "double", "returnData": True},
            {
                "id": "m1",
                "metric": {
                    "namespace": "AWS/Lambda",
                    "metricName": "Errors",
                    "dimensions": {"FunctionName": "example-function"},
                    "period": 60,
                    "stat": "Sum",
                },
            },
        ],
    },
    {"threshold": 20},
)

STRONG_TABLE = Example(
    "aws:dynamodb/table:Table",
    {
        "name": "example-lease",
        "hashKey": "pk",
        "billingMode": "PAY_PER_REQUEST",
        "attributes": [{"name": "pk", "type": "S"}],
        "pointInTimeRecovery": {"enabled": True},
        "replicas": [
            {"regionName": region, "consistencyMode": "STRONG", "pointInTimeRecovery": True} for region in ("us-east-2", PARTNER)
        ],
    },
    {"pointInTimeRecovery": {"enabled": False}},
)
