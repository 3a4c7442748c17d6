"""Two partners' vaults, deployed by the real engine under the real policies: what is written on one side is on the other.

The emulator copies at once, and under the source's key; time control, the other side's key and the role's rights are held as
data in tests/components/test_vault.py.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator, running
from sandbox.engine.build import find_engine
from sandbox.project import Project
from sandbox.world import DEPLOY_ROLE, HUB, WORKLOAD, World, seed

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parents[2]
HERE, THERE = "us-east-1", "us-west-2"
PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import pulumi, pulumi_aws as aws
from components.addresses import CellAddresses
from components.keys import KeyArgs, RegionKey
from components.roles import RoleFrame
from components.vault import Vault, VaultArgs, VaultCopies, VaultCopiesArgs

def vault(region):
    role = aws.ProviderAssumeRoleArgs(
        role_arn="arn:aws:iam::{account}:role/{role}", external_id="{external_id}", session_name="deploy"
    )
    tags = aws.ProviderDefaultTagsArgs(tags={{"stackmend:environment": "test"}})
    provider = aws.Provider(
        region, region=region, allowed_account_ids=["{account}"], assume_roles=[role], default_tags=tags
    )
    opts = pulumi.ResourceOptions(providers=[provider])
    key = RegionKey(f"key-{{region}}", KeyArgs(
        alias="alias/stackmend-test-cell", purpose="a test", partition="aws", account="{account}", region=region,
        environment="test", has_logs=False, has_alarms=False, deletion_days=7), opts)
    cell = CellAddresses(environment="test", partition="aws", account="{account}", region=region)
    arguments = VaultArgs(cell=cell, key_arn=key.arn, superseded_days=1, evidence_days=1, is_protected=False)
    return Vault(f"vault-{{region}}", arguments, opts), opts

(here, at_home), (there, away) = vault("{here}"), vault("{there}")
frame = RoleFrame(path="/stackmend/", boundary_arn=None)
VaultCopies("copies-here", VaultCopiesArgs(source=here, others=[there], frame=frame), at_home)
VaultCopies("copies-there", VaultCopiesArgs(source=there, others=[here], frame=frame), away)
pulumi.export("vaults", {{"{here}": here.bucket_name, "{there}": there.bucket_name}})
"""


@dataclass(frozen=True)
class Vaults:
    """Both buckets, and clients of somebody in their account."""

    emulator: Emulator
    world: World
    project: Project
    names: dict[str, str]

    def s3(self, region: str) -> Any:
        """The deploy role makes buckets and reads nothing in them, so this is the account's owner."""
        return self.emulator.session(WORKLOAD, region).client("s3")

    def body(self, region: str, key: str) -> bytes:
        body: bytes = self.s3(region).get_object(Bucket=self.names[region], Key=key)["Body"].read()
        return body

    def is_deleted(self, region: str, key: str) -> bool:
        """Whether a delete marker hides the object, whose versions are kept."""
        shown = self.s3(region).list_object_versions(Bucket=self.names[region], Prefix=key)
        return any(marker["IsLatest"] for marker in shown.get("DeleteMarkers", [])) and bool(shown.get("Versions"))


@pytest.fixture(scope="module")
def vaults(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vaults]:
    """Two cells' vaults, each the other's partner's, and nothing else of a cell."""
    folder = tmp_path_factory.mktemp("vaults")
    program = folder / "program"
    program.mkdir()
    plugins = {"providers": [{"name": "aws", "path": str(ROOT / "sandbox" / "provider")}]}
    (program / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "stackmend", "runtime": "python", "plugins": plugins}), "utf-8")
    settings = {"config": {"pulumi:disable-default-providers": ["*"]}}
    (program / "Pulumi.test.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    with running() as emulator:
        world = seed(emulator, disposable="test")
        text = PROGRAM.format(
            root=str(ROOT), account=WORKLOAD, role=DEPLOY_ROLE, external_id=world.external_id, here=HERE, there=THERE
        )
        (program / "__main__.py").write_text(text, "utf-8")
        environment = {**emulator.environment(), **world.deployer_environment()}
        project = Project(find_engine(), folder / "state", "test", environment, folder=program)
        yield Vaults(emulator, world, project, project.up().outputs["vaults"])


@pytest.mark.parametrize(("home", "away"), [(HERE, THERE), (THERE, HERE)])
def test_what_is_written_on_one_side_is_on_the_other(vaults: Vaults, home: str, away: str) -> None:
    """Each side is the source of what is written there; a copy is marked as one and does not come back as another version."""
    key = f"{home}/app-web/template"
    vaults.s3(home).put_object(Bucket=vaults.names[home], Key=key, Body=home.encode())

    assert vaults.body(away, key) == home.encode()
    assert vaults.s3(home).head_object(Bucket=vaults.names[home], Key=key)["ReplicationStatus"] == "COMPLETED"
    assert vaults.s3(away).head_object(Bucket=vaults.names[away], Key=key)["ReplicationStatus"] == "REPLICA"
    assert len(vaults.s3(home).list_object_versions(Bucket=vaults.names[home], Prefix=key)["Versions"]) == 1


@pytest.mark.parametrize(("home", "away"), [(HERE, THERE), (THERE, HERE)])
def test_what_is_deleted_on_one_side_is_hidden_on_the_other(vaults: Vaults, home: str, away: str) -> None:
    """A deletion is a marker, and its versions can be had back on both sides."""
    key = f"{home}/app-old/template"
    vaults.s3(home).put_object(Bucket=vaults.names[home], Key=key, Body=b"old")
    vaults.s3(home).delete_object(Bucket=vaults.names[home], Key=key)

    assert vaults.is_deleted(home, key)
    assert vaults.is_deleted(away, key)


def test_what_a_partner_changed_comes_back(vaults: Vaults) -> None:
    """The region that took over writes a newer version of the same object."""
    key = f"{HERE}/app-taken/template"
    for region, body in ((HERE, b"before"), (THERE, b"after")):
        vaults.s3(region).put_object(Bucket=vaults.names[region], Key=key, Body=body)

    assert vaults.body(HERE, key) == b"after"


def test_objects_are_encrypted_under_their_own_sides_key(vaults: Vaults) -> None:
    """Nobody has to ask for it: the bucket does."""
    vaults.s3(HERE).put_object(Bucket=vaults.names[HERE], Key="sealed", Body=b"x")
    shown = vaults.s3(HERE).head_object(Bucket=vaults.names[HERE], Key="sealed")

    assert shown["ServerSideEncryption"] == "aws:kms"
    assert f":kms:{HERE}:{WORKLOAD}:key/" in shown["SSEKMSKeyId"]


def test_rules_name_the_other_sides_bucket_and_key(vaults: Vaults) -> None:
    """As S3 shows them, not as the program said them."""
    for home, away in ((HERE, THERE), (THERE, HERE)):
        (rule,) = vaults.s3(home).get_bucket_replication(Bucket=vaults.names[home])["ReplicationConfiguration"]["Rules"]
        destination = rule["Destination"]

        assert destination["Bucket"] == f"arn:aws:s3:::{vaults.names[away]}"
        assert f":kms:{away}:" in destination["EncryptionConfiguration"]["ReplicaKmsKeyID"]
        assert destination["ReplicationTime"] == {"Status": "Enabled", "Time": {"Minutes": 15}}


def test_a_second_up_and_a_refresh_find_nothing(vaults: Vaults) -> None:
    """What was deployed is what was described, objects and all."""
    assert vaults.project.up().is_unchanged
    assert vaults.project.refresh().is_unchanged


@pytest.mark.parametrize("bucket", [f"stackmend-prod-vault-{WORKLOAD}-{HERE}", f"stackmend-test-else-{WORKLOAD}-{HERE}"])
def test_who_deploys_empties_no_other_bucket(vaults: Vaults, bucket: str) -> None:
    """Neither another environment's vault nor another bucket of this one, although it may make and delete them."""
    owner, deployer = vaults.s3(HERE), vaults.world.session(WORKLOAD, HERE, DEPLOY_ROLE).client("s3")
    owner.create_bucket(Bucket=bucket)
    owner.put_object(Bucket=bucket, Key="kept", Body=b"x")
    try:
        with pytest.raises(ClientError, match="AccessDenied"):
            deployer.delete_object(Bucket=bucket, Key="kept")
    finally:
        owner.delete_object(Bucket=bucket, Key="kept")
        owner.delete_bucket(Bucket=bucket)


def test_both_go_with_all_that_they_hold(vaults: Vaults) -> None:
    """Where data is not protected the shipped deploy role leaves nothing, in no region and not in the hub."""
    vaults.project.destroy()

    assert {
        place: left for place in ((WORKLOAD, HERE), (WORKLOAD, THERE), (HUB, HERE)) if (left := vaults.world.remains(*place))
    } == {}
    assert json.dumps(vaults.s3(HERE).list_buckets()["Buckets"]) == "[]"
