"""A copy of a stack's settings for the engine, which writes its salt into whatever file it is given."""

import re
from pathlib import Path

_ENCRYPTION = re.compile(r"^(encryptionsalt|encryptedkey|secretsprovider)\s*:.*\n?", re.MULTILINE)
_ENCRYPTED_VALUE = re.compile(r"(^|[\s{,-])[\"']?secure[\"']?\s*:\s")


class SettingsFileError(ValueError):
    """A stack's settings file is missing or cannot be used in the sandbox."""


def copy_settings(source: Path, target: Path) -> None:
    """
    Write *source* to *target*, without how the real stack encrypts: the sandbox has a passphrase of its own.

    The text is copied rather than read and written again: Python's YAML takes `off` for false, the engine's does not.
    """
    if not source.exists():
        raise SettingsFileError(f"{source} does not exist: give the name of an environment that has a Pulumi.<name>.yaml")
    text = source.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        if _ENCRYPTED_VALUE.search(line):
            raise SettingsFileError(
                f"{source} holds an encrypted value in line {number}: settings name secrets, they never hold them"
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_ENCRYPTION.sub("", text), encoding="utf-8")
