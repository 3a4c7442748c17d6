"""The language host answers the engine's protocol, runs programs and plugins, and is gone when the engine is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto import language_pb2_grpc

from sandbox.engine.language_host import plugin_arguments, run_arguments
from sandbox.engine.launcher import write_launcher

RUNNER = """
import os, sys, json
print(json.dumps([sys.argv[1:], os.getcwd(), os.environ["PULUMI_CONFIG"], os.environ["PULUMI_CONFIG_SECRET_KEYS"]]), flush=True)
if os.path.exists("sleep"): import time; time.sleep(60)
sys.exit(int(open("code").read()))
"""


class Host:
    """A running language host, as the engine starts it."""

    def __init__(self, folder: Path) -> None:
        (folder / "engine").mkdir()
        (folder / "engine" / "pulumi-language-python-exec").write_text(RUNNER)
        self.program = folder / "program"
        self.program.mkdir()
        launcher = folder / "a launcher"  # a space must not hurt
        write_launcher(launcher, folder / "engine" / "pulumi")
        self.process = subprocess.Popen(
            [str(launcher), "--logtostderr", "127.0.0.1:1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        port = self.line()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def line(self) -> str:
        return (self.process.stdout or sys.stdin).readline().strip()

    def info(self) -> messages.ProgramInfo:
        return messages.ProgramInfo(root_directory="/root/of/it", program_directory=str(self.program), entry_point=".")

    def run(self, code: int) -> messages.RunResponse:
        (self.program / "code").write_text(str(code))
        response: messages.RunResponse = self.stub.Run(self.request(), timeout=20)
        return response

    def request(self) -> messages.RunRequest:
        return messages.RunRequest(
            project="p", stack="s", config={"p:a": "1"}, configSecretKeys=["p:b"], dryRun=True, parallel=4, info=self.info()
        )

    def plugin(self, **fields: object) -> list[messages.RunPluginResponse]:
        request = messages.RunPluginRequest(info=self.info(), **fields)  # type: ignore[arg-type]
        return list(self.stub.RunPlugin(request, timeout=20))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    started = Host(tmp_path)
    yield started
    started.channel.close()
    started.process.kill()
    started.process.wait()
    (started.process.stdout or sys.stdin).close()


def test_empty_answers_ask_the_engine_for_nothing(host: Host) -> None:
    """No plugin is required and nothing is installed: the engine must never want to download."""
    info = host.info()
    required = host.stub.GetRequiredPackages(messages.GetRequiredPackagesRequest(info=info))
    plugins = host.stub.GetRequiredPlugins(messages.GetRequiredPluginsRequest(info=info))
    dependencies = host.stub.GetProgramDependencies(messages.GetProgramDependenciesRequest(info=info))

    assert host.stub.Handshake(messages.LanguageHandshakeRequest(engine_address="x")) == messages.LanguageHandshakeResponse()
    assert host.stub.GetPluginInfo(Empty()).version == ""
    assert [*required.packages, *required.specs, *plugins.plugins, *dependencies.dependencies] == []
    assert list(host.stub.RuntimeOptionsPrompts(messages.RuntimeOptionsRequest(info=info)).prompts) == []
    assert list(host.stub.InstallDependencies(messages.InstallDependenciesRequest(info=info))) == []


def test_about_names_the_interpreter(host: Host) -> None:
    """Programs run in the interpreter that runs the sandbox, not in one that happens to be on PATH."""
    about = host.stub.About(messages.AboutRequest())

    assert Path(about.executable).resolve() == Path(sys.executable).resolve()
    assert about.version.startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")


@pytest.mark.parametrize(
    ("code", "error", "bail"), [(0, "", False), (32, "", True), (1, "the program ended with exit code 1", False)]
)
def test_run_tells_how_the_program_ended(host: Host, code: int, error: str, bail: bool) -> None:
    """32 means that the reader has seen the error: it is not told twice."""
    response = host.run(code)

    assert (response.error, response.bail) == (error, bail)


def test_run_hands_over_configuration_and_place(host: Host) -> None:
    """The program gets its settings, stands in its own folder, and writes where the engine reads."""
    host.run(0)

    said = host.line()
    assert str(host.program.resolve()) in said
    assert '{\\"p:a\\": \\"1\\"}' in said
    assert '[\\"p:b\\"]' in said


def test_run_arguments_leave_out_what_is_not_set() -> None:
    """An empty organization would be taken for a name."""
    request = messages.RunRequest(
        project="p", stack="s", parallel=2, pwd="/w", args=["x"], info=messages.ProgramInfo(root_directory="/r")
    )

    assert " ".join(run_arguments(request, "engine:1")) == (
        "--engine engine:1 --project p --stack s --pwd /w --root_directory /r --parallel 2 --dry_run false . x"
    )


def test_policy_pack_runs_under_the_sdks_module() -> None:
    """`python -m pulumi.policy ENGINE FOLDER` is how the SDK starts a pack."""
    info = messages.ProgramInfo(program_directory="/pack", entry_point=".")

    assert plugin_arguments(messages.RunPluginRequest(kind="analyzer", args=["engine:1"], info=info)) == [
        "-m",
        "pulumi.policy",
        "engine:1",
        "/pack",
    ]


def test_resource_plugin_runs_from_its_folder() -> None:
    """A provider that is a Python package of its own gets the engine's arguments as they are."""
    info = messages.ProgramInfo(program_directory="/provider", entry_point=".")

    assert plugin_arguments(messages.RunPluginRequest(kind="resource", args=["engine:1"], info=info)) == ["/provider", "engine:1"]


def test_run_plugin_passes_output_and_exit_code_on(host: Host) -> None:
    """Both outputs, then the code, with the environment that the engine gave and no other."""
    (host.program / "__main__.py").write_text(
        "import os, sys; print(sorted(set(os.environ) - {'LC_CTYPE'}), sys.argv[1:]); print('oh', file=sys.stderr); sys.exit(3)"
    )

    answers = host.plugin(kind="resource", args=["a"], env=["ONE=1=x", "TWO="])

    assert b"".join(answer.stdout for answer in answers) == b"['ONE', 'TWO'] ['a']\n"
    assert b"".join(answer.stderr for answer in answers) == b"oh\n"
    assert answers[-1].exitcode == 3


def test_cancel_ends_the_program(host: Host) -> None:
    """An engine that was told to stop does not wait for the program."""
    (host.program / "sleep").touch()
    (host.program / "code").write_text("0")
    running = host.stub.Run.future(host.request(), timeout=20)
    host.line()

    host.stub.Cancel(Empty())

    assert running.result().error == "the program ended with exit code -9"


@pytest.mark.parametrize("end", ["SIGINT", "SIGTERM", "input closed"])
def test_host_ends_at_once_with_its_children(host: Host, end: str) -> None:
    """The engine waits five seconds for a plugin's end; when the engine itself is gone nobody else would end it."""
    (host.program / "sleep").touch()
    (host.program / "__main__.py").write_text("import os, time; print(os.getpid(), flush=True); time.sleep(60)")
    answers = host.stub.RunPlugin(messages.RunPluginRequest(kind="resource", info=host.info()), timeout=20)
    child = int(next(iter(answers)).stdout)

    if end == "input closed":
        (host.process.stdin or sys.stdin).close()
    else:
        host.process.send_signal(getattr(signal, end))

    host.process.wait(3)
    stat = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False).stdout
    assert stat.strip() == "" or stat.startswith("Z")
    assert os.getpid() != child
