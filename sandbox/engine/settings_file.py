"""A copy of a stack's settings for the engine, which writes its salt into whatever file it is given."""

import json
from pathlib import Path
from typing import Any

import yaml


class SettingsFileError(ValueError):
    """A stack's settings file is missing or cannot be used in the sandbox."""


def copy_settings(source: Path, target: Path) -> None:
    """
    Write the configuration of *source*, and nothing else of it, to *target*.

    How a real stack encrypts (`secretsprovider`, `encryptionsalt`) is left out: the sandbox has a passphrase of its own.
    """
    if not source.exists():
        raise SettingsFileError(f"{source} does not exist: give the name of an environment that has a Pulumi.<name>.yaml")
    content = yaml.safe_load(source.read_text(encoding="utf-8")) or {}
    if not isinstance(content, dict):
        raise SettingsFileError(f"{source} holds a {type(content).__name__}: it must be a mapping with the key config")
    config = content.get("config") or {}
    for path in _secrets(config, ""):
        raise SettingsFileError(f"{source} holds an encrypted value at {path}: settings name secrets, they never hold them")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"config": config}), encoding="utf-8")  # JSON is YAML, and keeps "0123" a string


def _secrets(value: Any, path: str) -> list[str]:  # noqa: ANN401 - whatever YAML holds
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return [path.lstrip(".")]
        return [found for key, inner in value.items() for found in _secrets(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for index, inner in enumerate(value) for found in _secrets(inner, f"{path}[{index}]")]
    return []
