"""The provider judges a program without calling anybody."""

import asyncio
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.provider import CheckRequest, DeleteRequest, InvokeRequest

from sandbox.provider.errors import ForeignRegionError, InvokeRefusedError, UnknownTypeError
from sandbox.provider.provider import AwsProvider
from sandbox.provider.wire import UNKNOWN
from tests.sandbox.provider.driver import Driver, urn

QUEUE, TABLE, FUNCTION = "aws:sqs/queue:Queue", "aws:dynamodb/table:Table", "aws:lambda/function:Function"
LEDGER: dict[str, Any] = {
    "name": "ledger",
    "hashKey": "pk",
    "attributes": [{"name": "pk", "type": "S"}],
    "billingMode": "PAY_PER_REQUEST",
}
STRONG = [{"regionName": region, "consistencyMode": "STRONG"} for region in ("us-east-2", "us-west-2")]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Driver:
    """A configured provider with nobody to call."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    one = Driver(AwsProvider())
    one.configure(region="us-east-1", defaultTags={"tags": {"system": "stackmend"}})
    return one


def test_unknown_type_is_refused_in_check(offline: Driver) -> None:
    """A type that is not described ends the preview, with the list of those that are."""
    _, ((where, what),) = offline.check("aws:ec2/vpc:Vpc", "v", {})
    assert where == ""
    assert what.startswith("aws:ec2/vpc:Vpc: the stand-in does not know this resource type (it knows aws:cloudwatch/")


def test_unknown_property_is_refused_in_check(offline: Driver) -> None:
    """A property that is not described would be ignored, and the sandbox would lie."""
    _, ((where, what),) = offline.check(QUEUE, "q", {"namePrefix": "a"})
    assert where == "namePrefix"
    assert "describe it, or leave it out" in what


def test_generated_name_stays(offline: Driver) -> None:
    """A resource keeps the name that was made for it; another resource gets another."""
    first, _ = offline.check(QUEUE, "intake", {})
    again, _ = offline.check(QUEUE, "intake", {}, first)
    other, _ = offline.check(QUEUE, "notice", {})
    assert first["name"].startswith("intake-")
    assert len(first["name"]) == len("intake-") + 7
    assert again["name"] == first["name"]
    assert other["name"] != first["name"]
    assert first["__defaults"] == ["name"]


def test_generated_name_fits(offline: Driver) -> None:
    """A long logical name is cut to what the service takes; an alias gets the prefix it must have."""
    assert len(offline.check(QUEUE, "q" * 200, {})[0]["name"]) == 80
    assert offline.check("aws:kms/alias:Alias", "a", {"targetKeyId": "k"})[0]["name"].startswith("alias/a-")


def test_name_that_is_taken_away_is_generated(offline: Driver) -> None:
    """A name that the program once gave is not kept as if it had been generated."""
    given, _ = offline.check(QUEUE, "intake", {"name": "given"})
    later, _ = offline.check(QUEUE, "intake", {}, given)
    assert given["__defaults"] == []
    assert later["name"].startswith("intake-")


def test_preview_of_create_knows_what_can_be_known(offline: Driver) -> None:
    """Inputs, defaults and tags are foreseen; what AWS decides is unknown."""
    foreseen = offline.preview_create(QUEUE, "q", {"name": "intake", "tags": {"owner": "me"}, "redrivePolicy": UNKNOWN})
    assert foreseen["arn"] is UNKNOWN
    assert foreseen["url"] is UNKNOWN
    assert foreseen["redrivePolicy"] is UNKNOWN
    assert foreseen["visibilityTimeoutSeconds"] == 30
    assert foreseen["tagsAll"] == {"system": "stackmend", "owner": "me"}


def test_tag_that_is_unknown_makes_all_tags_unknown(offline: Driver) -> None:
    """Half a set of tags would be a wrong promise."""
    assert offline.preview_create(QUEUE, "q", {"tags": {"a": UNKNOWN}})["tagsAll"] is UNKNOWN


@pytest.mark.parametrize(
    ("inputs", "where", "part"),
    [
        ({"replicas": STRONG[:1]}, "replicas", "exactly three regions: give 2 replicas, both STRONG"),
        ({"replicas": [STRONG[0], {"regionName": "us-west-2"}]}, "replicas", "both STRONG"),
        ({"replicas": STRONG, "ttl": {"attributeName": "a", "enabled": True}}, "ttl", "no time to live"),
        ({"replicas": [{"regionName": "us-west-2"}]}, "streamEnabled", "set it, with NEW_AND_OLD_IMAGES"),
    ],
)
def test_global_table_that_aws_would_refuse(offline: Driver, inputs: dict[str, Any], where: str, part: str) -> None:
    """The emulator takes global tables that AWS does not; the stand-in refuses them in its place."""
    _, ((path, what),) = offline.check(TABLE, "t", {**LEDGER, **inputs})
    assert path == where
    assert part in what


def test_region_of_another_provider_is_refused(offline: Driver) -> None:
    """Nothing can land in a region that its provider does not work in."""
    with pytest.raises(ForeignRegionError, match=r"region: eu-west-1, but its provider works in us-east-1"):
        offline.preview_create(QUEUE, "q", {"region": "eu-west-1"})
    assert offline.preview_create(QUEUE, "q", {"region": "us-east-1"})["region"] == "us-east-1"


def test_state_of_an_unknown_type_is_refused(offline: Driver) -> None:
    """A state that another provider wrote is not guessed at."""
    with pytest.raises(UnknownTypeError, match="aws:ec2/vpc:Vpc"):
        asyncio.run(offline.provider.delete(DeleteRequest(urn("aws:ec2/vpc:Vpc", "v"), "id", {}, 0)))


def test_questions_are_refused(offline: Driver) -> None:
    """A program that asks AWS while it runs cannot be previewed without it."""
    with pytest.raises(InvokeRefusedError, match=r"aws:index/getRegion:getRegion: the stand-in answers no questions"):
        asyncio.run(offline.provider.invoke(InvokeRequest("aws:index/getRegion:getRegion", {})))


def test_function_takes_code_only_as_code(offline: Driver) -> None:
    """A path as text is not an archive."""
    inputs = {"role": "arn", "handler": "h", "runtime": "python3.13"}
    assert offline.check(FUNCTION, "f", {**inputs, "code": "./handlers"})[1][0][0] == "code"
    assert offline.check(FUNCTION, "f", {**inputs, "code": pulumi.FileArchive("./handlers")})[1] == []


def test_resource_inside_components_is_known_by_its_own_type(offline: Driver) -> None:
    """The types of a resource's parents stand before its own in the URN."""
    nested = urn("stackmend:cell:RecoveryCell$stackmend:cell:Intake$" + QUEUE, "q")
    answer = asyncio.run(offline.provider.check(CheckRequest(nested, {}, {}, b"seed")))
    assert answer.failures == []
