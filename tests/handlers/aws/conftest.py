"""AWS in process: moto, with the cell's own resources in the workload account."""

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from handlers.aws.table import Table
from tests.handlers.bench import cell_data

LEDGER = cell_data()["ledger_table"]


def client(service: str, region: str = "us-east-1") -> Any:
    """A client of moto's."""
    return botocore.session.get_session().create_client(service, region_name=region)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto, with credentials that reach nothing else."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        yield


@pytest.fixture
def table(aws: None) -> Table:
    """The ledger's table as components make it."""
    dynamodb = client("dynamodb")
    keys = ("pk", "sk", "unresolved_cell", "unresolved_key")
    dynamodb.create_table(
        TableName=LEDGER,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "unresolved",
                "KeySchema": [
                    {"AttributeName": "unresolved_cell", "KeyType": "HASH"},
                    {"AttributeName": "unresolved_key", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return Table(dynamodb, LEDGER)
