"""The functions' libraries: a layer made of the folder that `make layer` has built from the lock."""

from dataclasses import dataclass
from pathlib import Path

import pulumi_aws as aws
from pulumi import ComponentResource, FileArchive, Output, ResourceOptions

from layer.build import Platform, folder_of

RUNTIME = "python3.13"


class LayerNotBuiltError(Exception):
    """The functions' libraries are not there yet."""


@dataclass(frozen=True, kw_only=True)
class LayerArgs:
    """Which build the layer is made of."""

    layer_name: str
    platform: Platform
    architecture: str


class FunctionLayer(ComponentResource):
    """One version of the libraries in one region."""

    def __init__(self, name: str, args: LayerArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:FunctionLayer", name, None, opts)
        version = aws.lambda_.LayerVersion(
            f"{name}-version",
            layer_name=args.layer_name,
            code=FileArchive(str(built(args.platform))),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[args.architecture],
            opts=ResourceOptions(parent=self),
        )
        self.arn: Output[str] = version.arn
        self.register_outputs({"arn": self.arn})


def built(platform: Platform) -> Path:
    """The folder of a finished build; building needs a package index, so a deployment never does it by itself."""
    folder = folder_of(platform)
    if not (folder / "python").is_dir():
        raise LayerNotBuiltError(f"{folder}: the functions' libraries are not built; run `make layer PLATFORM={platform.value}`")
    return folder
