"""The real program, engine and IAM for what goes wrong while it is deployed; small, so that each test has an emulator of its own."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.emulator.launcher import Emulator, running
from sandbox.engine.build import find_engine
from sandbox.project import Project
from sandbox.world import World, seed

SANDBOX = Path(__file__).parents[2] / "sandbox"
Settings = dict[str, Any]
Deploy = Callable[..., Project]


def sandbox_config() -> dict[str, Any]:
    """The configuration of the sandbox's stack, to be varied."""
    content: dict[str, Any] = yaml.safe_load((SANDBOX / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))["config"]
    return copy.deepcopy(content)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with running() as one:
        yield one


@pytest.fixture
def world(emulator: Emulator) -> World:
    return seed(emulator)


@pytest.fixture
def project(world: World, tmp_path: Path) -> Deploy:
    """A stack of the real program with a configuration of the test's, in a project folder and a state of the test's own."""
    folder = tmp_path / "project"
    folder.mkdir()
    content = yaml.safe_load((SANDBOX / "Pulumi.yaml").read_text(encoding="utf-8"))
    content["main"] = str(SANDBOX.parent)
    content["plugins"]["providers"][0]["path"] = str(SANDBOX / "provider")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")

    def stack(name: str, config: dict[str, Any], *, program_head: str = "") -> Project:
        """*program_head* runs before the real program: the smallest change to it that a test is about."""
        if program_head:
            _varied(folder, content, program_head)
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        environment = world.emulator.environment() | world.deployer_environment()
        return Project(find_engine(), tmp_path / "state", name, environment, folder=folder, keeps_checkpoints=False)

    return stack


def _varied(folder: Path, content: dict[str, Any], head: str) -> None:
    """Let the project run the real program with *head* before it."""
    program = folder / "program"
    program.mkdir()
    real = f"import runpy, sys\nsys.path.insert(0, {str(SANDBOX.parent)!r})\n"
    run = f"runpy.run_path({str(SANDBOX.parent / '__main__.py')!r}, run_name='__main__')\n"
    (program / "__main__.py").write_text(real + head + run, encoding="utf-8")
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(content | {"main": str(program)}), encoding="utf-8")


def one_cell(settings: Settings) -> Settings:
    """*settings* with their first cell alone, which waits for its partner."""
    first = settings["accounts"][0]
    cell = {**first["regions"][0], "partner_pending": True}
    return {**settings, "accounts": [{**first, "regions": [cell]}]}
