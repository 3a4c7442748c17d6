"""A function's URL asks who calls, and lets nobody in without an answer."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.access.principals import PERMISSION
from policies.rule import Rule

URL = "aws:lambda/functionUrl:FunctionUrl"
SIGNED = "AWS_IAM"


def function_url_asks_who_calls(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == URL:
        found = args.props.get("authorizationType")
        if found != SIGNED:
            yield f"says {found}"
        if args.props.get("cors"):
            yield "lets web pages call it"
    elif args.props.get("action") == "lambda:InvokeFunctionUrl" and args.props.get("functionUrlAuthType") != SIGNED:
        yield "lets a URL be called that asks nobody who they are"


RULE = Rule(
    name="function-url-asks-who-calls",
    description="A URL without IAM is open to everybody who knows it, and its function learns no caller, whom ours must know.",
    severity=Severity.CRITICAL,
    url="https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
    remedy=f"set {SIGNED}, on the URL and on the permission to call it, and no cors",
    resource_types=(URL, PERMISSION),
    judge=function_url_asks_who_calls,
)
