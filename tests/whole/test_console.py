"""The console against a deployed environment, as a person types it: their own keys, the role that is shipped, a real ledger."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from console.app import app
from console.rehearsal import LEASE_SECONDS, SETTINGS, WORKLOAD, Deployed
from drills import actions
from drills.field import Field
from drills.probes import cell_holds_its_lease
from sandbox.world import HUB

pytestmark = pytest.mark.sandbox
REGION, STACK = "us-east-1", "app-console"
OPERATOR = f"arn:aws:sts::{WORKLOAD}:assumed-role/stackmend-operator/person"
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def field(sandbox: Deployed) -> Field:
    """The sandbox's first cell, once its heartbeat has taken the lease."""
    field = sandbox.field(WORKLOAD, REGION, print)
    field.wait("the heartbeat takes the cell's lease", lambda: cell_holds_its_lease(field) is None, seconds=LEASE_SECONDS)
    return field


@pytest.fixture
def run(sandbox: Deployed, field: Field, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type a command with the person's own keys."""
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    given = {**sandbox.world.person_environment(), "AWS_REGION": REGION, "STACKMEND_SETTINGS": str(SETTINGS)}
    return lambda *words: CliRunner().invoke(app, list(words), env=given)


def status(run: Run, *words: str) -> dict[str, Any]:
    """What `stackmend status` says to a program."""
    result = run("status", "--json", *words)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_every_cell_is_read_in_every_account(run: Run) -> None:
    """Through the role in each, and the leases through the hub's."""
    found = status(run)

    assert {(one["account_name"], one["region"]) for one in found["cells"]} == {
        (name, region) for name in ("workload", "neighbour") for region in ("us-east-1", "us-west-2")
    }
    assert {one["state"] for one in found["cells"]} <= {"acts", "no_lease"}  # a heartbeat may be yet to come elsewhere


def test_a_stack_is_paused_and_resumed(run: Run, field: Field) -> None:
    """Signed with the person's own name; a stack that is not there, and one that is not ours, are told apart."""
    actions.lay_ground(field)
    try:
        actions.deploy_fragile(field, STACK)
        paused = run("pause", STACK, "--reason", "a migration", "--for", "1h", "--account", "workload")
        assert paused.exit_code == 0, paused.stderr
        held = [one for one in status(run)["holds"] if one["kind"] == "pause"]
        resumed = run("resume", STACK, "--reason", "done", "--account", "workload")
    finally:
        actions.delete_stack(field, STACK)
        actions.clear_ground(field)

    assert [one["what"] for one in held] == [f"{WORKLOAD}/{REGION}/{STACK}"]
    assert f"(by {OPERATOR})" in held[0]["why"]
    assert (resumed.exit_code, OPERATOR in resumed.stdout) == (0, True)
    assert run("pause", STACK, "--reason", "x", "--account", "workload").exit_code == 1
    assert run("pause", "other-payments", "--reason", "x", "--account", "workload").exit_code == 2


@pytest.mark.parametrize(
    ("where", "stopped"),
    [
        (("--account", "neighbour"), {("neighbour", REGION)}),
        (("--everywhere",), {(name, region) for name in ("workload", "neighbour") for region in (REGION, "us-west-2")}),
    ],
    ids=["one cell", "everywhere"],
)
def test_what_is_stopped_is_what_was_said(run: Run, where: tuple[str, ...], stopped: set[tuple[str, str]]) -> None:
    """One cell in another account, or all by the switch in the hub; and it is started again."""
    thrown = run("stop", "--reason", "a test", *where)
    assert thrown.exit_code == 0, thrown.stderr
    try:
        found = {(one["account_name"], one["region"]) for one in status(run)["cells"] if one["state"] == "stopped"}
    finally:
        started = run("start", "--reason", "it is over", *where)

    assert found == stopped
    assert started.exit_code == 0
    assert {one["state"] for one in status(run)["cells"]} <= {"acts", "no_lease"}


@contextmanager
def without(sandbox: Deployed, account: str, policy: str) -> Iterator[None]:
    """Take one of the operator role's policies away, and give it back whatever happens."""
    iam = sandbox.emulator.session(account).client("iam")
    named = {"RoleName": "stackmend-operator", "PolicyName": policy}
    before = iam.get_role_policy(**named)["PolicyDocument"]
    iam.delete_role_policy(**named)
    try:
        yield
    finally:
        iam.put_role_policy(**named, PolicyDocument=json.dumps(before))


@pytest.mark.parametrize(
    ("account", "words"),
    [(WORKLOAD, ("stop", "--reason", "x", "--account", "workload")), (HUB, ("stop", "--reason", "x", "--everywhere"))],
    ids=["in the account", "in the hub"],
)
def test_without_the_operators_policy_nothing_is_said(sandbox: Deployed, run: Run, account: str, words: tuple[str, ...]) -> None:
    """The rights are those of the template, and one line says where they stand."""
    with without(sandbox, account, "say"):
        result = run(*words)

    assert result.exit_code == 2
    assert "AccessDenied" in result.stderr or "bootstrap/stackmend-operator.yaml" in result.stderr
    assert {one["state"] for one in status(run)["cells"]} <= {"acts", "no_lease"}
