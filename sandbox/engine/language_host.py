"""
The Python language host of a self-built engine: what runs a program or a policy pack when the engine asks.

An installed Pulumi CLI brings its own; this one answers the same protocol (`LanguageRuntime`, whose stubs the Python
SDK ships) as far as the engine uses it here. Programs run in the interpreter that runs this file.

Usage: language_host.py PROGRAM_RUNNER ENGINE_ADDRESS, by the launcher that `sandbox.engine.launcher` writes.
"""

import json
import os
import platform
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import IO

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto import language_pb2_grpc, plugin_pb2

SHOWN_TO_USER = 32
"""Exit code of the program runner when the program's error was already shown (`pulumi-language-python-exec`)."""

_CONCURRENT_CALLS = 16  # Run and every RunPlugin hold one for as long as they last


class Children:
    """Every process that this host started; ended all together, at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()

    def start(self, command: list[str], *, cwd: str, environment: dict[str, str], piped: bool) -> subprocess.Popen[bytes]:
        output = subprocess.PIPE if piped else None
        with self._lock:
            child = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
            self._running.add(child)
        return child

    def wait(self, child: subprocess.Popen[bytes]) -> int:
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        return code

    def end(self, child: subprocess.Popen[bytes]) -> None:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)

    def end_all(self) -> None:
        with self._lock:
            for child in self._running:
                self.end(child)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine; everything that it could install is there already, so it asks the engine for nothing."""

    def __init__(self, program_runner: Path, engine_address: str, children: Children) -> None:
        self._program_runner = program_runner
        self._engine_address = engine_address
        self._children = children

    def Handshake(  # noqa: N802 - the protocol's name, here and below
        self, request: messages.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> messages.LanguageHandshakeResponse:
        del request, context
        return messages.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:  # noqa: N802
        del request, context
        return plugin_pb2.PluginInfo()

    def GetRequiredPackages(  # noqa: N802
        self, request: messages.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> messages.GetRequiredPackagesResponse:
        del request, context
        return messages.GetRequiredPackagesResponse()

    def GetRequiredPlugins(  # noqa: N802
        self, request: messages.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> messages.GetRequiredPluginsResponse:
        del request, context
        return messages.GetRequiredPluginsResponse()

    def GetProgramDependencies(  # noqa: N802
        self, request: messages.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> messages.GetProgramDependenciesResponse:
        del request, context
        return messages.GetProgramDependenciesResponse()

    def RuntimeOptionsPrompts(  # noqa: N802
        self, request: messages.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> messages.RuntimeOptionsResponse:
        del request, context
        return messages.RuntimeOptionsResponse()

    def InstallDependencies(  # noqa: N802
        self, request: messages.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[messages.InstallDependenciesResponse]:
        del request, context
        yield from ()

    def About(self, request: messages.AboutRequest, context: grpc.ServicerContext) -> messages.AboutResponse:  # noqa: N802
        del request, context
        return messages.AboutResponse(executable=sys.executable, version=platform.python_version())

    def Run(self, request: messages.RunRequest, context: grpc.ServicerContext) -> messages.RunResponse:  # noqa: N802
        """Run the program to its end; its output is this process's output, which the engine reads."""
        environment = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        command = [sys.executable, "-u", str(self._program_runner), *run_arguments(request, self._engine_address)]
        child = self._children.start(command, cwd=request.info.program_directory, environment=environment, piped=False)
        context.add_callback(lambda: self._children.end(child))
        code = self._children.wait(child)
        if code == 0:
            return messages.RunResponse()
        if code == SHOWN_TO_USER:
            return messages.RunResponse(bail=True)
        return messages.RunResponse(error=f"the program ended with exit code {code}")

    def RunPlugin(  # noqa: N802
        self, request: messages.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[messages.RunPluginResponse]:
        """Run a plugin that is written in Python, from its own folder, passing its output on."""
        folder = request.info.program_directory
        environment = dict(pair.split("=", 1) for pair in request.env if "=" in pair)
        command = [sys.executable, "-u", *plugin_arguments(request)]
        child = self._children.start(command, cwd=folder, environment=environment, piped=True)
        context.add_callback(lambda: self._children.end(child))
        yield from _passed_on(child)
        yield messages.RunPluginResponse(exitcode=self._children.wait(child))

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        """End what runs: the engine has been told to stop."""
        del request, context
        self._children.end_all()
        return Empty()


def run_arguments(request: messages.RunRequest, engine_address: str) -> list[str]:
    """What the program runner is started with."""
    options = {
        "--monitor": request.monitor_address,
        "--engine": engine_address,
        "--project": request.project,
        "--stack": request.stack,
        "--organization": request.organization,
        "--pwd": request.pwd or request.info.program_directory,
        "--root_directory": request.info.root_directory,
        "--parallel": str(request.parallel),
        "--dry_run": "true" if request.dryRun else "false",
    }
    flags = [part for option, value in options.items() if value for part in (option, value)]
    return [*flags, request.info.entry_point or ".", *request.args]


def plugin_arguments(request: messages.RunPluginRequest) -> list[str]:
    """What Python is started with for a plugin: a policy pack runs under the SDK's own module, others as they are."""
    if request.kind == "analyzer":
        return ["-m", "pulumi.policy", *request.args, request.info.program_directory]
    entry = Path(request.info.program_directory) / (request.info.entry_point or ".")
    return [str(entry), *request.args]


def _passed_on(child: subprocess.Popen[bytes]) -> Iterator[messages.RunPluginResponse]:
    """Both outputs of *child*, in the order in which they come, until both have ended."""
    pieces: queue.SimpleQueue[messages.RunPluginResponse | None] = queue.SimpleQueue()

    def read(stream: IO[bytes], field: str) -> None:
        for line in stream:
            pieces.put(messages.RunPluginResponse(**{field: line}))  # type: ignore[arg-type]
        pieces.put(None)

    streams = [(child.stdout, "stdout"), (child.stderr, "stderr")]
    readers = [threading.Thread(target=read, args=pair, daemon=True) for pair in streams]
    for reader in readers:
        reader.start()
    still_open = len(readers)
    while still_open:
        piece = pieces.get()
        if piece is None:
            still_open -= 1
        else:
            yield piece


def _end_with_engine(children: Children) -> None:
    """End at once on a signal, and when the engine (which holds the other end of our input) is gone."""

    def end(_number: int = 0, _frame: FrameType | None = None) -> None:
        # no clean-up: the engine has stopped listening, and a program's threads could hold the interpreter for long
        children.end_all()
        os._exit(0)

    def end_with_input() -> None:
        while os.read(0, 4096):
            pass
        end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    threading.Thread(target=end_with_input, daemon=True).start()


def main(arguments: list[str]) -> None:
    program_runner, engine_address = Path(arguments[0]), arguments[-1]  # logging flags may stand between
    children = Children()
    _end_with_engine(children)
    server = grpc.server(ThreadPoolExecutor(_CONCURRENT_CALLS), options=[("grpc.max_receive_message_length", -1)])
    host = LanguageHost(program_runner, engine_address, children)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()


if __name__ == "__main__":
    main(sys.argv[1:])
