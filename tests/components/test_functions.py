"""What every function of a cell has in common."""

import importlib.util
import json

import pytest

from components.settings import Settings
from tests.components.conftest import Recording, Synth


def test_every_function_runs_where_its_libraries_were_built_for(sandbox: Recording) -> None:
    """One runtime, one processor, one layer."""
    for function in sandbox.of("Function"):
        assert (function.inputs["runtime"], function.inputs["architectures"]) == ("python3.13", ["arm64"])
        assert len(function.inputs["layers"]) == 1


def test_a_functions_handler_is_named_for_its_role(sandbox: Recording) -> None:
    """The module lies in `handlers`."""
    for function in sandbox.of("Function"):
        role = function.inputs["name"].removeprefix("stackmend-sandbox-").replace("-", "_")

        assert function.inputs["handler"] == f"handlers.{role}.lambda_handler"


def test_every_handler_is_there(sandbox: Recording) -> None:
    """A misspelt one would be found by the first event only."""
    modules = {function.inputs["handler"].rpartition(".")[0] for function in sandbox.of("Function")}

    assert [module for module in sorted(modules) if importlib.util.find_spec(module) is None] == []


def test_every_function_is_made_after_its_log_and_its_rights(sandbox: Recording) -> None:
    """Lambda would make a log group without key and end; the first call would be refused."""
    for function in sandbox.of("Function"):
        stem = function.name.removesuffix("-function")

        assert sandbox.one("LogGroup", f"{stem}-log").urn in function.waits_for
        assert sandbox.one("RolePolicy", f"{stem}-calls").urn in function.waits_for
        assert sandbox.one("RolePolicy", f"{stem}-key").urn in function.waits_for


def test_every_log_ends_and_is_encrypted(sandbox: Recording) -> None:
    """The machine's too."""
    groups = sandbox.of("LogGroup")

    assert len(groups) == 11
    for group in groups:
        assert group.inputs["retentionInDays"] == 1
        assert group.inputs["kmsKeyId"].startswith("arn:aws:kms:us-east-1:222222222222:")


def test_a_function_writes_to_its_own_log(sandbox: Recording) -> None:
    """The one that its role names."""
    for function in sandbox.of("Function"):
        stem = function.name.removesuffix("-function")
        document = json.loads(sandbox.one("RolePolicy", f"{stem}-calls").inputs["policy"])
        (log,) = [statement for statement in document["Statement"] if statement["Sid"] == "WriteItsLog"]

        assert log["Resource"] == [
            f"arn:aws:logs:us-east-1:222222222222:log-group:{function.inputs['loggingConfig']['logGroup']}:*"
        ]


def test_only_lambda_takes_a_functions_role_on(sandbox: Recording) -> None:
    """No person, no other service."""
    for function in sandbox.of("Function"):
        role = sandbox.one("Role", f"{function.name.removesuffix('-function')}-role")
        (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_no_setting_hides_in_the_environment(sandbox: Recording) -> None:
    """What a cell knows is in its zip; the environment only tells the logger its name."""
    for function in sandbox.of("Function"):
        assert all(key.startswith("POWERTOOLS_") for key in function.inputs["environment"]["variables"])


@pytest.mark.parametrize("reserves", [True, False])
def test_concurrency_is_reserved_where_the_settings_say_so(synth: Synth, sandbox_settings: Settings, reserves: bool) -> None:
    """A new account has only ten places in all."""
    raw = sandbox_settings.model_dump(mode="json")
    raw["functions"]["reserve_concurrency"] = reserves
    functions = synth(Settings.load(raw)).of("Function")

    assert {"reservedConcurrentExecutions" in function.inputs for function in functions} == {reserves}


def test_reserved_places_leave_an_account_its_hundred(sandbox: Recording) -> None:
    """Lambda refuses to reserve the last 100 of the usual 1,000; a cell takes a small part."""
    assert sum(function.inputs["reservedConcurrentExecutions"] for function in sandbox.of("Function")) <= 100


def test_every_function_and_the_machine_are_traced(sandbox: Recording) -> None:
    """A gap would part a recovery's trace in two."""
    assert {function.inputs["tracingConfig"]["mode"] for function in sandbox.of("Function")} == {"Active"}
    assert [machine.inputs["tracingConfiguration"]["enabled"] for machine in sandbox.of("StateMachine")] == [True]
