"""The program under Pulumi's mocks: every registration is kept, with its parent, its provider and what it waits for."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from cfnlint.api import ManualArgs, lint
from pulumi.runtime import mocks, rpc

from components import environment
from components.part import Part
from components.settings import Settings
from layer import build as layer_build

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One resource as the engine would have been told of it."""

    type: str
    name: str
    urn: str
    parent: str
    provider: str
    inputs: Mapping[str, Any]
    waits_for: frozenset[str]
    is_custom: bool


@dataclass
class Recording(mocks.MockMonitor):
    """What a program has registered, in order."""

    resources_seen: list[Registered] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(_Answers(self))

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the engine's own name
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type == "pulumi:pulumi:Stack":
            return answer
        waits = {urn for named in request.propertyDependencies.values() for urn in named.urns} | set(request.dependencies)
        self.resources_seen.append(
            Registered(
                type=request.type,
                name=request.name,
                urn=answer.urn,
                parent=request.parent,
                provider=request.provider.rpartition("::")[0],
                inputs=rpc.deserialize_properties(request.object),
                waits_for=frozenset(waits),
                is_custom=request.custom,
            )
        )
        return answer

    def of(self, type_: str) -> list[Registered]:
        """Every resource of a type, `aws:kms/key:Key` or just its last word."""
        return [one for one in self.resources_seen if type_ in (one.type, one.type.rpartition(":")[2])]

    def one(self, type_: str, name: str) -> Registered:
        (found,) = [one for one in self.of(type_) if one.name == name]
        return found

    def place_of(self, resource: Registered) -> tuple[str, str]:
        """The account and region of the provider that a resource names."""
        return self.place_of_provider(resource.provider)

    def place_of_provider(self, urn: str) -> tuple[str, str]:
        (provider,) = [one for one in self.resources_seen if one.urn == urn]
        allowed = provider.inputs["allowedAccountIds"]
        return (allowed if isinstance(allowed, list) else yaml.safe_load(allowed))[0], provider.inputs["region"]


class _Answers(mocks.Mocks):
    """Gives back what was asked for, with an ARN of its place."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ.startswith("pulumi:providers") or not args.custom:
            return f"{args.name}-id", dict(args.inputs)
        account, region = self._recording.place_of_provider((args.provider or "").rpartition("::")[0])
        service = args.typ.split(":")[1].partition("/")[0]
        arn = f"arn:aws:{service}:{region}:{account}:{args.inputs.get('name', args.name)}"
        return f"{args.name}-id", {"arn": arn, "url": f"https://queue/{args.name}", "keyId": f"{args.name}-id", **args.inputs}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise AssertionError(f"the program asked AWS: {args.token}")


Synth = Callable[..., Recording]


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synth]:
    """Run the whole program over settings, each time under mocks of its own; the layer is an empty folder."""
    builds = tmp_path_factory.mktemp("build")
    for platform in layer_build.Platform:
        (builds / f"layer-{platform.value}" / "python").mkdir(parents=True)

    def run(settings: Settings, part: Part | None = None) -> Recording:
        recording = Recording()
        mocks.set_mocks(recording.mocks, project="stackmend", stack=settings.environment, monitor=recording)

        pulumi.runtime.test(lambda: recording.outputs.update(environment.build(settings, part)))()  # type: ignore[no-untyped-call]
        return recording

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("components.layer.folder_of", lambda platform: builds / f"layer-{platform.value}")
        yield run


@pytest.fixture(scope="session")
def sandbox(synth: Synth) -> Recording:
    """What one cell of the sandbox registers; a recording is only read, so that it serves every test."""
    return synth(one_cell())


@pytest.fixture(scope="session")
def prod(synth: Synth) -> Recording:
    """What the settings of a large environment register."""
    return synth(settings_of("Pulumi.prod.yaml"))


def settings_of(file: str) -> Settings:
    """The settings of a shipped configuration file, by its path from the root."""
    config = yaml.safe_load((ROOT / file).read_text(encoding="utf-8"))["config"]
    return Settings.load(config["stackmend:settings"])


def one_cell() -> Settings:
    """The sandbox's first cell alone, whose partner is not there yet."""
    raw = settings_of("sandbox/Pulumi.sandbox.yaml").model_dump(mode="json")
    account = raw["accounts"][0]
    first = {**account["regions"][0], "partner_pending": True}
    return Settings.load(raw | {"accounts": [{**account, "regions": [first]}]})


@pytest.fixture
def sandbox_settings() -> Settings:
    """One cell, whose partner is not there yet."""
    return one_cell()


@pytest.fixture
def prod_settings() -> Settings:
    """Three accounts; one has three regions in a ring."""
    return settings_of("Pulumi.prod.yaml")


Lint = Callable[[str, Mapping[str, Any]], list[str]]


@pytest.fixture
def findings() -> Lint:
    """What cfn-lint says of one resource, put into a template."""

    def lint_one(type_: str, properties: Mapping[str, Any]) -> list[str]:
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Subject": {"Type": type_, "Properties": properties}}}
        found = lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"]))
        return [f"{match.rule.id} {match.message}" for match in found]

    return lint_one
