"""A whole environment under mocks: where everything lands, in which order, and what is exported."""

from collections import Counter

import pytest

from components.environment import layer_of
from components.settings import Settings
from layer.build import Platform
from tests.components.conftest import Recording, Registered

HUB, WORKLOAD = "111111111111", "222222222222"


def test_every_resource_names_its_provider(prod: Recording) -> None:
    """Default providers are off; nothing may depend on ambient credentials."""
    without = [
        one.name for one in prod.resources_seen if one.is_custom and not one.type.startswith("pulumi:") and not one.provider
    ]

    assert without == []


def test_no_resource_overrides_its_providers_region(prod: Recording) -> None:
    """pulumi-aws 7 would let a resource land elsewhere."""
    assert [one.name for one in prod.resources_seen if not one.type.startswith("pulumi:") and "region" in one.inputs] == []


def test_a_provider_is_bound_to_one_account_and_region(sandbox: Recording) -> None:
    """It refuses every other account, and gets in by role and external id."""
    provider = sandbox.one("pulumi:providers:aws", "workload-us-east-1")

    assert sandbox.place_of_provider(provider.urn) == (WORKLOAD, "us-east-1")
    assert '"externalId": "stackmend-sandbox"' in provider.inputs["assumeRoles"]
    assert f"arn:aws:iam::{WORKLOAD}:role/stackmend-deploy" in provider.inputs["assumeRoles"]


def test_there_is_one_provider_per_account_and_region(prod: Recording, prod_settings: Settings) -> None:
    """Two for one place would be two states of it."""
    places = [prod.place_of_provider(one.urn) for one in prod.of("pulumi:providers:aws")]

    assert Counter(places) == Counter((place.account, place.region) for place in prod_settings.places)


def test_everything_of_a_cell_lands_where_the_cell_stands(prod: Recording, prod_settings: Settings) -> None:
    """No resource under a cell's component uses another place's provider."""
    expected = {f"{cell.account.name}-{cell.region}": (cell.account.id, cell.region) for cell in prod_settings.cells}
    for cell, place in expected.items():
        mine = [one for one in prod.resources_seen if one.is_custom and one.provider and one.name.startswith(f"{cell}-")]

        assert len(mine) > 80
        assert {prod.place_of(one) for one in mine} == {place}


def test_everything_of_the_hub_lands_in_the_hub(prod: Recording, prod_settings: Settings) -> None:
    """Keys in their own control region, the table and the doors in the first one."""
    hub, (first, *_) = prod_settings.hub.account, prod_settings.hub.control_regions
    keys = [one for one in prod.of("Key") if one.name.startswith("leases-")]

    assert [prod.place_of(one) for one in sorted(keys, key=lambda one: one.name)] == sorted(
        (hub, region) for region in prod_settings.hub.control_regions
    )
    for one in (*prod.of("Table"), *prod.of("Role")):
        if one.name.startswith("lease"):
            assert prod.place_of(one) == (hub, first)


def test_a_cell_is_made_of_these(sandbox: Recording) -> None:
    """None vanishes by mistake, none is added unseen."""
    mine = [one for one in sandbox.resources_seen if one.name.startswith("workload-us-east-1-") and one.is_custom]

    assert Counter(one.type.rpartition(":")[2] for one in mine) == {
        "Alias": 1,
        "Bucket": 1,
        "BucketLifecycleConfiguration": 1,
        "BucketOwnershipControls": 1,
        "BucketPolicy": 1,
        "BucketPublicAccessBlock": 1,
        "BucketServerSideEncryptionConfiguration": 1,
        "BucketVersioning": 1,
        "Dashboard": 1,
        "EventRule": 4,
        "EventSourceMapping": 3,
        "EventTarget": 4,
        "Function": 10,
        "FunctionEventInvokeConfig": 2,
        "Key": 1,
        "LayerVersion": 1,
        "LogGroup": 11,
        "MetricAlarm": 49,
        "Permission": 1,
        "Queue": 10,
        "QueuePolicy": 10,
        "Role": 12,
        "RolePolicy": 22,
        "Schedule": 1,
        "ScheduleGroup": 1,
        "StateMachine": 1,
        "Table": 1,
        "Topic": 1,
        "TopicPolicy": 1,
    }


def test_every_resource_stands_in_a_component(prod: Recording) -> None:
    """Only providers and the outermost components lie at the root."""
    outermost = {"RecoveryCell", "RegionKey", "Leases", "LeaseDoor", "aws"}
    at_root = {one.type.rpartition(":")[2] for one in prod.resources_seen if "pulumi:pulumi:Stack::" in one.parent}

    assert at_root == outermost


def test_logical_names_are_unique(prod: Recording) -> None:
    """A name twice under one parent type is one resource to the engine."""
    assert [urn for urn, count in Counter(one.urn for one in prod.resources_seen).items() if count > 1] == []


def test_names_in_aws_are_unique_in_their_place(prod: Recording) -> None:
    """Two cells of one account share its IAM; every other namespace is the region's."""
    seen = Counter(
        (one.type, prod.place_of(one)[0], "" if one.type.endswith(":Role") else prod.place_of(one)[1], one.inputs["name"])
        for one in prod.resources_seen
        if one.is_custom and one.provider and "name" in one.inputs and not one.type.endswith(":RolePolicy")
    )

    assert [what for what, count in seen.items() if count > 1] == []


def ancestors(recording: Recording, resource: Registered) -> set[str]:
    """Everything that a resource waits for, directly or not."""
    known = {one.urn: one for one in recording.resources_seen}
    found: set[str] = set()
    ahead = {resource.urn}
    while ahead:
        ahead = {urn for one in ahead if one in known for urn in known[one].waits_for} - found
        found |= ahead
    return found


def test_nothing_waits_for_itself(prod: Recording) -> None:
    """Three regions in a ring need each other's keys, and still nothing goes round."""
    assert [one.name for one in prod.resources_seen if one.urn in ancestors(prod, one)] == []


def test_a_ring_replicates_each_ledger_to_the_next_region_under_that_regions_key(prod: Recording) -> None:
    """Every cell's copy is encrypted by the partner cell's own key, and restorable and protected there too."""
    ring = {"us-east-1": "us-east-2", "us-east-2": "us-west-2", "us-west-2": "us-east-1"}
    for region, partner in ring.items():
        (replica,) = prod.one("Table", f"payments-{region}-ledger-table").inputs["replicas"]

        assert replica["regionName"] == partner
        assert replica["kmsKeyArn"].split(":")[3:5] == [partner, "444455556666"]
        assert (replica["pointInTimeRecovery"], replica["deletionProtectionEnabled"]) == (True, True)


def test_a_partner_without_a_cell_gets_no_copy(sandbox: Recording) -> None:
    """There is no key for it yet."""
    assert "replicas" not in sandbox.one("Table", "workload-us-east-1-ledger-table").inputs


def test_what_an_operator_needs_is_exported(sandbox: Recording, sandbox_settings: Settings) -> None:
    """Per cell its machine, table, queues and functions, and the digest that every log line carries."""
    (cell,) = sandbox.outputs["cells"].values()

    assert sandbox.outputs["environment"] == "sandbox"
    assert set(cell) == {
        "account",
        "region",
        "digest",
        "machine_arn",
        "ledger_table",
        "vault_bucket",
        "vault_copied_to",
        "queues",
        "functions",
    }
    assert len(cell["digest"]) == 12
    assert cell["queues"] == {queue: f"stackmend-sandbox-{queue}" for queue in ("intake", "notice", "escalation")}


@pytest.mark.parametrize(
    ("chosen", "platform"),
    [
        ({"layer_platform": "host"}, Platform.HOST),
        ({"architecture": "arm64"}, Platform.ARM64),
        ({"architecture": "x86_64"}, Platform.X86_64),
    ],
)
def test_the_layer_is_built_for_where_the_functions_run(
    sandbox_settings: Settings, chosen: dict[str, str], platform: Platform
) -> None:
    """The host's build only for an emulator that runs functions itself."""
    raw = sandbox_settings.model_dump(mode="json") | {"functions": chosen}

    assert layer_of(Settings.load(raw)) is platform


def test_boundary_path_and_tags_reach_every_role(prod: Recording) -> None:
    """What the organisation asks of a role holds for all of them, in the hub too."""
    for role in prod.of("Role"):
        account = prod.place_of(role)[0]

        assert role.inputs["permissionsBoundary"] == f"arn:aws:iam::{account}:policy/acme/platform-boundary"
        assert role.inputs["path"] == "/acme/stackmend/"
    for provider in prod.of("pulumi:providers:aws"):
        assert '"cost-center": "4711"' in provider.inputs["defaultTags"]
