"""IAM roles and their inline policies."""

import json

from sandbox.provider.api import moment
from sandbox.provider.documents import policy_normal
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import flag, name, number, text
from sandbox.provider.wire import Values

_GONE = frozenset({"NoSuchEntity"})


def _create_role(call: Call) -> str:
    wanted = call.parameters("name", "path", "assumeRolePolicy", "description", "maxSessionDuration", "permissionsBoundary")
    call.client.create_role(**wanted, **call.tagged)
    return str(call.inputs["name"])


def _read_role(call: Call) -> Values:
    role = call.client.get_role(RoleName=call.id)["Role"]
    return {
        "name": role["RoleName"],
        "path": role["Path"],
        "assumeRolePolicy": json.dumps(role["AssumeRolePolicyDocument"]),
        "description": role.get("Description", ""),
        "maxSessionDuration": role.get("MaxSessionDuration"),
        "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "arn": role["Arn"],
        "uniqueId": role["RoleId"],
        "createDate": moment(role["CreateDate"]),
    }


def _update_role(call: Call) -> None:
    if "assumeRolePolicy" in call.changed:
        call.client.update_assume_role_policy(RoleName=call.id, PolicyDocument=call.inputs["assumeRolePolicy"])
    if "description" in call.changed:
        call.client.update_role_description(RoleName=call.id, Description=call.inputs.get("description", ""))
    if "maxSessionDuration" in call.changed:
        call.client.update_role(RoleName=call.id, MaxSessionDuration=call.inputs["maxSessionDuration"])
    if "permissionsBoundary" in call.changed:
        _set_boundary(call)


def _set_boundary(call: Call) -> None:
    if boundary := call.inputs.get("permissionsBoundary"):
        call.client.put_role_permissions_boundary(RoleName=call.id, PermissionsBoundary=boundary)
    else:
        call.client.delete_role_permissions_boundary(RoleName=call.id)


def _delete_role(call: Call) -> None:
    if call.inputs.get("forceDetachPolicies"):
        for policy in call.client.list_attached_role_policies(RoleName=call.id)["AttachedPolicies"]:
            call.client.detach_role_policy(RoleName=call.id, PolicyArn=policy["PolicyArn"])
        for inline in call.client.list_role_policies(RoleName=call.id)["PolicyNames"]:
            call.client.delete_role_policy(RoleName=call.id, PolicyName=inline)
    call.client.delete_role(RoleName=call.id)


ROLE = ResourceType(
    pulumi_type="aws:iam/role:Role",
    service="iam",
    properties={
        "name": name(64, api="RoleName"),
        "path": text(default="/", replaces=True),
        "assumeRolePolicy": text(api="AssumeRolePolicyDocument", required=True, normal=policy_normal),
        "description": text(),
        "maxSessionDuration": number(default=3600),
        "permissionsBoundary": text(),
        "forceDetachPolicies": flag(local=True, default=False),
    },
    outputs=("arn", "uniqueId", "createDate"),
    create=_create_role,
    read=_read_role,
    update=_update_role,
    delete=_delete_role,
    gone=_GONE,
    tagging=Tagging(read="list_role_tags", write="tag_role", erase="untag_role", handle="RoleName", by="name"),
)


def _put_policy(call: Call) -> str:
    call.client.put_role_policy(**call.parameters())
    return f"{call.inputs['role']}:{call.inputs['name']}"


def _policy_key(call: Call) -> dict[str, str]:
    role, _, policy = call.id.partition(":")
    return {"RoleName": role, "PolicyName": policy}


def _read_policy(call: Call) -> Values:
    shown = call.client.get_role_policy(**_policy_key(call))
    return {"role": shown["RoleName"], "name": shown["PolicyName"], "policy": json.dumps(shown["PolicyDocument"])}


def _update_policy(call: Call) -> None:
    _put_policy(call)


ROLE_POLICY = ResourceType(
    pulumi_type="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    properties={
        "name": name(128, api="PolicyName"),
        "role": text(api="RoleName", required=True, replaces=True),
        "policy": text(api="PolicyDocument", required=True, normal=policy_normal),
    },
    outputs=(),
    create=_put_policy,
    read=_read_policy,
    update=_update_policy,
    delete=lambda call: call.client.delete_role_policy(**_policy_key(call)),
    gone=_GONE,
)

TYPES = (ROLE, ROLE_POLICY)
