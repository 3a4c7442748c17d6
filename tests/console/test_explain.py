"""`stackmend explain` answers in two lines, offline, and never with a traceback."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError, NoRegionError
from typer.testing import CliRunner, Result

from bench.corpus.render import event, sequence_events, sequences
from console.app import app
from console.explain_text import ADVICE, meanings, one_line
from handlers.domain.failure_class import FailureClass

STACK = "AWS::CloudFormation::Stack"
DENIED = "User: a is not authorized to perform: sns:CreateTopic (HandlerErrorCode: AccessDenied)"


def arn(name: str) -> str:
    return f"arn:aws:cloudformation:us-east-1:111122223333:stack/{name}/aaaaaaaa-1111-2222-3333-444444444444"


def failed(name: str = "app", reason: str = DENIED) -> list[dict[str, Any]]:
    """A stack whose update failed, and whose rollback did for *reason*, newest first."""
    return [
        event(4, name, STACK, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [Topic].", stack=name),
        event(3, "Topic", "AWS::SNS::Topic", "UPDATE_FAILED", reason, stack=name),
        event(2, name, STACK, "UPDATE_ROLLBACK_IN_PROGRESS", "", stack=name),
        event(1, name, STACK, "UPDATE_IN_PROGRESS", "User Initiated", stack=name),
    ]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["explain", *arguments])


def saved(folder: Path, data: object, name: str = "events.json") -> str:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data, default=str), encoding="utf-8")
    return str(path)


def test_answer_stands_in_the_first_two_lines(tmp_path: Path) -> None:
    """What failed, of which kind, what it said, what to do: for a person at 3 a.m."""
    result = run("--events", saved(tmp_path, {"StackEvents": failed()}))
    first, second, *_ = result.stdout.splitlines()

    assert result.exit_code == 0
    assert first == "app UPDATE_ROLLBACK_FAILED: Topic (AWS::SNS::Topic) failed: permission"
    assert second == f"User: a is not authorized to perform: sns:CreateTopic => {ADVICE[FailureClass.PERMISSION]}"


def test_plan_certainty_and_page_follow(tmp_path: Path) -> None:
    """What Stackmend would try and refuse, how sure it is, which page to read."""
    result = run("--events", saved(tmp_path, failed()))

    assert "What it would refuse:\n  continue_update_rollback: Topic failed for a permanent cause (permission)" in result.stdout
    assert "rule not-authorized:" in result.stdout or "rule code-permission:" in result.stdout or "rule handler-" in result.stdout
    assert "https://docs.aws.amazon.com/" in result.stdout


def test_passing_cause_is_planned_for(tmp_path: Path) -> None:
    """A rollback that may go on has a step; what a file cannot tell is said."""
    result = run("--events", saved(tmp_path, failed(reason="Rate exceeded (Service: Sns, Status Code: 400)")))

    assert "continue_update_rollback (reversible" in result.stdout
    assert "if the stack has a service role" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "shape",
    [
        lambda events: {"StackEvents": events},
        lambda events: events,
        lambda events: {"app": {"StackEvents": events}},
        lambda events: {"app": events},
        lambda events: [{"StackEvents": events}],
    ],
    ids=["as saved", "bare list", "map of stacks", "map of lists", "list of stacks"],
)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_every_shape_and_form_is_read(shape: Any, form: str, tmp_path: Path) -> None:
    """One stack or a tree, JSON or YAML."""
    data = json.loads(json.dumps(shape(failed()), default=str))
    text = json.dumps(data) if form == "json" else yaml.safe_dump(data)

    assert run("--events", saved(tmp_path, text, f"events.{form}")).stdout.startswith("app UPDATE_ROLLBACK_FAILED: Topic")


def test_what_powershell_saves_is_read(tmp_path: Path) -> None:
    """Its redirection writes UTF-16."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"StackEvents": failed()}, default=str), encoding="utf-16")

    assert run("--events", str(path)).stdout.startswith("app UPDATE_ROLLBACK_FAILED: Topic")


def test_events_come_through_a_pipe() -> None:
    """`aws … | stackmend explain --events -`."""
    text = json.dumps({"StackEvents": failed()}, default=str)

    assert (
        CliRunner().invoke(app, ["explain", "--events", "-"], input=text).stdout.startswith("app UPDATE_ROLLBACK_FAILED: Topic")
    )


def test_half_a_character_is_no_traceback(tmp_path: Path) -> None:
    """JSON can escape what UTF-8 cannot hold."""
    result = run("--events", saved(tmp_path, json.dumps({"StackEvents": failed(reason="\ud800 already exists")}, default=str)))

    assert (result.exit_code, result.exception) == (0, None)
    assert "? already exists" in result.stdout


def test_tree_is_one_story_and_strangers_are_two(tmp_path: Path) -> None:
    """Nested stacks are explained together, unrelated ones one by one."""
    child = {**event(2, "Child", STACK, "UPDATE_FAILED", "Embedded stack x"), "PhysicalResourceId": arn("child")}
    tree = {"app": [*failed("child")[1:2], child, *failed()[::2]], "child": failed("child")}
    strangers = {"one": failed("one"), "two": failed("two")}

    assert len(json.loads(run("--json", "--events", saved(tmp_path, tree)).stdout)["explanations"]) == 1
    assert len(json.loads(run("--json", "--events", saved(tmp_path, strangers)).stdout)["explanations"]) == 2


@pytest.mark.parametrize("row", sequences(), ids=lambda row: row["id"])
def test_every_known_sequence_is_explained(row: dict[str, Any], tmp_path: Path) -> None:
    """One story each, with the cause that is known."""
    path = saved(tmp_path, {"StackEvents": sequence_events(row)})
    explanations = json.loads(run("--events", path, "--json").stdout)["explanations"]

    assert [each["root_cause"] for each in explanations] == [row["root_cause_logical_id"]]
    assert run("--events", path).exit_code == 0


def test_json_has_a_schema_version_and_every_field(tmp_path: Path) -> None:
    """Programs read it: the same fields whatever was found."""
    document = json.loads(run("--json", "--events", saved(tmp_path, failed())).stdout)
    explanation = document["explanations"][0]

    assert document["schema_version"] == 1
    assert explanation["failure_class"] == "permission"
    assert set(explanation["rule"]) == {"id", "why", "source"}
    assert explanation["plan"]["refusals"][0]["code"] == "cause_must_be_removed"
    assert {"stack", "status", "meaning", "evidence", "consequences", "other_causes", "rollback_stopped_by", "confidence"} <= set(
        explanation
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is neither JSON nor YAML"),
        ("a: [1", "is neither JSON nor YAML"),
        ("", "holds no stack events"),
        ("null", "holds no stack events"),
        ('{"Stacks": []}', "holds no stack events"),
        ("just words", "holds no stack events"),
        ("[" * 100_000, "is neither JSON nor YAML"),
    ],
)
def test_bad_file_is_one_clear_line(content: str, said: str, tmp_path: Path) -> None:
    """Not a traceback, and a code that scripts see."""
    result = run("--events", saved(tmp_path, content))

    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


def test_missing_binary_and_folder_are_one_line_each(tmp_path: Path) -> None:
    """Everything that a path can be."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\x80\xff\xfe\x00")
    errors = [run("--events", str(path)).stderr for path in (tmp_path / "missing", binary, tmp_path)]

    assert ["does not exist" in errors[0], "is not text" in errors[1], "cannot be read" in errors[2]] == [True] * 3
    assert [len(error.strip().splitlines()) for error in errors] == [1, 1, 1]


@pytest.mark.parametrize("arguments", [(), ("app", "--events", "x")], ids=["neither", "both"])
def test_one_source_must_be_given(arguments: tuple[str, ...]) -> None:
    """A stack or a file."""
    result = run(*arguments)

    assert (result.exit_code, result.stderr) == (2, "give either a STACK or --events FILE\n")


def test_stack_that_is_well_is_said_to_be(tmp_path: Path) -> None:
    """Nothing failed: not achieved, and said."""
    well = [event(1, "app", STACK, "CREATE_COMPLETE"), event(0, "app", STACK, "CREATE_IN_PROGRESS", "User Initiated")]
    result = run("--events", saved(tmp_path, well))

    assert (result.exit_code, result.stderr) == (1, "no failure in the events of app: nothing to explain\n")


def test_hostile_reason_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    """A reason is somebody else's text: no escape sequences, no markup, no line of its own."""
    result = run("--events", saved(tmp_path, failed(reason="\x1b[2J\x07[bold]it\nbroke[/bold]")))

    assert "\x1b" not in result.stdout
    assert "[bold]it broke[/bold]" in result.stdout.splitlines()[1]


def test_every_class_has_meaning_and_advice() -> None:
    """No class leaves a person alone."""
    assert set(meanings()) == {each.value for each in FailureClass}
    assert set(ADVICE) == set(FailureClass)


def test_one_line_takes_the_wrapping_off() -> None:
    """The message itself is what a person reads."""
    wrapped = (
        'Resource handler returned message: "It broke. (Service: Sns, Status Code: 400)" (RequestToken: 1, HandlerErrorCode: X)'
    )

    assert one_line(wrapped) == "It broke."


class FakeCloudFormation:
    """CloudFormation as far as explaining asks it; it refuses what is no stack."""

    def __init__(self, stacks: dict[str, list[dict[str, Any]]], role: str | None = None) -> None:
        self._stacks = stacks
        self._role = role
        self.asked: list[str] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        if StackName not in self._stacks:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}, "DescribeStacks"
            )
        stack = {"StackId": arn(StackName), "StackName": StackName, "StackStatus": "UPDATE_ROLLBACK_FAILED"}
        return {"Stacks": [{**stack, "RoleARN": self._role} if self._role else stack]}

    def get_paginator(self, operation: str) -> "FakeCloudFormation":
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> list[dict[str, Any]]:  # noqa: N803 - boto3's spelling
        self.asked.append(StackName)
        return [{"StackEvents": self._stacks[StackName.split("/")[1]]}]


class FakeSession:
    """boto3's session, with one client."""

    def __init__(self, client: FakeCloudFormation | Exception) -> None:
        self._client = client

    def __call__(self, **_: str | None) -> "FakeSession":
        if isinstance(self._client, Exception):
            raise self._client
        return self

    def client(self, _: str, **__: object) -> FakeCloudFormation | Exception:
        return self._client


def test_live_stack_is_read_with_its_nested_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cause lies in a nested stack; no service role is a fact here, and the plan says so."""
    child = {
        **event(2, "Child", STACK, "UPDATE_FAILED", "Embedded stack x was not successfully updated"),
        "PhysicalResourceId": arn("child"),
    }
    rate = "Rate exceeded (Service: Sns, Status Code: 400)"
    client = FakeCloudFormation({"app": [failed()[0], child, failed()[2]], "child": failed("child", rate)})
    monkeypatch.setattr("boto3.Session", FakeSession(client))
    result = run("app")

    assert client.asked == [arn("app"), arn("child")]
    assert result.stdout.startswith("app UPDATE_ROLLBACK_FAILED: Topic (AWS::SNS::Topic) failed: throttling")
    assert "the stack has no service role" in result.stdout


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (FakeSession(FakeCloudFormation({})), "CloudFormation refused to describe app: Stack with id app does not exist"),
        (FakeSession(NoRegionError()), "CloudFormation could not be asked about app: You must specify a region."),
    ],
    ids=["refused", "unreachable"],
)
def test_what_aws_refuses_is_one_line(session: FakeSession, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong name, no region, no credentials."""
    monkeypatch.setattr("boto3.Session", session)
    result = run("app")

    assert result.exit_code == 2
    assert result.stderr.startswith(said)
    assert len(result.stderr.strip().splitlines()) == 1


def test_every_step_says_when_its_turn_is_and_whose(tmp_path: Path) -> None:
    """A plan is read to its end: what comes after what, what needs a person's word, what only a person does."""
    result = run("--events", saved(tmp_path, failed(reason="Rate exceeded (Service: Sns, Status Code: 400)")))
    text = " ".join(result.stdout.split())

    assert "continue_skipping (once continue_update_rollback has failed, " in text
    assert ", after approval): the rollback can go on without Topic" in text
