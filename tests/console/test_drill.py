"""`stackmend drill` as an operator types it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.app import app
from console.drill import EXIT_DEVIATED, EXIT_INTERRUPTED, EXIT_USAGE
from drills.catalogue import DRILLS
from drills.journal import Journal, Verdict
from drills.model import Drill
from drills.report import Report

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 120
AS_FROM_A_TERMINAL = (  # a shell that runs the tests in its background lets its children ignore Ctrl-C
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); runpy.run_module('console', run_name='__main__')"
)


def test_drills_are_listed() -> None:
    """Names and titles, for a person and for a program."""
    listed = json.loads(CliRunner().invoke(app, ["drill", "list", "--json"]).stdout)

    assert listed["schema_version"] == 1
    assert "self-repair" in {one["name"] for one in listed["drills"]}
    assert "self-repair" in CliRunner().invoke(app, ["drill", "list"]).stdout


def test_an_unknown_drill_is_refused_before_anything_starts() -> None:
    """One line that says what to do, and the exit code for a wrong argument."""
    answer = CliRunner().invoke(app, ["drill", "run", "lose-everything"])

    assert answer.exit_code == EXIT_USAGE
    assert answer.stderr.startswith("drill 'lose-everything' is not known; `stackmend drill list` prints those that are: ")
    assert answer.stderr.count("\n") == 1


def a_report(name: str, verdict: Verdict, problem: str | None = None) -> Report:
    """A drill that was played."""
    journal = Journal(drill=name)
    journal.note("expectation", "it holds", problem)
    journal.verdict = verdict
    return Report(drill=DRILLS[name], journal=journal, rows=(), deployment={}, simulated_by=(), echoed=())


@pytest.mark.parametrize(
    ("second", "problem", "code"), [(Verdict.HELD, None, 0), (Verdict.DEVIATED, "three, not one", EXIT_DEVIATED)]
)
def test_all_drills_have_one_table_and_one_verdict(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, second: Verdict, problem: str | None, code: int
) -> None:
    """Exit code 0 only when every one of them held; a report is written for each."""
    asked: list[Drill] = []

    def rehearse(drills: list[Drill], _say: object) -> tuple[Report, ...]:
        asked.extend(drills)
        return a_report("self-repair", Verdict.HELD), a_report("stuck", second, problem)

    monkeypatch.setattr("console.drill.rehearse", rehearse)
    answer = CliRunner().invoke(app, ["drill", "run", "--reports", str(tmp_path)])
    document = json.loads(CliRunner().invoke(app, ["drill", "run", "stuck", "--json", "--reports", str(tmp_path)]).stdout)

    assert [one.name for one in asked] == [*DRILLS, "stuck"]
    assert answer.exit_code == code
    assert [line for line in answer.stdout.splitlines() if line.startswith("verdict: ")] == [f"verdict: {second.value}"]
    assert (problem in answer.stdout) if problem else ("did not hold" not in answer.stdout)
    assert (document["verdict"], len(document["reports"])) == (second.value, 2)
    assert len(list(tmp_path.glob("*.json"))) >= 2


@contextmanager
def a_drill_under_way(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A drill in a process of its own, at the moment when the engine has begun to deploy; all that it makes is in *folder*."""
    process = subprocess.Popen(
        [sys.executable, "-c", AS_FROM_A_TERMINAL, "drill", "run", "self-repair", "--reports", str(folder / "reports")],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("create aws:lambda"):
                break
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def left_behind(folder: Path) -> list[str]:
    """Files below *folder*, and processes that were started with it as their place."""
    found = [str(path) for path in folder.iterdir()]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            spoken = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:  # ended meanwhile
            continue
        if str(folder).encode() in spoken and int(process.name) != os.getpid():
            found.append((process / "cmdline").read_text().replace("\0", " ") if process.exists() else process.name)
    return found


def nothing_is_left(folder: Path) -> bool:
    """Look until nothing is left; a killed process's children notice on their own, and nobody is told when they have gone."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (left := left_behind(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []
    return True


@pytest.mark.sandbox
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for what is left in /proc")
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    """In the middle of the deployment: the exit code of an interrupted command, no process, no file."""
    with a_drill_under_way(tmp_path) as drill:
        drill.send_signal(signal.SIGINT)
        assert drill.wait(DEADLINE_SECONDS) == EXIT_INTERRUPTED

    assert nothing_is_left(tmp_path)


@pytest.mark.sandbox
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for what is left in /proc")
def test_a_killed_drill_leaves_nothing_behind(tmp_path: Path) -> None:
    """Nobody cleans up after SIGKILL but those who were started: they do."""
    with a_drill_under_way(tmp_path) as drill:
        drill.kill()

    assert nothing_is_left(tmp_path)
