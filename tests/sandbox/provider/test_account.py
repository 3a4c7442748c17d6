"""A provider's arguments are read, judged, and obeyed before anything is called."""

import json
from typing import Any

import pytest

from sandbox.provider.account import Account, ProviderArgs, complaints
from sandbox.provider.errors import IncompleteProviderError, NoEmulatorError
from sandbox.provider.wire import UNKNOWN

ROLE = {"roleArn": "arn:aws:iam::222222222222:role/stackmend-deploy", "externalId": "id", "sessionName": "deploy"}
WIRE = {
    "region": "us-east-1",
    "allowedAccountIds": json.dumps(["222222222222"]),
    "assumeRoles": json.dumps([ROLE]),
    "defaultTags": json.dumps({"tags": {"system": "stackmend"}}),
    "skipCredentialsValidation": "false",
    "skipRegionValidation": "true",
    "version": "7.51.1",
}


def test_arguments_are_read_from_json_text() -> None:
    """The SDK sends nested arguments as JSON, and flags as words."""
    args = ProviderArgs.model_validate(WIRE)
    assert args.allowed_account_ids == ("222222222222",)
    assert args.assume_roles[0].external_id == "id"
    assert args.default_tags.tags == {"system": "stackmend"}
    assert (args.skip_credentials_validation, args.skip_region_validation) == (False, True)


def test_arguments_may_also_come_as_values() -> None:
    """A test, or another SDK, may send what is meant."""
    values = {name: json.loads(text) if text[0] in "[{" else text for name, text in WIRE.items()}
    assert ProviderArgs.model_validate(values) == ProviderArgs.model_validate(WIRE)


@pytest.mark.parametrize(
    ("args", "path", "part"),
    [
        ({"profile": "mine"}, "profile", "the stand-in does not obey this argument: leave it out"),
        ({"accessKey": "A"}, "accessKey", "does not obey this argument"),
        ({"assumeRoles": json.dumps([{**ROLE, "policy": "{}"}])}, "assumeRoles.0.policy", "does not obey this argument"),
        ({"assumeRoles": json.dumps([{"externalId": "id"}])}, "assumeRoles.0.roleArn", "Field required"),
        ({"skipRequestingAccountId": "true"}, "allowedAccountIds", "nothing to hold against allowedAccountIds"),
    ],
)
def test_complaint_names_the_argument(args: dict[str, Any], path: str, part: str) -> None:
    """An argument that would be ignored, or cannot be obeyed, is refused."""
    ((where, what),) = complaints({**WIRE, **args})
    assert where == path
    assert part in what


def test_unknown_arguments_are_judged_later() -> None:
    """A role that is made in the same deployment has no ARN yet."""
    assert complaints({**WIRE, "assumeRoles": UNKNOWN, "__internal": {}}) == []


def test_default_provider_is_refused_when_it_is_used() -> None:
    """A provider without a region is one that the program did not make."""
    with pytest.raises(IncompleteProviderError, match=r"region: .* give the resource an explicit provider"):
        Account(ProviderArgs()).client("sqs")


@pytest.mark.parametrize("endpoint", ["", "https://sqs.us-east-1.amazonaws.com", "http://192.0.2.1:4566"])
def test_nothing_but_this_machine_is_called(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in can never reach a real account, whatever credentials lie about."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(NoEmulatorError, match=r"AWS_ENDPOINT_URL: .*deploys into an emulator on this machine only"):
        Account(ProviderArgs(region="us-east-1")).client("sqs")
