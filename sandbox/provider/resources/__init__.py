"""Every type of resource that the stand-in knows, one module for each service or part of one."""

from typing import Final

from sandbox.provider.resource import ResourceType
from sandbox.provider.resources import (
    alarms,
    dashboards,
    dynamodb,
    events,
    iam,
    kms,
    lambda_events,
    lambda_function,
    lambda_layer,
    lambda_permission,
    lambda_url,
    logs,
    s3_bucket,
    s3_replication,
    s3_settings,
    scheduler,
    sns,
    sqs,
    step_functions,
)

_MODULES = (
    alarms,
    dashboards,
    dynamodb,
    events,
    iam,
    kms,
    lambda_events,
    lambda_function,
    lambda_layer,
    lambda_permission,
    lambda_url,
    logs,
    s3_bucket,
    s3_replication,
    s3_settings,
    scheduler,
    sns,
    sqs,
    step_functions,
)

TYPES: Final[dict[str, ResourceType]] = {type_.pulumi_type: type_ for module in _MODULES for type_ in module.TYPES}
