"""The pack holds every rule, each with its metadata, and is served as the engine expects."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel

from policies import catalogue
from policies.pack import RULES, WAIVERS_ARE_KEPT
from policies.rule import Rule, StackRule

ROOT = Path(__file__).parents[2]
START_SECONDS = 60  # a cold import of the SDK on a busy machine


def modules() -> list[str]:
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in sorted((ROOT / "policies").glob("*/*.py"))
        if file.name != "__init__.py"
    ]


def test_every_rule_is_in_the_pack() -> None:
    """A rule that is written is a rule that is kept."""
    written = [import_module(module).RULE for module in modules()]

    assert {rule.name for rule in written} == {rule.name for rule in RULES}
    assert len(written) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rule_says_what_why_and_where_from(rule: Rule | StackRule) -> None:
    """The catalogue needs each part, and the engine refuses what breaks the rule."""
    policy = rule.policy()

    assert policy.name == rule.name == rule.name.lower().replace("_", "-")
    assert rule.description.endswith(".")
    assert not rule.remedy.endswith(".")
    assert rule.url.startswith("https://")
    assert rule.resource_types
    assert policy.enforcement_level is EnforcementLevel.MANDATORY


def test_catalogue_is_fresh() -> None:
    """docs/policies.md says what the rules say."""
    assert catalogue.PAGE.read_text(encoding="utf-8") == catalogue.page(), "run: python -m policies.catalogue"


@pytest.fixture(scope="module")
def analyzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack, started as the engine's language host starts it: from a folder that is not the repository."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(ROOT / "policies")]
    process = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("pack"), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(timeout=START_SECONDS)
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
    finally:
        process.kill()
        process.communicate()


def test_engine_learns_every_rule(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """The pack starts outside the repository's root, and all of it is mandatory."""
    told = analyzer.GetAnalyzerInfo(Empty())

    assert told.name == "stackmend"
    assert [policy.name for policy in told.policies] == [*(rule.name for rule in RULES), WAIVERS_ARE_KEPT]
    assert {policy.enforcementLevel for policy in told.policies} == {analyzer_pb2.MANDATORY}


def test_engine_is_told_what_breaks_a_rule(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """A queue without encryption and provider breaks two rules, each in its own words."""
    properties = struct_pb2.Struct()
    properties.update({"name": "intake"})
    request = analyzer_pb2.AnalyzeRequest(
        type="aws:sqs/queue:Queue", name="intake-queue", urn="urn:intake", properties=properties
    )

    answer = analyzer.Analyze(request)

    rules = {rule.name: rule for rule in RULES}
    assert {found.policyName: found.message for found in answer.diagnostics} == {
        name: f"{rules[name].description}\nintake-queue {finding}: {rules[name].remedy}"
        for name, finding in {
            "resource-names-its-provider": "has no provider of its own",
            "queue-is-encrypted": "is not encrypted",
        }.items()
    }
    assert {found.enforcementLevel for found in answer.diagnostics} == {analyzer_pb2.MANDATORY}
