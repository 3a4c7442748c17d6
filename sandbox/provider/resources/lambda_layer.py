"""Lambda layers: every change is a new version."""

from sandbox.provider.api import from_api
from sandbox.provider.archives import zip_bytes
from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.schema import Property, code, flag, text, texts
from sandbox.provider.wire import Values

_SHOWN: dict[str, Property] = {
    "compatibleRuntimes": texts(replaces=True),
    "compatibleArchitectures": texts(replaces=True),
    "description": text(replaces=True),
    "licenseInfo": text(replaces=True),
}


def _create(call: Call) -> str:
    wanted = call.parameters("layerName", *_SHOWN)
    return str(
        call.client.publish_layer_version(**wanted, Content={"ZipFile": zip_bytes(call.inputs["code"])})["LayerVersionArn"]
    )


def _version(call: Call) -> Values:
    layer, _, version = call.id.rpartition(":")
    return {"LayerName": layer.rpartition(":")[2], "VersionNumber": int(version)}


def _read(call: Call) -> Values:
    shown = call.client.get_layer_version(**_version(call))
    return {
        **from_api(_SHOWN, shown),
        "layerName": shown["LayerArn"].rpartition(":")[2],
        "arn": shown["LayerVersionArn"],
        "layerArn": shown["LayerArn"],
        "version": str(shown["Version"]),
        "createdDate": shown["CreatedDate"],
        "codeSha256": shown["Content"]["CodeSha256"],
        "sourceCodeSize": shown["Content"]["CodeSize"],
    }


LAYER_VERSION = ResourceType(
    pulumi_type="aws:lambda/layerVersion:LayerVersion",
    service="lambda",
    properties={
        "layerName": text(required=True, replaces=True),
        **_SHOWN,
        "code": code(replaces=True),
        "sourceCodeHash": text(local=True, computed=True, replaces=True),
        "skipDestroy": flag(local=True, default=False),
    },
    code={"code": "codeSha256"},
    outputs=("arn", "layerArn", "version", "createdDate", "codeSha256", "sourceCodeSize"),
    create=_create,
    read=_read,
    delete=lambda call: None if call.inputs.get("skipDestroy") else call.client.delete_layer_version(**_version(call)),
)

TYPES = (LAYER_VERSION,)
