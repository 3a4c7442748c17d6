"""Buckets stay while they hold something, are copied both ways, and refuse what S3 refuses."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator
from sandbox.provider.provider import AwsProvider
from tests.sandbox.provider.driver import Driver
from tests.sandbox.provider.example import ACCOUNT, PARTNER, REGION
from tests.sandbox.provider.examples_s3 import replication, versioning

pytestmark = pytest.mark.sandbox

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def s3(emulator: Emulator, region: str = REGION) -> Any:
    return emulator.session(ACCOUNT, region).client("s3")


def test_bucket_with_something_in_it_stays(driver: Driver, emulator: Emulator) -> None:
    """AWS deletes no bucket that holds a version of anything."""
    one = driver.create(BUCKET, "kept", {"bucket": "kept-bucket"})
    driver.create(VERSIONING, "kept", {"bucket": "kept-bucket", **versioning("Enabled")})
    s3(emulator).put_object(Bucket="kept-bucket", Key="a", Body=b"1")
    s3(emulator).delete_object(Bucket="kept-bucket", Key="a")

    with pytest.raises(ClientError, match="BucketNotEmpty"):
        driver.delete(one)

    driver.update(one, {"bucket": "kept-bucket", "forceDestroy": True})
    driver.delete(one)
    assert not driver.refresh(one)


def test_bucket_lies_in_its_providers_region(environment: Emulator) -> None:
    """The first region is the one that S3 wants no constraint for."""
    there = Driver(AwsProvider())
    there.configure(region=PARTNER, allowedAccountIds=[ACCOUNT])
    one = there.create(BUCKET, "away", {"bucket": "away-bucket"})

    assert s3(environment).get_bucket_location(Bucket="away-bucket")["LocationConstraint"] == PARTNER
    assert one.state["bucketRegion"] == PARTNER
    there.delete_all()


def test_replication_needs_versions(driver: Driver) -> None:
    """S3 copies versions, so a bucket without them is refused."""
    driver.create(BUCKET, "plain", {"bucket": "plain-bucket"})

    with pytest.raises(ClientError, match="Versioning must be 'Enabled'"):
        driver.create(
            "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
            "plain",
            {"bucket": "plain-bucket", **replication("Enabled")},
        )


def test_rules_of_one_bucket_differ_in_their_priority(driver: Driver) -> None:
    """S3 refuses two of the same, and so does the stand-in, before anything is made."""
    (rule,) = replication("Enabled")["rules"]
    inputs = {"bucket": "any", **replication("Enabled"), "rules": [rule, {**rule, "id": "other"}]}

    _, wrong = driver.check("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "twice", inputs)

    assert wrong == [("rules", "their priorities are [0, 0]: give each its own")]
