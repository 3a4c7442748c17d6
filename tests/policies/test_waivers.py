"""A waiver lets one violation of one resource pass until its day, and is refused itself when it is past, idle or wrong."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pulumi_policy import ResourceValidationArgs
from pulumi_policy.policy import _NotApplicableError
from pulumi_policy.proxy import unknown_checking_proxy

from policies import catalogue
from policies.encryption import queue, topic
from policies.pack import RULES
from policies.rule import Rule
from policies.waivers import FILE, Waiver, Waivers, WaiversUnreadableError, read, stack_of
from tests.policies.conftest import EXPLICIT, OPTIONS

NAMES = [rule.name for rule in RULES]
LAST_DAY = date(2030, 1, 31)
QUEUE = "aws:sqs/queue:Queue"
VALID = {
    "stack": "prod",
    "rule": queue.RULE.name,
    "resource": "intake",
    "reason": "moves to a new account in January",
    "expires": "2030-01-31",
}
NAMED = f"the waiver of {queue.RULE.name} for intake in prod"


def waivers(today: date = LAST_DAY, **change: str) -> Waivers:
    return Waivers((Waiver.model_validate({**VALID, **change}),), today)


def reported(
    given: Waivers, rule: Rule = queue.RULE, stack: str = "prod", name: str = "intake", props: dict[str, Any] | None = None
) -> list[str]:
    found: list[str] = []
    urn = f"urn:pulumi:{stack}::stackmend::{QUEUE}::{name}"
    kind = rule.resource_types[0]
    args = ResourceValidationArgs(kind, unknown_checking_proxy(props or {}), urn, name, OPTIONS, EXPLICIT)

    def report(message: str, _: str | None = None) -> None:
        found.append(message)

    rule.policy(given).validate(args, report)
    return found


def test_a_waiver_lets_its_violation_pass_through_its_last_day() -> None:
    """And then it is neither reported nor idle."""
    given = waivers()

    assert reported(given) == []
    assert given.faults("prod", NAMES) == []


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        pytest.param(queue.RULE.name, {"name": "notice"}, id="another resource"),
        pytest.param(queue.RULE.name, {"stack": "staging"}, id="another environment"),
        pytest.param(topic.RULE.name, {}, id="another rule"),
    ],
)
def test_a_waiver_is_for_nothing_else(rule: str, where: dict[str, Any]) -> None:
    """Each of its parts must fit."""
    name = where.get("name", "intake")

    assert reported(waivers(rule=rule), **where) == [f"{name} is not encrypted: {queue.RULE.remedy}"]


def test_an_expired_waiver_lets_nothing_pass_and_is_refused() -> None:
    """Both the violation and the waiver are said."""
    given = waivers(today=date(2030, 2, 1))

    assert reported(given) == [f"intake is not encrypted: {queue.RULE.remedy}"]
    assert given.faults("prod", NAMES) == [f"{NAMED} has expired on 2030-01-31: mend the resource, or give a new reason and day"]


def test_an_idle_waiver_is_refused() -> None:
    """The resource keeps the rule by now, or is gone."""
    given = waivers()

    assert reported(given, props={"sqsManagedSseEnabled": True}) == []
    assert given.faults("prod", NAMES) == [f"{NAMED} is not needed: remove it"]


def test_a_waiver_of_another_stack_is_that_stacks_matter() -> None:
    """Staging is not held up by what prod still waives."""
    assert waivers(today=date(2031, 1, 1)).faults("staging", NAMES) == []


def test_a_waiver_of_no_rule_is_refused_everywhere() -> None:
    """A rule that was renamed would leave it behind unseen."""
    given = waivers(rule="queue-is-blue")

    assert given.faults("staging", NAMES) == [
        "the waiver of queue-is-blue for intake in prod names a rule that does not exist: correct or remove it"
    ]


def test_what_cannot_be_judged_yet_may_still_need_its_waiver(unknown: str) -> None:
    """A first preview does not know which key a topic gets."""
    given = waivers(rule=topic.RULE.name)
    with pytest.raises(_NotApplicableError):
        reported(given, topic.RULE, props={"kmsMasterKeyId": unknown})

    assert given.faults("prod", NAMES) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[", "waivers.json: no JSON (Expecting value: line 1 column 2 (char 1)): write a list of waivers, [] for none"),
        (
            json.dumps([{**VALID, "reason": " "}]),
            "waivers.json: 0.reason: String should have at least 1 character: a waiver has stack, rule, resource, reason, expires",
        ),
        (
            json.dumps([{key: value for key, value in VALID.items() if key != "expires"}]),
            "waivers.json: 0.expires: Field required: a waiver has stack, rule, resource, reason, expires",
        ),
        (
            json.dumps([VALID, VALID]),
            f"waivers.json: waived twice: prod {queue.RULE.name} intake: keep one of them",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: str, message: str) -> None:
    """Nothing is deployed under waivers that nobody can read."""
    file = tmp_path / "waivers.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(WaiversUnreadableError) as refused:
        read(file)

    assert str(refused.value) == message


def test_the_file_that_is_shipped_can_be_read_and_stands_in_the_catalogue() -> None:
    """Whoever reads the rules sees what is let off."""
    page = catalogue.page()

    assert all(f"| {one.stack} | {one.rule} | {one.resource} | {one.reason} | {one.expires} |" in page for one in read(FILE))
    assert "## Waivers" in page


def test_a_stack_is_read_from_a_urn() -> None:
    """As the engine spells it."""
    assert stack_of("urn:pulumi:prod::stackmend::stackmend:cell:CellQueue$aws:sqs/queue:Queue::intake") == "prod"
