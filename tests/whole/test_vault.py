"""What is kept of a stack that is deployed, updated and fails: in the cell's vault, in its partner's, and good enough to restore.

The tests of this module tell one story in the order in which they stand.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.blueprint import blueprints
from console.rehearsal import LEASE_SECONDS, WORKLOAD, Deployed
from drills import actions
from drills.chaos import templates
from drills.field import Field
from drills.probes import cell_holds_its_lease, stack_status
from drills.recoveries import ended, records, recoveries
from handlers.aws.vault import Vault
from handlers.domain.identity import StackKey
from handlers.domain.secrecy import Hidden
from handlers.domain.version import Defect, Finding, StackVersion, Text

pytestmark = pytest.mark.sandbox
REGION, PARTNER = "us-east-1", "us-west-2"
STACK, RESTORED, BUCKET = "app-vault", "app-restored", "team-vault-templates"
SECRETS = {"Password": "hunter2-hidden", "ApiKey": "hunter2-plain"}
POLICY = '{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}'
KEY = StackKey(account=WORKLOAD, region=REGION, name=STACK)
WAIT_SECONDS = 90


def template(field: Field, version: int) -> str:
    """The drills' fragile stack with parameters, too long for a call."""
    plain = json.loads(templates.fragile(version=version, function_arn=field.memory["function"], causes=field.memory["causes"]))
    parameters = {
        "Password": {"Type": "String", "NoEcho": True},
        "ApiKey": {"Type": "String"},
        "Size": {"Type": "String", "Default": "2"},
    }
    return json.dumps({**plain, "Parameters": parameters, "Metadata": {"Padding": "x" * 60_000}}, indent=1)


def given(field: Field, name: str, body: str) -> dict[str, Any]:
    """What the team deploys a stack with, its template by address."""
    s3 = field.team.client("s3")
    s3.put_object(Bucket=BUCKET, Key=name, Body=body.encode())
    return {
        "StackName": name,
        "TemplateURL": f"{s3.meta.endpoint_url}/{BUCKET}/{name}",
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in SECRETS.items()],
        "Tags": [{"Key": "team", "Value": "vault"}],
        "RoleARN": field.memory["service_role"],
    }


@pytest.fixture(scope="module")
def field(sandbox: Deployed) -> Iterator[Field]:
    """The sandbox's first cell, with the ground for stacks that fail."""
    made = sandbox.field(WORKLOAD, REGION, print)
    made.wait("the heartbeat takes the cell's lease", lambda: cell_holds_its_lease(made) is None, seconds=LEASE_SECONDS)
    actions.lay_ground(made)
    s3 = made.team.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    try:
        yield made
    finally:
        for stack in (STACK, RESTORED):
            actions.delete_stack(made, stack)
        for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            s3.delete_object(Bucket=BUCKET, Key=one["Key"])
        s3.delete_bucket(Bucket=BUCKET)
        actions.clear_ground(made)


def bucket_in(sandbox: Deployed, region: str) -> str:
    """The vault of the account's cell in this region."""
    plans = blueprints(sandbox.settings)
    return next(one.addresses.vault_bucket for one in plans if (one.cell.account, one.cell.region) == (WORKLOAD, region))


def vault(sandbox: Deployed, region: str = REGION) -> Vault:
    """The vault as the operator reads it."""
    return Vault(sandbox.world.session(WORKLOAD, region, "operator").client("s3"), bucket_in(sandbox, region))


def shown(version: StackVersion | Finding | None) -> StackVersion:
    """A version that is there and is what its digest says."""
    assert isinstance(version, StackVersion), version
    return version


def is_of(version: StackVersion | Finding | None, body: str) -> bool:
    """Whether a version has this template."""
    return isinstance(version, StackVersion) and version.made.template == Text.of(body)


def test_a_deployed_stack_is_kept_as_good(sandbox: Deployed, field: Field) -> None:
    """Its long template as it was sent, what else makes it, and neither of its secrets."""
    body = template(field, 1)
    field.team.client("cloudformation").create_stack(**given(field, STACK, body), StackPolicyBody=POLICY)
    field.wait(f"{STACK} is good", lambda: is_of(vault(sandbox).last_good(KEY), body), seconds=WAIT_SECONDS)
    version = shown(vault(sandbox).last_good(KEY))

    assert (version.status, version.stack) == ("CREATE_COMPLETE", KEY)
    assert vault(sandbox).template(version) == body
    assert not version.made.template.goes_inline
    assert version.made.hidden == {"Password": Hidden.NO_ECHO, "ApiKey": Hidden.LOOKS_SECRET}
    assert (version.made.tags, version.made.role_arn) == ({"team": "vault"}, field.memory["service_role"])
    assert json.loads(version.made.stack_policy or "") == json.loads(POLICY)
    assert "hunter2" not in version.model_dump_json()


def test_an_update_is_kept_while_it_goes_on(sandbox: Deployed, field: Field) -> None:
    """When it has failed CloudFormation shows the old template, and the new one is nowhere else."""
    actions.put_cause(field, f"{STACK}/Release/2", left=0, hangs=True)
    body = template(field, 2)
    field.team.client("cloudformation").update_stack(**given(field, STACK, body), ClientRequestToken="deploy-second")
    field.wait(f"{STACK} has a candidate", lambda: is_of(vault(sandbox).candidate(KEY), body), seconds=WAIT_SECONDS)

    assert shown(vault(sandbox).candidate(KEY)).token == "deploy-second"
    assert is_of(vault(sandbox).last_good(KEY), template(field, 1))


def test_a_failure_and_its_recovery_leave_both_versions_and_the_evidence(sandbox: Deployed, field: Field) -> None:
    """The candidate is what failed; the last good version is what the recovery has brought back."""
    actions.put_cause(field, f"{STACK}/Config/1", left=1)
    actions.put_cause(field, f"{STACK}/Release/2", left=1)
    field.wait(f"{STACK} is recovered", lambda: any(ended(one) for one in recoveries(field, STACK)), seconds=WAIT_SECONDS)
    (failure,) = records(field, STACK, "FAILURE#")
    where = f"evidence/{WORKLOAD}/{REGION}/{STACK}/{failure['failure_id']}"
    s3, bucket = sandbox.world.session(WORKLOAD, REGION).client("s3"), bucket_in(sandbox, REGION)
    field.wait(
        "its evidence is kept", lambda: bool(s3.list_objects_v2(Bucket=bucket, Prefix=where)["KeyCount"]), seconds=WAIT_SECONDS
    )

    told = json.loads(s3.get_object(Bucket=bucket, Key=where)["Body"].read())
    assert actions.REASON in {event.get("ResourceStatusReason") for event in told}
    assert not any("ResourceProperties" in event for event in told)
    assert [one["outcome"] for one in recoveries(field, STACK)] == ["recovered"]
    assert is_of(vault(sandbox).candidate(KEY), template(field, 2))
    assert is_of(vault(sandbox).last_good(KEY), template(field, 1))


def test_the_partner_has_all_of_it_intact(sandbox: Deployed, field: Field) -> None:
    """Every digest is made again from what lies there."""
    there = vault(sandbox, PARTNER)
    for version in (shown(there.candidate(KEY)), shown(there.last_good(KEY))):
        assert there.findings(version) == ()
    assert shown(there.last_good(KEY)) == shown(vault(sandbox).last_good(KEY))


def test_a_stack_is_made_again_from_the_partners_copy(sandbox: Deployed, field: Field) -> None:
    """Replicated is not restored: its template by the copy's address, and what was hidden given again by whoever knows it."""
    there = vault(sandbox, PARTNER)
    version = shown(there.last_good(KEY))
    made = version.made
    known = {each.name: each.value for each in made.parameters if each.value is not None}
    field.team.client("cloudformation").create_stack(
        StackName=RESTORED,
        TemplateURL=there.template_url(version),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in {**known, **SECRETS}.items()],
        Tags=[{"Key": key, "Value": value} for key, value in made.tags.items()],
        RoleARN=str(made.role_arn),
    )
    field.wait(f"{RESTORED} stands", lambda: stack_status(field, RESTORED) == "CREATE_COMPLETE", seconds=WAIT_SECONDS)
    copy = KEY.model_copy(update={"name": RESTORED})
    field.wait(f"{RESTORED} is good", lambda: vault(sandbox).last_good(copy) is not None, seconds=WAIT_SECONDS)
    restored = shown(vault(sandbox).last_good(copy))

    assert restored.made == made.model_copy(update={"stack_policy": None})  # a stack's policy is set by a call of its own


def test_other_hands_are_found_and_what_they_did_is_made_good(sandbox: Deployed, field: Field) -> None:
    """An altered template is named and not handed out; the next capture writes the true one anew."""
    version = shown(vault(sandbox).last_good(KEY))
    where = f"stacks/{WORKLOAD}/{REGION}/{STACK}/texts/{version.made.template.digest}"
    owner = sandbox.emulator.session(WORKLOAD, REGION).client("s3")
    owner.put_object(Bucket=bucket_in(sandbox, REGION), Key=where, Body=b"Resources: {Evil: {Type: AWS::IAM::User}}")
    (finding,) = vault(sandbox).findings(version)

    assert (finding.defect, finding.what, finding.where) == (Defect.ALTERED, "template", where)
    assert vault(sandbox).template(version) == finding

    changed = {**given(field, STACK, template(field, 1)), "Tags": [{"Key": "team", "Value": "shop"}]}
    field.team.client("cloudformation").update_stack(**changed)
    field.wait("the next capture makes it good", lambda: vault(sandbox).findings(version) == (), seconds=WAIT_SECONDS)
