"""The real engine, with the pack, refuses what breaks a rule, before anything is made."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from sandbox.engine.build import find_engine
from sandbox.project import EngineError, Project

ROOT = Path(__file__).parents[2]
NOWHERE = {"AWS_ENDPOINT_URL": "https://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
PROVIDER = {"region": "us-east-1", "allowed_account_ids": ["222222222222"]}
TLS_ONLY = {
    "Statement": {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
}
PROGRAM = """
import json, pulumi, pulumi_aws as aws
wanted = json.loads('''{wanted}''')
here = aws.Provider("here", **wanted["provider"]) if wanted["provider"] else None
opts = pulumi.ResourceOptions(provider=here)
queue = aws.sqs.Queue("intake", **wanted["queue"], opts=opts)
if wanted["policy"]:
    aws.sqs.QueuePolicy("policy", queue_url=queue.url, policy=json.dumps(wanted["policy"]), opts=opts)
"""
GOOD = {"provider": PROVIDER, "queue": {"name": "intake", "sqs_managed_sse_enabled": True}, "policy": TLS_ONLY}

Write = Callable[..., Project]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A project whose program makes one queue as wanted."""

    def project(change: dict[str, object], pack: Path = ROOT / "policies") -> Project:
        folder = tmp_path / "program"
        folder.mkdir()
        content = {
            "name": "stackmend",
            "runtime": "python",
            "plugins": {"providers": [{"name": "aws", "path": str(ROOT / "sandbox" / "provider")}]},
        }
        settings = {"config": {"pulumi:disable-default-providers": ["*"]}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        (folder / "Pulumi.test.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        (folder / "__main__.py").write_text(PROGRAM.format(wanted=json.dumps({**GOOD, **change})), encoding="utf-8")
        return Project(find_engine(), tmp_path / "state", "test", NOWHERE, folder=folder, policies=pack)

    return project


@pytest.mark.sandbox
def test_engine_takes_what_keeps_the_rules(write: Write) -> None:
    """The same program without a fault is previewed."""
    assert write({}).preview().changes == {"create": 4}


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"queue": {"name": "intake"}}, "intake is not encrypted", id="no encryption"),
        pytest.param(
            {"queue": {**GOOD["queue"], "region": "us-west-2"}},  # type: ignore[dict-item]
            "intake goes to us-west-2, its provider to us-east-1",
            id="another region",
        ),
        pytest.param({"provider": {"region": "us-east-1"}}, "here allows 0 account ids", id="a provider for any account"),
        pytest.param({"policy": None}, "intake has no QueuePolicy", id="no policy"),
        pytest.param({"provider": None}, "Default provider for 'aws' disabled", id="no provider"),
    ],
)
def test_engine_refuses_what_breaks_a_rule(write: Write, change: dict[str, object], message: str) -> None:
    """A mandatory rule stops the preview, and the engine says which resource broke it."""
    with pytest.raises(EngineError) as refused:
        write(change).preview()

    assert message in str(refused.value)


@pytest.mark.sandbox
def test_engine_refuses_a_deployment_before_it_makes_anything(write: Write) -> None:
    """Without a preview the rule stops the deployment itself, and no call was tried: there is no AWS here to call."""
    with pytest.raises(EngineError) as refused:
        write({"queue": {"name": "intake"}}).up()

    assert "intake is not encrypted" in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)


def waiving(folder: Path, expires_in_days: int) -> Path:
    """The pack with one waiver, of the intake queue's encryption."""
    pack = folder / "policies"
    shutil.copytree(ROOT / "policies", pack, ignore=shutil.ignore_patterns("__pycache__"))
    last_day = datetime.now(UTC).date() + timedelta(days=expires_in_days)
    waiver = {
        "stack": "test",
        "rule": "queue-is-encrypted",
        "resource": "intake",
        "reason": "a test",
        "expires": last_day.isoformat(),
    }
    (pack / "waivers.json").write_text(json.dumps([waiver]), encoding="utf-8")
    return pack


@pytest.mark.sandbox
def test_engine_takes_what_is_waived(write: Write, tmp_path: Path) -> None:
    """The violation that stops the preview without a waiver is let pass with one."""
    assert write({"queue": {"name": "intake"}}, waiving(tmp_path, 1)).preview().changes == {"create": 4}


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("queue", "expires_in_days", "messages"),
    [
        pytest.param({"name": "intake"}, -1, ["intake is not encrypted", "has expired on"], id="expired"),
        pytest.param(GOOD["queue"], 1, ["for intake in test is not needed: remove it"], id="idle"),
    ],
)
def test_engine_refuses_a_waiver_that_is_past_or_idle(
    write: Write, tmp_path: Path, queue: dict[str, object], expires_in_days: int, messages: list[str]
) -> None:
    """What was let pass once is not let pass for ever."""
    with pytest.raises(EngineError) as refused:
        write({"queue": queue}, waiving(tmp_path, expires_in_days)).preview()

    assert [message for message in messages if message not in str(refused.value)] == []
