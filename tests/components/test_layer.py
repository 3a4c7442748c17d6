"""The layer's folder, built or not."""

from pathlib import Path

import pytest

from components import layer
from components.layer import LayerNotBuiltError, built
from layer.build import Platform
from tests.components.conftest import Recording


def test_a_layer_that_is_not_built_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment never fetches libraries by itself."""
    monkeypatch.setattr(layer, "folder_of", lambda platform: tmp_path / platform.value)

    with pytest.raises(LayerNotBuiltError) as refused:
        built(Platform.ARM64)

    assert str(refused.value) == f"{tmp_path}/arm64: the functions' libraries are not built; run `make layer PLATFORM=arm64`"


def test_a_built_layer_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that holds `python`."""
    (tmp_path / "host" / "python").mkdir(parents=True)
    monkeypatch.setattr(layer, "folder_of", lambda platform: tmp_path / platform.value)

    assert built(Platform.HOST) == tmp_path / "host"


def test_a_layer_says_what_it_runs_on(sandbox: Recording) -> None:
    """Lambda refuses a function that does not fit."""
    (version,) = sandbox.of("LayerVersion")

    assert version.inputs["compatibleRuntimes"] == ["python3.13"]
    assert version.inputs["compatibleArchitectures"] == ["arm64"]
    assert version.inputs["layerName"] == "stackmend-sandbox-libraries"
