"""The real engine runs a real program: it deploys, refuses, repeats itself without change, and leaves nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.engine.build import find_engine
from sandbox.engine.events import Step
from sandbox.engine.guard import session_members
from sandbox.engine.settings_file import SettingsFileError
from sandbox.project import EngineError, Project, StateInUseError

ROOT = Path(__file__).parents[2]
PROGRAM = """
import asyncio, os
import pulumi

class Thing(pulumi.ComponentResource):
    def __init__(self, name, **properties):
        super().__init__("test:tiny:Thing", name, properties)
        self.register_outputs({})

config = pulumi.Config()
if config.get("raises"):
    raise ValueError(config.require("raises"))
for number in range(config.get_int("things") or 2):
    Thing(f"thing-{number}", good=config.get("good") != "no")
if config.get("waits"):
    pulumi.export("late", pulumi.Output.from_input(asyncio.sleep(60)))
pulumi.export("environment", sorted(name for name in os.environ if name.startswith(("AWS_", "LEAK"))))
pulumi.export("hidden", pulumi.Output.secret("in the clear"))
pulumi.export("stack", pulumi.get_stack())
"""
PACK = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def is_good(args, report_violation):
    if args.props.get("good") is False:
        report_violation(f"{args.name} is not good: mend it", None)

PolicyPack("tiny", [ResourceValidationPolicy(
    name="thing-is-good", description="Things are good.", validate=is_good, enforcement_level=EnforcementLevel.MANDATORY)])
"""

pytestmark = pytest.mark.sandbox


class Tiny:
    """A throwaway project laid out as ours is: the program above, the engine's files in `sandbox`, a pack beside it."""

    def __init__(self, root: Path, engine: Path) -> None:
        self.root, self.engine = root, engine
        self.folder = root / "sandbox"
        for folder, files in {
            root: {"__main__.py": PROGRAM},
            self.folder: {"Pulumi.yaml": "name: stackmend\nmain: ../\nruntime: python\n"},
            root / "policies": {"__main__.py": PACK, "PulumiPolicy.yaml": "runtime: python\nversion: 0.0.1\n"},
        }.items():
            folder.mkdir(exist_ok=True)
            for name, text in files.items():
                (folder / name).write_text(text)
        self.settings()

    def settings(self, **values: str) -> None:
        self._settings(self.folder / "Pulumi.sandbox.yaml", values)

    def environment(self, name: str, **values: str) -> None:
        self._settings(self.root / f"Pulumi.{name}.yaml", values)

    def _settings(self, path: Path, values: dict[str, str]) -> None:
        path.write_text(json.dumps({"config": {f"stackmend:{key}": value for key, value in values.items()}}))

    def project(self, **environment: str) -> Project:
        return Project(
            self.engine, self.root / "run", environment=environment, folder=self.folder, policies=self.root / "policies"
        )


@pytest.fixture(scope="session")
def engine() -> Path:
    return find_engine()


@pytest.fixture
def tiny(tmp_path: Path, engine: Path) -> Tiny:
    root = tmp_path / "a project"  # a space must not hurt
    root.mkdir()
    return Tiny(root, engine)


def test_life_of_a_stack(tiny: Tiny) -> None:
    """Preview, up, the same again without change, less, and nothing: by one project, then by another on its state."""
    project = tiny.project()

    assert project.preview().changes == {"create": 3}
    assert project.up().changes == {"create": 3}
    again = project.up()
    assert again.changes == {"same": 3}
    assert again.is_unchanged
    assert project.refresh().is_unchanged
    tiny.settings(things="1")
    assert tiny.project().up().changes == {"same": 2, "delete": 1}
    assert tiny.project().destroy().changes == {"delete": 2}
    assert project.outputs() == {}


def test_result_holds_outputs_text_and_time(tiny: Tiny) -> None:
    """Secrets come in the clear, the text is the engine's own, and only what was handed over reaches the program."""
    os.environ["LEAK"] = "1"
    try:
        result = tiny.project(AWS_ENDPOINT_URL="https://127.0.0.1:9").up()
    finally:
        del os.environ["LEAK"]

    assert result.outputs == {"environment": ["AWS_ENDPOINT_URL"], "hidden": "in the clear", "stack": "sandbox"}
    assert "+ 3 created" in result.text
    assert "warning" not in result.text
    assert not result.is_unchanged
    assert 0 < result.seconds < 60


def test_progress_reports_every_resource(tiny: Tiny) -> None:
    """Each resource begins and is done, while the engine still works."""
    steps: list[Step] = []

    tiny.project().up(progress=steps.append)

    things = sorted((step.name, step.state) for step in steps if step.resource_type == "test:tiny:Thing")
    assert things == [(name, state) for name in ("thing-0", "thing-1") for state in ("begun", "done")]
    assert {step.operation for step in steps} == {"create"}


def test_mandatory_policy_blocks(tiny: Tiny) -> None:
    """What a policy refuses is not deployed, and the error says which policy, which resource and why."""
    tiny.settings(good="no", things="1")

    with pytest.raises(EngineError) as told:
        tiny.project().up()

    assert str(told.value) == (
        "pulumi up failed with exit code 1:\n"
        "- policy thing-is-good refuses test:tiny:Thing thing-0: Things are good.\nthing-0 is not good: mend it"
    )
    assert tiny.project().up(policies=False).changes.get("create") == 1


def test_failed_program_is_explained(tiny: Tiny) -> None:
    """The program's own error and line, not the engine's exit code alone."""
    tiny.settings(raises="the hub account has 11 digits")

    with pytest.raises(EngineError, match=r"pulumi up failed(.|\n)*__main__\.py(.|\n)*ValueError: the hub account has 11 digits"):
        tiny.project().up()


def test_preview_of_another_environment_touches_nothing(tiny: Tiny) -> None:
    """Its settings and stack name are used, its state is thrown away, and its policies hold."""
    tiny.environment("prod", things="4")
    tiny.environment("staging", good="no")
    project = tiny.project()
    project.up()

    assert project.preview("prod").changes == {"create": 5}
    with pytest.raises(EngineError, match=r"pulumi preview failed(.|\n)*policy thing-is-good refuses"):
        project.preview("staging")
    with pytest.raises(SettingsFileError, match=r"Pulumi\.nowhere\.yaml does not exist"):
        project.preview("nowhere")
    assert project.up().is_unchanged
    assert [path.name for path in (tiny.root / "run").glob("preview-*")] == []


def test_engine_writes_nothing_beside_the_program(tiny: Tiny) -> None:
    """Settings files are the repository's: no salt is written into them, and no file appears."""
    before = {path: path.read_bytes() for path in sorted(tiny.root.rglob("*")) if path.is_file()}

    tiny.project().up()

    after = {path: path.read_bytes() for path in sorted(tiny.root.rglob("*")) if path.is_file() and "run" not in path.parts}
    assert before == {path: content for path, content in after.items() if "__pycache__" not in path.parts}


def test_event_log_does_not_stay(tiny: Tiny) -> None:
    """Its debug lines hold every secret in the clear."""
    tiny.project().up()

    assert [path for path in (tiny.root / "run").rglob("*") if path.is_file() and b"in the clear" in path.read_bytes()] == []


def test_state_is_used_by_one_run_at_a_time(tiny: Tiny) -> None:
    """The second run is told, and does not wait for ever."""
    project = tiny.project()
    with project._alone(), pytest.raises(StateInUseError, match="is used by another run: wait for it or end it"):
        tiny.project().up()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_ended_run_leaves_no_process_and_a_usable_state(tiny: Tiny, end: signal.Signals) -> None:
    """Ctrl-C, or a kill that gives no time for anything, in the middle of `up`; the next `up` works."""
    tiny.settings(waits="yes")
    code = (
        "import signal; from pathlib import Path; from sandbox.project import Project\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"Project(Path({str(tiny.engine)!r}), Path({str(tiny.root / 'run')!r}), folder=Path({str(tiny.folder)!r}),"
        f" policies=Path({str(tiny.root / 'policies')!r})).up(progress=lambda step: print(step.name, flush=True))"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while "thing-" not in (run.stdout or sys.stdin).readline():
        assert run.poll() is None
    sessions = _sessions_below(run.pid)
    assert sessions

    run.send_signal(end)
    run.communicate(timeout=40)

    _wait_until_empty(sessions)
    tiny.settings()
    assert set(tiny.project().up().changes) <= {"create", "same"}


def _sessions_below(parent: int) -> set[int]:
    """The sessions that children of *parent* lead: a guard's each."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return {process for process, above in pairs if above == parent}


def _wait_until_empty(sessions: set[int]) -> None:
    """Sessions end within the engine's grace and a little; processes that are dead but not yet reaped do not count."""
    deadline = time.monotonic() + 20
    while left := [one for session in sessions for one in session_members(session) if _is_alive(one)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _is_alive(process: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False).stdout.strip()
    return bool(state) and not state.startswith("Z")
