"""Starts the emulator as a process of its own, says where it is, and leaves nothing of it behind."""

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sandbox.emulator import environment
from sandbox.emulator.__main__ import PORT_TAKEN, check_version
from sandbox.emulator.calls import Call, CallLog
from sandbox.emulator.certificate import write_certificate
from sandbox.emulator.errors import EmulatorNotStartedError, FolderInUseError
from sandbox.emulator.session import Credentials, Session
from sandbox.emulator.sweep import sweep

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0  # 1 s is usual; a machine that builds an engine beside it takes several
STOP_SECONDS = 5.0  # SANDBOX: it may not end by SIGTERM at all while a custom resource waits
COMMAND_SECONDS = 60.0  # a command answers at once; a machine that is very busy beside it does not
PORTS_TRIED = 5
LOOK_SECONDS = 0.05  # a server that is not there yet cannot tell us when it is
LOG_LINES = 20


class Emulator:
    """A running emulator: where it is, who may speak to it as whom, and what has been asked of it."""

    def __init__(self, folder: Path, port: int, ca_bundle: Path, token: str) -> None:
        self.endpoint = f"https://127.0.0.1:{port}"
        self.folder = folder
        self.ca_bundle = ca_bundle
        self._token = token
        self._log = CallLog(folder / environment.CALLS)
        self._http = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(ca_bundle))),
        )

    @property
    def log(self) -> Path:
        """What the emulator and its functions' processes wrote; gone when the emulator is."""
        return self.folder / environment.LOG

    def environment(self) -> dict[str, str]:
        """What a process of ours needs to speak to the emulator, and to nothing beyond it."""
        around_proxies = ",".join(filter(None, (os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1")))
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_CA_BUNDLE": str(self.ca_bundle),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": around_proxies,
            "no_proxy": around_proxies,
        }

    def session(self, account: str, region: str = "us-east-1") -> Session:
        """The root of *account*, which no policy binds: for what an account has at birth, and for nothing else."""
        return self.session_of(Credentials(access_key_id=account, secret_access_key="root"), region)  # noqa: S106 - any will do

    def session_of(self, credentials: Credentials, region: str = "us-east-1") -> Session:
        """Whoever holds *credentials*."""
        return Session(endpoint=self.endpoint, ca_bundle=self.ca_bundle, region=region, credentials=credentials)

    def calls(self, since: int = 0) -> list[Call]:
        """Every call that was answered so far, from number *since* on; denied ones are among them."""
        return self._log.read(since)

    def suppress_status_events(self, account: str, region: str, stack_name: str) -> None:
        """Lose the status events of one stack from now on; CloudFormation itself is not touched."""
        self._command("suppress", account=account, region=region, stack=stack_name)

    def restore_status_events(self, account: str, region: str, stack_name: str) -> None:
        """Send the stack's status events again; lost ones stay lost."""
        self._command("restore", account=account, region=region, stack=stack_name)

    def follow(self, subject: str) -> None:
        """Note from now on every call of a function that concerns *subject*, a stack's name."""
        self._command("follow", subject=subject)

    def followed(self, subject: str) -> list[dict[str, Any]]:
        """What was noted of *subject*, in order: `function`, `action`, and `killed` (before, after or None)."""
        noted: list[dict[str, Any]] = self._command("followed", subject=subject)
        return noted

    def kill_function(self, function: str, *, action: str, subject: str, number: int, moment: str) -> None:
        """Kill the function's process at its *number*-th call of *action* that concerns *subject*: `before` it or `after` it."""
        self._command("kill", function=function, action=action, subject=subject, number=str(number), moment=moment)

    def retire(self, function: str) -> None:
        """End the function's idle processes, as Lambda may at any time: its next call is a cold one, with sessions yet to get."""
        self._command("retire", function=function)

    def is_healthy(self) -> bool:
        """Does it answer, over TLS, with the certificate that we made?"""
        try:
            with self._http.open(f"{self.endpoint}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def _command(self, name: str, **arguments: str) -> Any:  # noqa: ANN401 - whatever the command answers
        request = urllib.request.Request(  # noqa: S310 - our own https address
            f"{self.endpoint}/_stackmend/{name}?{urllib.parse.urlencode(arguments)}",
            method="POST",
            headers={"x-stackmend-token": self._token},
        )
        with self._http.open(request, timeout=COMMAND_SECONDS) as answer:
            return json.load(answer)


@contextmanager
def running(folder: Path | None = None) -> Iterator[Emulator]:
    """An emulator in *folder*, which is its own and is removed with it; without one, in a temporary folder.

    It leads a process group and session of its own: Ctrl-C reaches its starter only, which may still need it to clean up.
    It ends when its starter does, however that ends, because the pipe to its standard input does.
    """
    check_version(version("ministack"))
    folder = _own_folder(folder)
    try:
        authority, certificate, key = write_certificate(folder / environment.TLS)
        token = secrets.token_hex(16)
        process, emulator = _start(folder, (authority, certificate, key), token)
        try:
            yield emulator
        finally:
            _stop(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_folder(folder: Path | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="stackmend-emulator-")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FolderInUseError(f"{folder} is not empty, and the emulator removes its folder: give it an empty or a new one")
    return folder.resolve()


def _start(folder: Path, tls: tuple[Path, Path, Path], token: str) -> tuple[subprocess.Popen[bytes], Emulator]:
    for _ in range(PORTS_TRIED):
        port = _free_port()
        process = _spawn(folder, environment.make(folder, port, *tls), token)
        emulator = Emulator(folder, port, tls[0], token)
        try:
            if _await_health(process, emulator):
                return process, emulator
        except BaseException:
            _stop(process)
            raise
    raise EmulatorNotStartedError(f"no free port in {PORTS_TRIED} tries: each was taken between looking and binding")


def _spawn(folder: Path, variables: dict[str, str], token: str) -> subprocess.Popen[bytes]:
    with (folder / environment.LOG).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.emulator"],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    assert process.stdin is not None  # noqa: S101 - it was asked for
    process.stdin.write(f"{token}\n".encode())
    process.stdin.flush()
    return process


def _await_health(process: subprocess.Popen[bytes], emulator: Emulator) -> bool:
    """True once it is healthy; False when its port was taken by another."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() == PORT_TAKEN:
            return False
        if process.poll() is not None:
            raise EmulatorNotStartedError(f"the emulator ended with {process.returncode}:\n{_tail(emulator.log)}")
        if emulator.is_healthy():
            return True
        time.sleep(LOOK_SECONDS)
    raise EmulatorNotStartedError(f"the emulator was not healthy within {START_SECONDS:.0f} s:\n{_tail(emulator.log)}")


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Let it end; then end what is left of its group, workers that were busy above all. The pipe is closed last."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    finally:
        sweep(process.pid, Path(os.devnull))
        if process.stdin is not None:
            process.stdin.close()
