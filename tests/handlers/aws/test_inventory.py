"""What a stack holds and what others take from it are read whole, and with no more calls than needed."""

import pytest
from botocore.exceptions import ClientError

from handlers.aws.inventory import MOST_EXPORTS
from tests.handlers.bench import BenchRuntime
from tests.handlers.fake_cloudformation import refusal

NESTED = "AWS::CloudFormation::Stack"


def test_nested_stacks_are_walked_to_the_bottom(bench: BenchRuntime) -> None:
    """Each resource is named by its way down; what is being deleted is not entered."""
    bottom = bench.cloudformation.create("app-one-Web-Data")
    middle = bench.cloudformation.create("app-one-Web")
    root = bench.cloudformation.create("app-one")
    bottom.resources = {"Table": "CREATE_COMPLETE"}
    middle.resources, middle.holds = {"Data": "CREATE_COMPLETE"}, {"Data": (NESTED, bottom.stack_id)}
    root.resources = {"Web": "CREATE_COMPLETE", "Old": "DELETE_IN_PROGRESS"}
    root.holds = {"Web": (NESTED, middle.stack_id), "Old": (NESTED, "arn:gone")}

    assert [one.name for one in bench.inventory.resources(root.stack_id)] == ["Web", "Web.Data", "Web.Data.Table", "Old"]


def test_exports_are_those_that_others_import(bench: BenchRuntime) -> None:
    """What nobody imports may go."""
    bench.cloudformation.imported = {"b"}

    assert bench.inventory.exports_in_use(["a", "b"]) == ("b",)
    assert bench.inventory.exports_in_use([]) == ()


def test_too_many_exports_are_not_asked_about(bench: BenchRuntime) -> None:
    """They are not proven then, and no diagnosis is held up."""
    before = bench.cloudformation.calls

    assert bench.inventory.exports_in_use([str(number) for number in range(MOST_EXPORTS + 1)]) is None
    assert bench.cloudformation.calls == before


def test_another_refusal_is_no_answer(bench: BenchRuntime) -> None:
    """A missing right must not read as "nobody imports it"."""
    bench.cloudformation.fail_next = refusal("ListImports", "AccessDenied", "not allowed", 403)

    with pytest.raises(ClientError, match="not allowed"):
        bench.inventory.exports_in_use(["a"])
