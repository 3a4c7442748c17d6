"""ClientRequestToken: a retry of the same request starts nothing new and is answered as before.

How long AWS remembers a token is not documented; here it is for the run. A refused request has not used its token up.
Tokens are kept per stack name: whether one may serve two stacks is not documented either, and this does not refuse it.
"""

from ministack.core.responses import get_account_id, get_region

from sandbox.emulator.hooks import Answer, Parameters, StackHandler, around_stack_actions, parameter, refuse, stack_name

# The operations with a ClientRequestToken: botocore's service model of CloudFormation.
ACTIONS = (
    "CreateStack", "UpdateStack", "DeleteStack", "ContinueUpdateRollback", "CancelUpdateStack", "RollbackStack",
    "ExecuteChangeSet",
)  # fmt: skip

Asked = tuple[str, tuple[tuple[str, str], ...]]

_used: dict[tuple[str, str, str, str], tuple[Asked, Answer]] = {}


def install() -> None:
    """Remember the tokens of requests that were accepted."""
    around_stack_actions(ACTIONS, _once)


def _once(action: str, original: StackHandler, parameters: Parameters) -> Answer:
    token = parameter(parameters, "ClientRequestToken")
    if not token:
        return original(parameters)
    key = (get_account_id(), get_region(), stack_name(parameter(parameters, "StackName")), token)
    asked = _asked(action, parameters)
    if key in _used:
        before, answer = _used[key]
        if before == asked:
            return answer[0], dict(answer[1]), answer[2]
        return refuse("TokenAlreadyExistsException", f"A client request token already exists: {token}")
    answer = original(parameters)
    if answer[0] < 400:  # noqa: PLR2004 - HTTP's first error
        _used[key] = asked, (answer[0], dict(answer[1]), answer[2])
    return answer


def _asked(action: str, parameters: Parameters) -> Asked:
    named = {name: parameter(parameters, name) for name in parameters}
    named["StackName"] = stack_name(named.get("StackName", ""))
    return action, tuple(sorted(named.items()))
