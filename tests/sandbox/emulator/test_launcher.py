"""The emulator's process: how it starts, what it may see of its starter, and that nothing of it stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator import environment, launcher
from sandbox.emulator.__main__ import check_version
from sandbox.emulator.errors import EmulatorNotStartedError, EmulatorVersionError, FolderInUseError
from sandbox.emulator.launcher import Emulator, running
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[3]

STARTER = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from sandbox.emulator.launcher import running
with running(Path(sys.argv[1])) as emulator:
    try:
        print(emulator.endpoint, flush=True)
        time.sleep(600)
    finally:
        print("healthy in cleanup:", emulator.is_healthy(), flush=True)
"""


def start(folder: Path) -> "subprocess.Popen[str]":
    """A process of its own that holds an emulator, ready when this returns."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("https://127.0.0.1:")
    return process


def processes_in(folder: Path) -> list[str]:
    """Command lines of the processes that know *folder*, by their environment or arguments."""
    found = subprocess.run(["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=True).stdout
    return [
        line for line in found.splitlines() if str(folder) in line and f" {os.getpid()} " not in line and "ps axeww" not in line
    ]


def listeners(pid_of: Callable[[], int]) -> set[str]:
    """Addresses at which the process listens, from /proc."""
    inodes = {str(link.readlink()) for link in Path(f"/proc/{pid_of()}/fd").iterdir() if link.exists()}
    lines = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return {one[1] for one in lines if one[3] == "0A" and f"socket:[{one[9]}]" in inodes}


def test_starts_healthy_over_tls(emulator: Emulator, root: Session) -> None:
    """Who trusts the emulator's own authority can speak to it."""
    assert emulator.is_healthy()
    assert emulator.endpoint.startswith("https://127.0.0.1:")
    assert root.client("sts").get_caller_identity()["Arn"] == "arn:aws:iam::222222222222:root"


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_listens_on_one_loopback_port(emulator: Emulator) -> None:
    """No broker, no port 443, nothing on another interface."""
    port = int(emulator.endpoint.rsplit(":", 1)[1])
    pids = [path.name for path in Path("/proc").iterdir() if path.name.isdigit() and _has_environment(path, emulator.folder)]
    heard = {address for pid in pids for address in listeners(lambda pid=pid: int(pid))}  # type: ignore[misc]

    assert {f"0100007F:{port:04X}"} == heard


def _has_environment(process: Path, folder: Path) -> bool:
    try:
        return f"TMPDIR={folder}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def test_refuses_another_version() -> None:
    """The additions hook in by name, so any other emulator is refused with what to do."""
    with pytest.raises(EmulatorVersionError, match=r"ministack is 1\.6\.0, the sandbox needs 1\.5\.33: install"):
        check_version("1.6.0")


def test_refuses_a_folder_with_something_in_it(tmp_path: Path) -> None:
    """The emulator removes its folder, so it takes none that holds another's files."""
    (tmp_path / "thesis.txt").touch()

    with pytest.raises(FolderInUseError, match="is not empty"), running(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").exists()


def test_takes_another_port_when_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between looking for a port and binding it another process may have taken it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = iter([other.getsockname()[1], launcher._free_port()])
        monkeypatch.setattr(launcher, "_free_port", lambda: next(ports))

        with running(tmp_path / "emulator") as started:
            assert not started.endpoint.endswith(f":{other.getsockname()[1]}")
            assert started.is_healthy()


def test_says_why_it_did_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that ends at once is reported with the end of its log, and its folder is gone."""
    monkeypatch.setattr(environment, "make", lambda *_: {"PATH": os.environ["PATH"]})

    with pytest.raises(EmulatorNotStartedError, match="STACKMEND_EMULATOR"), running(tmp_path / "emulator"):
        pass
    assert not (tmp_path / "emulator").exists()


def test_functions_see_nothing_of_the_starter(
    tmp_path: Path, root: Session, name: str, make_function: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies, certificates, PYTHON* and AWS_* of whoever starts the sandbox would break or change the functions."""
    make_function(name, "import os\ndef handler(event, context):\n    import boto3, pydantic\n    return dict(os.environ)\n")

    seen = json.load(root.client("lambda").invoke(FunctionName=name)["Payload"])

    assert not {key for key in seen if key.startswith("PYTHON") or key.lower().endswith("_proxy")}
    assert not {key for key in seen if key.startswith(("STACKMEND", "PULUMI", "PYTEST"))}
    assert {seen["AWS_CA_BUNDLE"], seen["SSL_CERT_FILE"], seen["REQUESTS_CA_BUNDLE"]} == {seen["AWS_CA_BUNDLE"]}
    assert seen["AWS_CA_BUNDLE"].endswith("/tls/authority.pem")
    assert seen["HOME"] != os.environ.get("HOME")


def test_functions_speak_to_the_emulator(root: Session, emulator: Emulator, name: str, make_function: Callable[..., str]) -> None:
    """A function's own boto3 calls reach the emulator over TLS, under the function's role."""
    make_function(
        name, "import boto3\ndef handler(event, context):\n    return boto3.client('sts').get_caller_identity()['Arn']\n"
    )

    answer = json.load(root.client("lambda").invoke(FunctionName=name)["Payload"])

    assert answer == f"arn:aws:sts::222222222222:assumed-role/{name}/{name}"
    assert any(one.caller_arn == answer and one.action == "sts:GetCallerIdentity" for one in emulator.calls())


def test_leaves_nothing_behind(tmp_path: Path) -> None:
    """After the context neither process nor folder is left."""
    with running(tmp_path / "emulator") as started:
        assert processes_in(started.folder)
    assert not (tmp_path / "emulator").exists()
    assert not processes_in(tmp_path)


def test_leaves_nothing_behind_when_its_starter_is_killed(tmp_path: Path, until: Callable[..., Any]) -> None:
    """SIGKILL gives the starter no chance; the end of the pipe ends the emulator all the same."""
    starter = start(tmp_path / "emulator")

    starter.kill()
    starter.communicate()

    until(lambda: not (tmp_path / "emulator").exists() and not processes_in(tmp_path))


def test_busy_function_does_not_outlive_a_killed_starter(tmp_path: Path, until: Callable[..., Any]) -> None:
    """A worker in the middle of its handler would run on as an orphan; the group is ended, so it does not."""
    source = """
import io, sys, zipfile, json
from pathlib import Path
from botocore.config import Config
from sandbox.emulator.launcher import running
with running(Path(sys.argv[1])) as emulator:
    root, content = emulator.session("222222222222"), io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("m.py", "import time\\ndef handler(e, c):\\n    time.sleep(300)\\n")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = root.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    functions = root.client("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.13", Role=role, Handler="m.handler", Timeout=300,
                              Code={"ZipFile": content.getvalue()})
    functions.invoke(FunctionName="f", InvocationType="Event")
    sys.stdin.read()
"""
    starter = subprocess.Popen(
        [sys.executable, "-c", source, str(tmp_path / "emulator")], cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True
    )
    until(lambda: any("ministack-lambda-f-" in line for line in processes_in(tmp_path)), seconds=30)

    starter.kill()
    starter.communicate()

    until(lambda: not (tmp_path / "emulator").exists() and not processes_in(tmp_path))


def test_ctrl_c_leaves_it_to_its_starter(tmp_path: Path) -> None:
    """Ctrl-C goes to the terminal's process group; the emulator must still be there for the starter's cleanup."""
    starter = start(tmp_path / "emulator")

    os.killpg(starter.pid, signal.SIGINT)
    said, _ = starter.communicate(timeout=20)

    assert "healthy in cleanup: True" in said
    assert not (tmp_path / "emulator").exists()
    assert not processes_in(tmp_path)


def test_stops_in_seconds_while_a_custom_resource_waits(tmp_path: Path) -> None:
    """The emulator does not end by SIGTERM then, so it is made to."""
    with running(tmp_path / "emulator") as started:
        root = started.session("222222222222")
        topic = "arn:aws:lambda:us-east-1:222222222222:function:silent"
        _silent_function(root)
        template = {"Resources": {"R": {"Type": "Custom::R", "Properties": {"ServiceToken": topic, "ServiceTimeout": 600}}}}
        root.client("cloudformation").create_stack(StackName="waits", TemplateBody=json.dumps(template))
        begun = time.monotonic()

    assert time.monotonic() - begun < launcher.STOP_SECONDS + 3
    assert not processes_in(tmp_path)


def _silent_function(root: Session) -> None:
    import io  # noqa: PLC0415
    import zipfile  # noqa: PLC0415

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("m.py", "def handler(e, c):\n    pass\n")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = root.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    root.client("lambda").create_function(
        FunctionName="silent", Runtime="python3.13", Role=role, Handler="m.handler", Code={"ZipFile": content.getvalue()}
    )


def test_environment_keeps_proxies_away(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine's must not come between a child process and the emulator."""
    monkeypatch.setenv("NO_PROXY", "intern.example")

    found = emulator.environment()

    assert found["AWS_ENDPOINT_URL"] == emulator.endpoint
    assert found["AWS_CA_BUNDLE"] == str(emulator.ca_bundle)
    assert found["NO_PROXY"] == "intern.example,127.0.0.1"


def test_control_channel_wants_its_token(emulator: Emulator) -> None:
    """A function under test could find the port; it must not be able to command the emulator."""
    stranger = Emulator(emulator.folder, int(emulator.endpoint.rsplit(":", 1)[1]), emulator.ca_bundle, "a guess")

    with pytest.raises(Exception, match="403"):
        stranger.suppress_status_events("222222222222", "us-east-1", "x")


def test_wrong_secret_is_refused_and_recorded(emulator: Emulator, root: Session, name: str) -> None:
    """Users and roles must prove who they are; the refused call stands in the record with its error."""
    from sandbox.emulator.session import Credentials  # noqa: PLC0415

    iam = root.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    since = len(emulator.calls())

    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        emulator.session_of(Credentials(access_key_id=key, secret_access_key="wrong")).client("iam").list_users()
    assert [(one.action, one.error) for one in emulator.calls(since)] == [("iam:ListUsers", "SignatureDoesNotMatch")]
