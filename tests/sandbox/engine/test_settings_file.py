"""The engine gets a copy of the settings, and nothing of how a real stack encrypts."""

from pathlib import Path

import pytest

from sandbox.engine.settings_file import SettingsFileError, copy_settings

CONFIGURATION = """config:
  # a comment
  stackmend:settings: {hub: '012345678901', mode: off, note: safe}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "Pulumi.prod.yaml"


@pytest.mark.parametrize(
    "encryption",
    ["", "encryptionsalt: v1:abc=:v1:x\n", "secretsprovider: awskms://alias/x?region=eu-west-1\nencryptedkey: AQI=\n"],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_copy_keeps_configuration_and_drops_encryption(source: Path, tmp_path: Path, encryption: str, is_first: bool) -> None:
    """Every other character stays; a KMS key or a salt of a real stack stays at home."""
    source.write_text(encryption + CONFIGURATION if is_first else CONFIGURATION + encryption)
    target = tmp_path / "run" / "settings.yaml"

    copy_settings(source, target)

    assert target.read_text() == CONFIGURATION


def test_copy_replaces_the_one_before(source: Path, tmp_path: Path) -> None:
    """Changed settings reach the next operation, without the salt that the engine wrote into the last copy."""
    target = tmp_path / "copy.yaml"
    target.write_text("config: {old: 1}\nencryptionsalt: v1:abc\n")
    source.write_text("config: {new: 1}\n")

    copy_settings(source, target)

    assert target.read_text() == "config: {new: 1}\n"


def test_missing_file_is_refused(source: Path, tmp_path: Path) -> None:
    """The message names the file and what there should be."""
    with pytest.raises(SettingsFileError) as told:
        copy_settings(source, tmp_path / "copy.yaml")

    assert str(told.value) == f"{source} does not exist: give the name of an environment that has a Pulumi.<name>.yaml"


@pytest.mark.parametrize(
    "line", ["      secure: v1:abc", "    - secure: v1:abc", "    key: {secure: v1:abc}", "    key: {'secure': v1:abc}"]
)
def test_encrypted_value_is_refused(source: Path, tmp_path: Path, line: str) -> None:
    """The sandbox could not read it, and settings must not hold it."""
    source.write_text(f"config:\n  stackmend:settings:\n{line}\n")

    with pytest.raises(SettingsFileError) as told:
        copy_settings(source, tmp_path / "copy.yaml")

    assert str(told.value) == f"{source} holds an encrypted value in line 3: settings name secrets, they never hold them"
    assert not (tmp_path / "copy.yaml").exists()
