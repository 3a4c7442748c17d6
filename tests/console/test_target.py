"""Which environment and cell a command is about, and as whom: what it finds by itself, and one line for what it cannot."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound
from typer.testing import CliRunner

from console.app import app
from console.plainly import UnusableError, asking
from console.sessions import Identity
from handlers.aws.calls import ask
from tests.cells import ACCOUNT
from tests.console.conftest import SETTINGS, Run, Trial
from tests.console.test_pause import KEY, ledger


def stop(*words: str) -> Any:
    """A command that needs a cell."""
    return CliRunner().invoke(app, ["stop", "--reason", "x", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "which environment? Give --environment (here: trial), or --settings FILE"),
        (
            ("-e", "prod"),
            "Pulumi.prod.yaml cannot be read (No such file or directory); give --settings FILE, or go to its folder",
        ),
        (("-e", "trial", "--settings", "x.yaml"), "--environment and --settings both say which environment: give one of them"),
        (("--settings", "broken.yaml"), "broken.yaml is no YAML: "),
        (("--settings", "empty.yaml"), "empty.yaml has no stackmend:settings; name the Pulumi.<environment>.yaml that"),
        (("--settings", "wrong.yaml"), "stackmend:settings.environment"),
    ],
)
def test_settings_that_cannot_be_used_are_one_line(trial: Trial, words: tuple[str, ...], said: str) -> None:
    """Before AWS is asked anything; exit code 2."""
    Path("broken.yaml").write_text("a: [1")
    Path("empty.yaml").write_text("config: {}")
    Path("wrong.yaml").write_text(yaml.safe_dump({"config": {"stackmend:settings": {**SETTINGS, "environment": "No-Name"}}}))
    result = stop(*words)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert said in result.stderr


def test_a_part_leads_to_its_environments_settings(trial: Trial) -> None:
    """Whichever of the files somebody names."""
    parts: dict[str, dict[str, Any]] = {"hub": {"hub": True}, "first": {"accounts": ["workload"]}}
    for name, part in parts.items():
        Path(f"Pulumi.trial-{name}.yaml").write_text(yaml.safe_dump({"config": {"stackmend:part": {"of": "trial", **part}}}))
    result = stop("-e", "trial-first", "--region", "us-east-1")

    assert result.exit_code == 0, result.stderr
    assert ledger(trial).switch().stopped


def test_without_an_operator_role_the_credentials_must_be_of_the_account(trial: Trial, run: Run) -> None:
    """Moto's own user is of another one."""
    trial.write({key: value for key, value in SETTINGS.items() if key != "operator_role"})
    result = run("stop", "--reason", "x")

    assert result.exit_code == 2
    assert (
        f"and account {ACCOUNT} is meant: use credentials of that account, or name operator_role in the settings" in result.stderr
    )


def test_who_plays_the_operator_role_already_assumes_nothing(trial: Trial, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role is not let in by itself; and the record says the session that they came with."""
    sts = trial.client("sts")
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/acme/stackmend-operator", RoleSessionName="ann")["Credentials"]
    for name, key in {
        "ACCESS_KEY_ID": "AccessKeyId",
        "SECRET_ACCESS_KEY": "SecretAccessKey",
        "SESSION_TOKEN": "SessionToken",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", keys[key])
    run("stop", "--reason", "x")

    assert str(ledger(trial).switch().by).endswith("/ann")


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:iam::222222222222:user/people/ann", "ann"),
        ("arn:aws:sts::222222222222:assumed-role/Admin/ann@example.com", "ann@example.com"),
        ("arn:aws:iam::222222222222:root", "root"),
        ("arn:aws:iam::222222222222:user/a", "a--"),
        ("arn:aws:iam::222222222222:user/" + "a" * 99, "a" * 64),
    ],
)
def test_a_session_bears_the_name_of_who_assumes_it(arn: str, name: str) -> None:
    """Within what STS allows for a session's name."""
    assert Identity(arn=arn, account="222222222222").name == name


def test_the_operator_role_is_known_without_its_path() -> None:
    """As STS writes it; in its own account only."""
    operator = Identity(arn="arn:aws:sts::222222222222:assumed-role/stackmend-operator/ann", account="222222222222")

    assert operator.plays("222222222222", "acme/stackmend-operator")
    assert not operator.plays("333333333333", "acme/stackmend-operator")
    assert not operator.plays("222222222222", "operator")


def a_refusal(code: str, message: str = "no") -> ClientError:
    """What AWS answers."""
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "GetItem")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (a_refusal("ExpiredToken"), "reading: the credentials have expired; sign in again"),
        (a_refusal("InvalidClientTokenId"), "reading: AWS does not know these credentials (InvalidClientTokenId); sign in again"),
        (
            a_refusal("AccessDeniedException", "ann may not"),
            "reading: not allowed: ann may not (bootstrap/stackmend-operator.yaml",
        ),
        (
            a_refusal("ResourceNotFoundException", "no table"),
            "reading: it is not there (no table); is the environment deployed there",
        ),
        (a_refusal("ValidationException", "odd"), "reading: refused: ValidationException: odd"),
        (a_refusal("ThrottlingException"), "try again, and look at the region's health if it stays so"),
        (EndpointConnectionError(endpoint_url="https://x"), "reading: no answer from AWS: "),
        (NoCredentialsError(), "reading: no credentials: Unable to locate credentials; sign in, or name a --profile"),
        (ProfileNotFound(profile="ops"), "reading: The config profile (ops) could not be found; name one of ~/.aws/config"),
    ],
)
def test_what_aws_answers_becomes_one_line(raised: Exception, said: str) -> None:
    """That says what was asked, what came, and what to do."""

    def call() -> dict[str, Any]:
        raise raised

    with pytest.raises(UnusableError) as ended, asking("reading"):
        ask(call)

    assert said in str(ended.value)


def test_a_cell_that_is_not_deployed_is_one_line(trial: Trial, run: Run) -> None:
    """Not a traceback of the table that is missing."""
    trial.client("dynamodb").delete_table(TableName=trial.cell().ledger_table)
    result = run("resume", KEY.name, "--reason", "x")

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert f"writing to {trial.cell().ledger_table}: it is not there" in result.stderr
