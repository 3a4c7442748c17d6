"""An environment of two cells as a person meets it: settings on disk, ledgers and leases in moto, an operator role in each account."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto import mock_aws
from typer.testing import CliRunner, Result

from components.blueprint import blueprints
from components.settings import Settings
from console.app import app
from handlers.domain.cell import Cell
from tests.cells import ACCOUNT, HUB

SETTINGS: dict[str, Any] = {
    "environment": "trial",
    "hub": {
        "account": HUB,
        "deploy_role": "deploy",
        "external_id": "stackmend-trial",
        "control_regions": ["us-east-1", "us-east-2", "us-west-2"],
    },
    "accounts": [
        {
            "id": ACCOUNT,
            "name": "workload",
            "deploy_role": "deploy",
            "external_id": "stackmend-trial",
            "regions": [{"region": "us-east-1", "partner": "us-west-2"}, {"region": "us-west-2", "partner": "us-east-1"}],
        }
    ],
    "patterns": [{"pattern": "app-*", "mode": "act"}, {"pattern": "shadow-*", "mode": "observe"}],
    "operator_role": "acme/stackmend-operator",
    "runbook_url": "https://runbooks.example.com/stackmend",
}
TEMPLATE = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
OPERATOR = f"arn:aws:sts::{ACCOUNT}:assumed-role/stackmend-operator/moto"
"""As whom moto's own user acts in the workload account."""

Run = Callable[..., Result]


class Trial:
    """What stands in AWS, seen by whoever set it up."""

    settings = Settings.load(SETTINGS)

    def __init__(self, folder: Path) -> None:
        self.file = folder / "Pulumi.trial.yaml"
        self.write(SETTINGS)

    def write(self, settings: dict[str, Any]) -> None:
        """Let the settings on disk be these."""
        self.file.write_text(yaml.safe_dump({"config": {"stackmend:settings": settings}}))

    def cell(self, region: str = "us-east-1") -> Cell:
        return next(plan.cell for plan in blueprints(self.settings) if plan.cell.region == region)

    def client(self, service: str, account: str = ACCOUNT, region: str = "us-east-1") -> Any:
        sts = boto3.client("sts", region_name="us-east-1")
        keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/root", RoleSessionName="trial")["Credentials"]
        given = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
        return boto3.client(service, region_name=region, aws_session_token=keys["SessionToken"], **given)

    def deploy(self) -> None:
        """The ledgers of both cells, and the lease table in all control regions."""
        for region in ("us-east-1", "us-west-2"):
            _ledger(self.client("dynamodb", region=region), self.cell(region).ledger_table)
        for region in self.settings.hub.control_regions:
            _table(self.client("dynamodb", HUB, region), self.cell().lease.table, ["pk"])

    def stack(self, name: str) -> None:
        self.client("cloudformation").create_stack(StackName=name, TemplateBody=TEMPLATE)


def _ledger(dynamodb: Any, name: str) -> None:
    index = {
        "IndexName": "unresolved",
        "KeySchema": [
            {"AttributeName": "unresolved_cell", "KeyType": "HASH"},
            {"AttributeName": "unresolved_key", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
    _table(dynamodb, name, ["pk", "sk"], ["unresolved_cell", "unresolved_key"], GlobalSecondaryIndexes=[index])


def _table(dynamodb: Any, name: str, keys: list[str], others: tuple[str, ...] | list[str] = (), **more: Any) -> None:
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in (*keys, *others)],
        KeySchema=[{"AttributeName": one, "KeyType": kind} for one, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
        **more,
    )


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Trial]:
    """The environment `trial`, deployed; nothing of whoever runs the tests is in the way."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("STACKMEND_ENVIRONMENT", "STACKMEND_SETTINGS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        made = Trial(tmp_path)
        made.deploy()
        yield made


@pytest.fixture
def run(trial: Trial) -> Run:
    """Type a command in the folder of the settings, as somebody in us-east-1."""

    def type_(*words: str, region: str | None = "us-east-1") -> Result:
        where = {"AWS_REGION": region} if region else {}
        return CliRunner().invoke(app, [*words, "--environment", "trial"], env=where)

    return type_
