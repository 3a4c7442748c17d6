"""Which part of an environment one Pulumi stack deploys: the hub, some accounts, or everything.

An environment of many accounts is described once, in `Pulumi.<environment>.yaml`. Its other stacks repeat none of it: each has a
file `Pulumi.<stack>.yaml` whose `stackmend:part` names the environment and what it deploys of it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import pulumi
import yaml
from pydantic import Field, ValidationError

from components.settings import Place, Settings, SettingsError
from components.settings_sections import Section

SETTINGS, PART = "stackmend:settings", "stackmend:part"


class _Yaml(yaml.SafeLoader):
    """YAML as the engine reads it: only true and false are booleans; `mode: off` is a text."""


_Yaml.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Yaml.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), list("tf"))


class Part(Section):
    """What one stack deploys of an environment."""

    of: str = Field(description="The environment's name: its settings stand in Pulumi.<of>.yaml beside this stack's file.")
    hub: bool = Field(default=False, description="Whether this stack deploys the hub, with every cell's way to its lease.")
    accounts: tuple[str, ...] = Field(default=(), description="The names of the accounts whose cells this stack deploys.")

    @classmethod
    def load(cls, content: object, where: str) -> Self:
        """Read *content*, or raise SettingsError that names *where* and every problem."""
        try:
            return cls.model_validate(_tuples(content))
        except ValidationError as error:
            problems = [f"{where}: {PART}.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
            raise SettingsError("\n".join(problems)) from error

    @classmethod
    def whole(cls, settings: Settings) -> Self:
        """All of an environment, in one stack."""
        return cls(of=settings.environment, hub=True, accounts=tuple(account.name for account in settings.accounts))

    def places(self, settings: Settings) -> tuple[Place, ...]:
        """Where this stack deploys to: it needs a provider there, and nowhere else."""
        hub = {(settings.hub.account, region) for region in settings.hub.control_regions} if self.hub else set()
        cells = {(cell.account.id, cell.region) for cell in settings.cells if cell.account.name in self.accounts}
        return tuple(place for place in settings.places if (place.account, place.region) in hub | cells)


def from_pulumi() -> tuple[Settings, Part]:
    """What the stack that runs shall deploy, checked against its environment's other stacks."""
    config = pulumi.Config("stackmend")
    try:
        content = config.get_object("part")
    except pulumi.ConfigTypeError as error:
        raise SettingsError(f"{PART}: not an object; write of, hub and accounts under it") from error
    if content is None:
        settings = Settings.from_pulumi()
        return settings, Part.whole(settings)
    if config.get("settings") is not None:
        raise SettingsError(
            f"{PART}: {SETTINGS} stands beside it; a part takes its environment's settings, remove one of the two"
        )
    part = Part.load(content, pulumi.get_stack())
    return settings_beside(_folder_of(part), part), part


def _folder_of(part: Part) -> Path:
    """Where the stack's own file stands; a project of another folder, the sandbox's, previews those beside the program."""
    own = Path(pulumi.get_root_directory())
    return own if (own / f"Pulumi.{part.of}.yaml").is_file() else Path(__file__).parents[1]


def settings_of(file: Path) -> Settings:
    """The settings of the environment that *file* describes, or describes a part of; SettingsError when there are none."""
    config = _config(file)
    if PART in config:
        return settings_beside(file.parent, Part.load(config[PART], file.name))
    content = config.get(SETTINGS)
    if not isinstance(content, Mapping):
        raise SettingsError(f"{file} has no {SETTINGS}; name the Pulumi.<environment>.yaml that describes the environment")
    return Settings.load(content)


def settings_beside(folder: Path, part: Part) -> Settings:
    """The environment's settings, when all the parts in *folder* together deploy it once; SettingsError otherwise."""
    file = folder / f"Pulumi.{part.of}.yaml"
    if not file.is_file():
        raise SettingsError(f"{PART}.of: {part.of}: {file} does not exist; name the environment that this is a part of")
    content = _config(file).get(SETTINGS)
    if not isinstance(content, Mapping):
        raise SettingsError(f"{PART}.of: {part.of}: {file} has no {SETTINGS}; name the file that describes the environment")
    settings = Settings.load(content)
    problems = list(problems_of_parts(folder, settings))
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def parts_of(folder: Path, environment: str) -> dict[str, Part]:
    """Every part of *environment* by its file's name."""
    found = {file.name: _config(file).get(PART) for file in sorted(folder.glob("Pulumi.*.yaml"))}
    parts = {name: Part.load(content, name) for name, content in found.items() if content is not None}
    return {name: part for name, part in parts.items() if part.of == environment}


def problems_of_parts(folder: Path, settings: Settings) -> Iterator[str]:
    """Why the parts in *folder* do not deploy the hub and each account exactly once; no stack could see that alone."""
    parts = parts_of(folder, settings.environment)
    if not parts:
        return
    names = {account.name for account in settings.accounts}
    claims = Counter(name for part in parts.values() for name in part.accounts)
    hubs = [file for file, part in parts.items() if part.hub]
    if len(hubs) != 1:
        yield f"{PART}.hub: true in {', '.join(hubs) or 'no file'} of {settings.environment}; write it in exactly one"
    for name in sorted(names | set(claims)):
        files = ", ".join(file for file, part in parts.items() if name in part.accounts)
        if name not in names:
            yield f"{PART}.accounts: {name} in {files}: {settings.environment} has no such account; correct or remove it"
        elif claims[name] > 1:
            yield f"{PART}.accounts: {name} in {files}: deployed {claims[name]} times; leave it in exactly one"
        elif not claims[name]:
            yield f"{PART}.accounts: {name} is in no part of {settings.environment}; add it to one"


def _config(file: Path) -> Mapping[str, Any]:
    content = yaml.load(file.read_text(encoding="utf-8"), _Yaml) or {}  # noqa: S506 - a SafeLoader
    config = content.get("config") if isinstance(content, Mapping) else None
    return config if isinstance(config, Mapping) else {}


def _tuples(content: object) -> object:
    """JSON and YAML know lists only, and the settings guess no types."""
    if isinstance(content, Mapping):
        return {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    return content
