"""What the sandbox adds to its emulator, in one list: every report prints it, and a drill's proof rests on it."""

from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True, kw_only=True)
class Addition:
    """One thing that AWS does and the emulator did not: the module that adds it, and AWS's page that it was built from."""

    name: str
    why: str
    documents: str
    module: str


_USER_GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"
_API = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference"
_STATES = "https://docs.aws.amazon.com/step-functions/latest"

# Installed in this order. CloudFormation's wrap one another, the last one outermost: a caller without iam:PassRole is
# refused before a repeated token is answered, and a repeated token is answered before the stack's state is looked at.
ADDITIONS: tuple[Addition, ...] = (
    Addition(
        name="recorder of calls",
        why="CloudTrail names the caller and outcome of every call; here every call, denied ones too, is kept as it is answered",
        documents="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html",
        module="recorded_calls",
    ),
    Addition(
        name="principal ARN of a role",
        why="aws:PrincipalArn of a role's session is the role's ARN, so that a trust policy can name exact roles",
        documents="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
        module="principal_arn",
    ),
    Addition(
        name="policy variables",
        why="a condition may compare with what the request says, so that a trust can fix a session's name to the user's",
        documents="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
        module="policy_variables",
    ),
    Addition(
        name="stack status events",
        why="CloudFormation sends every change of a stack's status to EventBridge; one stack's can be dropped, for drills",
        documents=f"{_USER_GUIDE}/event-detail-stack-status-change.html",
        module="stack_status_events",
    ),
    Addition(
        name="stack names after a failed create",
        why="CreateStack over a stack in ROLLBACK_COMPLETE answers AlreadyExistsException: such a stack must be deleted first",
        documents=f"{_USER_GUIDE}/view-stack-events.html",
        module="stack_names",
    ),
    Addition(
        name="failed stacks that go on",
        why="UpdateStack with DisableRollback goes on in CREATE_FAILED and UPDATE_FAILED; RollbackStack still knows the way back",
        documents=f"{_USER_GUIDE}/stack-failure-options.html",
        module="stack_resumes",
    ),
    Addition(
        name="stack request tokens",
        why="a repeated ClientRequestToken starts no second operation: same request, same answer, else TokenAlreadyExists",
        documents=f"{_API}/API_ContinueUpdateRollback.html",
        module="stack_request_tokens",
    ),
    Addition(
        name="stack service roles",
        why="RoleARN stays with the stack and is shown; the caller must be allowed to pass it; it must exist and be assumable",
        documents=f"{_USER_GUIDE}/using-iam-servicerole.html",
        module="stack_service_roles",
    ),
    Addition(
        name="stack condition keys",
        why="cloudformation:RoleArn, ChangeSetName and TemplateUrl are filled from the request, so policies may pin them",
        documents="https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html",
        module="stack_condition_keys",
    ),
    Addition(
        name="stack lineage",
        why="DescribeStacks and ListStacks show a nested stack's ParentId and RootId at every depth",
        documents=f"{_API}/API_Stack.html",
        module="stack_lineage",
    ),
    Addition(
        name="function errors by class",
        why="a Python function's error is named by its exception class, which Retry and Catch match; its environment stays warm",
        documents="https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html",
        module="function_errors",
    ),
    Addition(
        name="executions end once",
        why="what a task does after its execution was stopped or timed out changes neither its status nor its history",
        documents=f"{_STATES}/apireference/API_StopExecution.html",
        module="execution_end",
    ),
    Addition(
        name="execution time-outs",
        why="a state machine's TimeoutSeconds ends its execution as TIMED_OUT, with a status event, and nothing can catch it",
        documents=f"{_STATES}/dg/statemachine-structure.html",
        module="execution_timeouts",
    ),
    Addition(
        name="execution names",
        why="StartExecution with name and input of a running execution answers as the first time; else ExecutionAlreadyExists",
        documents=f"{_STATES}/apireference/API_StartExecution.html",
        module="execution_names",
    ),
    Addition(
        name="retry delays",
        why="MaxDelaySeconds caps the backoff of a Retry and JitterStrategy FULL draws each delay from zero to its length",
        documents=f"{_STATES}/dg/concepts-error-handling.html",
        module="retry_delays",
    ),
    Addition(
        name="task tokens",
        why="a function that fails under a task token fails its state; each retry has a new token, and the old one is closed",
        documents=f"{_STATES}/dg/connect-to-resource.html#connect-wait-token",
        module="task_tokens",
    ),
    Addition(
        name="metrics in logs",
        why="a function's lines of the embedded metric format become metrics; an alarm looks at its own dimensions alone",
        documents="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html",
        module="embedded_metrics",
    ),
    Addition(
        name="caller of a function URL",
        why="a function behind a URL with AuthType AWS_IAM is told who signed the request, and never has to believe its body",
        documents="https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html",
        module="function_url_caller",
    ),
    Addition(
        name="sender of a message",
        why="SQS names the principal that sent a message, a role's session by its name, so that no message is believed about it",
        documents="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html",
        module="queue_senders",
    ),
    Addition(
        name="killed functions",
        why="a function's process dies at a call that is named beforehand: Runtime.ExitError; each has credentials of its own",
        documents="https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html",
        module="killed_functions",
    ),
)


def install() -> None:
    """Put every addition into the emulator of this process; each refuses an emulator that it does not know."""
    for addition in ADDITIONS:
        import_module(f"sandbox.emulator.patches.{addition.module}").install()
