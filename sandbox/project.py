"""Run the real Pulumi program with the real engine, against state in a folder of its own."""

import fcntl
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from sandbox.engine.build import HOST_VARIABLE
from sandbox.engine.events import Event, EventLog, Step, changes, complaints
from sandbox.engine.launcher import write_launcher
from sandbox.engine.process import GRACE_SECONDS, guarded
from sandbox.engine.settings_file import copy_settings

HERE = Path(__file__).parent
POLICIES = HERE.parent / "policies"

_SHOWN_LINES = 30  # of what the engine wrote, when it named no cause


class EngineError(RuntimeError):
    """The engine did not do what was asked; the message holds its own diagnostics."""


class StateInUseError(RuntimeError):
    """Another process works on this state folder."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one operation of the engine came to."""

    changes: dict[str, int]
    seconds: float
    text: str
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def is_unchanged(self) -> bool:
        """Whether every resource was left as it was."""
        return set(self.changes) <= {"same"}


def _ignore(_step: Step) -> None:
    pass


class Project:
    """
    One stack of the program with its state, and the operations on it.

    Everything that the engine writes lies in *state_folder*. *environment* is what the program and the provider need
    to reach AWS; nothing else of the caller's environment reaches them but PATH and where caches lie.
    Without *keeps_checkpoints* the state is written at the end of an operation only, and lost when the engine is killed:
    written after each of n resources it costs n² bytes, 4 GB for 550.
    """

    def __init__(
        self,
        engine: Path,
        state_folder: Path,
        stack: str = "sandbox",
        environment: Mapping[str, str] | None = None,
        *,
        folder: Path = HERE,
        settings: Path | None = None,
        policies: Path = POLICIES,
        grace_seconds: float = GRACE_SECONDS,
        keeps_checkpoints: bool = True,
    ) -> None:
        self._engine = engine
        self._state_folder = state_folder.resolve()
        self._stack = stack
        self._extra = dict(environment or {})
        self._folder = folder.resolve()
        self._settings = settings or self._folder / f"Pulumi.{stack}.yaml"
        self._policies = policies.resolve()
        self._grace_seconds = grace_seconds
        self._keeps_checkpoints = keeps_checkpoints
        self._is_ready = False

    def up(self, *, policies: bool = True, progress: Callable[[Step], None] = _ignore) -> Result:
        """Deploy; a mandatory policy that is broken makes this fail."""
        return self._operation("up", ["--yes", "--skip-preview", *self._pack(policies)], progress)

    def preview(
        self, environment: str | None = None, *, policies: bool = True, progress: Callable[[Step], None] = _ignore
    ) -> Result:
        """What `up` would do; with *environment*, what a first `up` with that environment's settings would do."""
        if environment is not None:
            with self._of(environment) as other:
                return other.preview(policies=policies, progress=progress)
        return self._operation("preview", self._pack(policies), progress)

    def refresh(self, *, progress: Callable[[Step], None] = _ignore) -> Result:
        """Read every resource back into the state."""
        return self._operation("refresh", ["--yes", "--skip-preview"], progress)

    def destroy(self, *, progress: Callable[[Step], None] = _ignore) -> Result:
        """Delete every resource of the stack."""
        return self._operation("destroy", ["--yes", "--skip-preview"], progress)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in the clear."""
        text = self._run(
            ["stack", "output", "--json", "--show-secrets", "--stack", self._stack, "--non-interactive"], self._empty_folder
        )
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def resources(self) -> list[dict[str, Any]]:
        """Every resource in the state: its type, name and inputs, as the engine exports them."""
        text = self._run(["stack", "export", "--stack", self._stack, "--non-interactive"], self._empty_folder)
        found: list[dict[str, Any]] = json.loads(text)["deployment"].get("resources", [])
        return found

    @contextmanager
    def _of(self, environment: str) -> Iterator["Project"]:
        """The same program with *environment*'s settings, on a state that is thrown away."""
        self._state_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"preview-{environment}-", dir=self._state_folder) as folder:
            yield Project(
                self._engine,
                Path(folder),
                environment,
                self._extra,
                folder=self._folder,
                settings=self._folder.parent / f"Pulumi.{environment}.yaml",
                policies=self._policies,
                grace_seconds=self._grace_seconds,
                keeps_checkpoints=self._keeps_checkpoints,
            )

    def _pack(self, policies: bool) -> list[str]:
        return ["--policy-pack", str(self._policies)] if policies else []

    def _which(self) -> list[str]:
        return ["--stack", self._stack, "--config-file", str(self._settings_copy), "--non-interactive"]

    @property
    def _settings_copy(self) -> Path:
        return self._state_folder / "settings" / f"Pulumi.{self._stack}.yaml"

    @property
    def _launcher(self) -> Path:
        return self._state_folder / "language-host"

    @property
    def _empty_folder(self) -> Path:
        return self._state_folder / "stack"

    def _operation(self, verb: str, options: list[str], progress: Callable[[Step], None]) -> Result:
        started = monotonic()
        with self._alone():
            self._prepare()
            command = [verb, *self._which(), *options]
            events: list[Event] = []
            text = self._run(command, self._folder, events, progress)
            outputs = self.outputs() if verb in {"up", "refresh"} else {}
        return Result(changes=changes(events), seconds=monotonic() - started, text=text, outputs=outputs)

    def _run(
        self,
        arguments: list[str],
        cwd: Path,
        events: list[Event] | None = None,
        progress: Callable[[Step], None] = _ignore,
    ) -> str:
        """Run the engine to its end and give back what it wrote; collect *events* when they are asked for."""
        log = self._state_folder / "events.jsonl"
        log.write_text("", encoding="utf-8")
        command = [str(self._engine), *arguments, "--color", "never"]
        seen = [] if events is None else events
        if events is not None:
            command += ["--event-log", str(log)]
        lines: list[str] = []
        try:
            with (
                log.open(encoding="utf-8") as stream,
                guarded(command, cwd=cwd, environment=self._environment(), grace_seconds=self._grace_seconds) as process,
            ):
                following = EventLog(stream)
                for line in process.stdout or ():
                    lines.append(line)
                    _follow(following, seen, progress)  # each event of a resource comes with a line of text
                code = process.wait()
                _follow(following, seen, progress)
        finally:
            log.unlink()  # its debug lines hold secrets in the clear
        if code != 0 or complaints(seen):  # a provider that crashes while it is closed leaves the exit code at 0
            raise EngineError(_explained(arguments[0], code, seen, lines))
        return "".join(lines)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the state; locks that a killed engine left in it are nobody's then, and are taken away."""
        self._state_folder.mkdir(parents=True, exist_ok=True)
        with (self._state_folder / "in-use").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StateInUseError(f"{self._state_folder} is used by another run: wait for it or end it") from error
            shutil.rmtree(self._state_folder / "backend" / ".pulumi" / "locks", ignore_errors=True)
            yield

    def _prepare(self) -> None:
        """Make the folders, the launcher and the stack; the settings are copied anew each time."""
        for name in ("backend", "home", "tmp"):
            (self._state_folder / name).mkdir(exist_ok=True)
        copy_settings(self._settings, self._settings_copy)
        if self._is_ready:
            return
        write_launcher(self._launcher, self._engine)
        passphrase = self._state_folder / "passphrase"
        if not passphrase.exists():
            passphrase.touch(mode=0o600)
            passphrase.write_text(secrets.token_hex(16), encoding="utf-8")
        self._select_stack()
        self._is_ready = True

    def _select_stack(self) -> None:
        """Create the stack if it is new, from an empty folder: the engine writes a settings file where it does this."""
        self._empty_folder.mkdir(exist_ok=True)
        (self._empty_folder / "Pulumi.yaml").write_text("name: stackmend\nruntime: python\n", encoding="utf-8")
        self._run(["stack", "select", "--create", "--stack", self._stack, "--non-interactive"], self._empty_folder)

    def _environment(self) -> dict[str, str]:
        state = self._state_folder
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "HOME": str(state / "home"),
            "TMPDIR": str(state / "tmp"),
            "LANG": "C.UTF-8",
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
            "PULUMI_HOME": str(state / "home"),
            "PULUMI_BACKEND_URL": f"file://{state / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(state / "passphrase"),
            "PULUMI_PYTHON_CMD": sys.executable,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",  # another version's language host may lie on PATH
            "PULUMI_DEBUG_COMMANDS": "true",  # or it does not know --event-log
            HOST_VARIABLE: str(self._launcher),
            **({} if self._keeps_checkpoints else {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}),
            **self._extra,
        }


def _follow(log: EventLog, seen: list[Event], progress: Callable[[Step], None]) -> None:
    for event in log.new():
        seen.append(event)
        step = event.step()
        if step is not None:
            progress(step)


def _explained(verb: str, code: int, events: list[Event], lines: list[str]) -> str:
    causes = complaints(events) or [line.rstrip() for line in lines if line.startswith("error:")]
    body = "\n".join(f"- {cause}" for cause in causes) or "".join(lines[-_SHOWN_LINES:])
    return f"pulumi {verb} failed with exit code {code}:\n{body}"
