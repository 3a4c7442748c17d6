"""The vault: who reaches it, how long it keeps things, and where its copies go, as data and under mocks."""

import json
from typing import Any

import pytest

from components.addresses import CellAddresses
from components.settings import Settings
from components.vault import bucket_policy
from components.vault_permissions import replication_key_statements, replication_statements
from tests.components.conftest import Recording, Synth, settings_of

ACCOUNT = "222222222222"
HERE, THERE = "us-east-1", "us-west-2"


def place(region: str) -> CellAddresses:
    return CellAddresses(environment="test", partition="aws", account=ACCOUNT, region=region)


@pytest.fixture(scope="module")
def pair(synth: Synth) -> Recording:
    """Two cells of one account, each the other's partner."""
    raw = settings_of("sandbox/Pulumi.sandbox.yaml").model_dump(mode="json")
    account = raw["accounts"][0] | {
        "regions": [{"region": HERE, "partner": THERE}, {"region": THERE, "partner": HERE}],
    }
    return synth(Settings.load(raw | {"accounts": [account]}))


def rules_of(recording: Recording, cell: str) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = recording.one("BucketReplicationConfig", f"{cell}-vault-copies-rules").inputs["rules"]
    return rules


def test_its_name_says_account_and_region(prod: Recording) -> None:
    """Bucket names are one namespace for the whole partition."""
    names = {one.inputs["bucket"] for one in prod.of("aws:s3/bucket:Bucket")}

    assert "stackmend-prod-vault-444455556666-us-east-1" in names
    assert len(names) == len(prod.of("RecoveryCell"))


def test_it_is_versioned_encrypted_and_closed(sandbox: Recording) -> None:
    """Under the cell's own key, with a bucket key, for nobody outside and for one owner."""
    (rule,) = sandbox.one("BucketServerSideEncryptionConfiguration", "workload-us-east-1-vault-encryption").inputs["rules"]
    closed = sandbox.one("BucketPublicAccessBlock", "workload-us-east-1-vault-public").inputs

    assert sandbox.one("BucketVersioning", "workload-us-east-1-vault-versions").inputs["versioningConfiguration"] == {
        "status": "Enabled"
    }
    assert rule["bucketKeyEnabled"] is True
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": f"arn:aws:kms:{HERE}:{ACCOUNT}:workload-us-east-1-key-key",
    }
    assert [value for name, value in closed.items() if name != "bucket"] == [True] * 4
    assert sandbox.one("BucketOwnershipControls", "workload-us-east-1-vault-owner").inputs["rule"] == {
        "objectOwnership": "BucketOwnerEnforced"
    }


def test_it_may_be_emptied_only_where_nothing_is_protected(sandbox: Recording, prod: Recording) -> None:
    """A drill must be able to clean up; production must not."""
    assert sandbox.one("aws:s3/bucket:Bucket", "workload-us-east-1-vault-bucket").inputs["forceDestroy"] is True
    assert {one.inputs["forceDestroy"] for one in prod.of("aws:s3/bucket:Bucket")} == {False}


def test_what_is_superseded_and_unfinished_has_an_end_on_every_side(prod: Recording) -> None:
    """Lifecycle is not copied by replication, so every bucket has its own; nothing moves to another class."""
    for one in prod.of("BucketLifecycleConfiguration"):
        superseded, evidence, unfinished = one.inputs["rules"]

        assert superseded["noncurrentVersionExpiration"] == {"noncurrentDays": 90}
        assert superseded["expiration"] == {"expiredObjectDeleteMarker": True}
        assert (evidence["filter"], evidence["expiration"]) == ({"prefix": "evidence/"}, {"days": 731})  # as its ledger
        assert unfinished["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 7}
        assert {rule["status"] for rule in one.inputs["rules"]} == {"Enabled"}
        assert not {"transitions", "noncurrentVersionTransitions"} & {*superseded, *evidence, *unfinished}
    assert len(prod.of("BucketLifecycleConfiguration")) == len(prod.of("RecoveryCell"))


def test_plain_text_is_denied_for_bucket_and_objects() -> None:
    """Both are resources of their own to IAM."""
    (statement,) = bucket_policy(place(HERE))["Statement"]
    bucket = "arn:aws:s3:::stackmend-test-vault-222222222222-us-east-1"

    assert statement["Resource"] == [bucket, f"{bucket}/*"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")


@pytest.mark.parametrize(("cell", "partner"), [(HERE, THERE), (THERE, HERE)])
def test_partners_copy_to_each_other(pair: Recording, cell: str, partner: str) -> None:
    """Both ways, all of it, in a time that is measured, under the other side's own key."""
    (rule,) = rules_of(pair, f"workload-{cell}")
    on, minutes = {"status": "Enabled"}, {"minutes": 15}

    assert rule == {
        "id": partner,
        "priority": 0,
        "status": "Enabled",
        "filter": {"prefix": ""},
        "deleteMarkerReplication": on,
        "sourceSelectionCriteria": {"replicaModifications": on, "sseKmsEncryptedObjects": on},
        "destination": {
            "bucket": f"arn:aws:s3:{partner}:{ACCOUNT}:workload-{partner}-vault-bucket",
            "encryptionConfiguration": {"replicaKmsKeyId": f"arn:aws:kms:{partner}:{ACCOUNT}:workload-{partner}-key-key"},
            "replicationTime": {**on, "time": minutes},
            "metrics": {**on, "eventThreshold": minutes},
        },
    }


def test_copies_wait_for_the_versions_of_both_sides(pair: Recording) -> None:
    """S3 refuses rules for a bucket, or to a bucket, that keeps no versions."""
    rules = pair.one("BucketReplicationConfig", f"workload-{HERE}-vault-copies-rules")
    waited_for = {one.name for one in pair.resources_seen if one.urn in rules.waits_for}

    assert {f"workload-{region}-vault-versions" for region in (HERE, THERE)} <= waited_for


def test_a_ring_of_three_copies_to_both_neighbours(prod: Recording) -> None:
    """What a region writes while it stands in for another must come back, and a copy is not copied on."""
    found = {region: [rule["id"] for rule in rules_of(prod, f"payments-{region}")] for region in (HERE, "us-east-2", THERE)}

    assert found == {HERE: ["us-east-2", THERE], "us-east-2": [HERE, THERE], THERE: [HERE, "us-east-2"]}
    assert [rule["priority"] for rule in rules_of(prod, f"payments-{HERE}")] == [0, 1]


def test_a_cell_without_a_partners_cell_keeps_its_vault_to_itself(synth: Synth) -> None:
    """There is no bucket to copy to yet, and the outputs say so."""
    staging = synth(settings_of("Pulumi.staging.yaml"))
    copied_to = {name: cell["vault_copied_to"] for name, cell in staging.outputs["cells"].items()}

    assert copied_to == {"payments-us-east-1": [THERE], "payments-us-west-2": [HERE], "orders-us-east-1": []}
    assert [one.name for one in staging.of("BucketReplicationConfig") if one.name.startswith("orders")] == []


def test_the_copying_role_reads_here_and_writes_there_and_nothing_else() -> None:
    """No enforcement of it is seen in the sandbox, so its document is held as data."""
    found = {
        statement.sid: (statement.actions, statement.resources)
        for statement in replication_statements(place(HERE), [place(THERE)])
    }
    here, there = (f"arn:aws:s3:::stackmend-test-vault-{ACCOUNT}-{region}" for region in (HERE, THERE))

    assert found == {
        "ReadTheRules": (("s3:GetReplicationConfiguration", "s3:ListBucket"), (here,)),
        "ReadVersions": (
            ("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"),
            (f"{here}/*",),
        ),
        "WriteCopies": (("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"), (f"{there}/*",)),
    }


def test_the_copying_role_opens_with_its_own_key_and_seals_with_the_others() -> None:
    """Each key through S3 in its own region, and for the vault's objects alone."""
    keys = replication_key_statements(place(HERE), "here", [place(THERE), place("us-east-2")], ["there", "east"])

    assert [(one.sid, one.actions, one.resources) for one in keys] == [
        ("Open", ("kms:Decrypt",), ("here",)),
        ("Seal1", ("kms:Encrypt",), ("there",)),
        ("Seal2", ("kms:Encrypt",), ("east",)),
    ]
    assert [one.conditions["StringEquals"]["kms:ViaService"] for one in keys] == [
        f"s3.{region}.amazonaws.com" for region in (HERE, THERE, "us-east-2")
    ]
    for one, region in zip(keys, (HERE, THERE, "us-east-2"), strict=True):
        vault = place(region).vault_arn
        assert one.conditions["ArnLike"] == {"kms:EncryptionContext:aws:s3:arn": [vault, f"{vault}/*"]}


def test_only_s3_takes_the_copying_role_on(pair: Recording) -> None:
    """Its trust, as it is deployed."""
    trust = json.loads(pair.one("Role", f"workload-{HERE}-vault-copies-role").inputs["assumeRolePolicy"])

    assert [statement["Principal"] for statement in trust["Statement"]] == [{"Service": "s3.amazonaws.com"}]
