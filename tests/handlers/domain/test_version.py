"""What a version of a stack is, and what its digest covers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.domain.identity import StackKey
from handlers.domain.secrecy import Hidden
from handlers.domain.version import (
    INLINE_TEMPLATE_BYTES,
    Defect,
    Finding,
    NestedStack,
    Parameter,
    StackMade,
    StackVersion,
    Text,
    digest_of,
)

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KEY = StackKey(account="222222222222", region="us-east-1", name="app-one")
MADE = StackMade(template=Text.of("Resources: {}"), parameters=(Parameter.of("Size", "2", no_echo=False),), tags={"team": "web"})


def version(made: StackMade = MADE, **changed: Any) -> StackVersion:
    """A version of app-one, seen at noon."""
    seen: dict[str, Any] = {"stack": KEY, "stack_id": "id", "status": "UPDATE_COMPLETE", "captured_at": NOON, "token": "t-1"}
    return StackVersion.of(made, **{**seen, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"template": Text.of("Resources: {A: 1}")},
        {"nested": (NestedStack(path=("Inner",), stack_id="inner", template=Text.of("x")),)},
        {"parameters": ()},
        {"tags": {"team": "shop"}},
        {"capabilities": ("CAPABILITY_IAM",)},
        {"role_arn": "arn:aws:iam::222222222222:role/service"},
        {"notification_arns": ("arn:aws:sns:us-east-1:222222222222:told",)},
        {"monitoring_minutes": 5},
        {"stack_policy": "{}"},
        {"is_protected": True},
        {"disables_rollback": True},
        {"deployment_mode": "EXPRESS"},
        {"timeout_minutes": 10},
    ],
)
def test_another_content_is_another_version(changed: dict[str, Any]) -> None:
    """Everything that makes the stack is under the digest."""
    assert digest_of(MADE.model_copy(update=changed)) != digest_of(MADE)


def test_when_and_where_it_was_seen_is_not_its_content() -> None:
    """So that the same version, seen twice, is kept once."""
    assert version().digest == version(captured_at=NOON.replace(hour=13), status="CREATE_COMPLETE", token=None).digest


def test_a_later_field_at_its_default_changes_no_digest() -> None:
    """A cell that is upgraded still trusts what its forerunner kept."""
    plain = version().model_dump(mode="json")
    plain["made"]["something_new"] = None

    assert StackVersion.model_validate(plain).is_intact


def test_a_version_that_was_altered_says_so() -> None:
    """The digest is not believed but made again."""
    plain = version().model_dump(mode="json")
    plain["made"]["role_arn"] = "arn:aws:iam::222222222222:role/administrator"

    assert not StackVersion.model_validate(plain).is_intact
    assert version().is_intact


def test_a_hidden_value_is_nowhere() -> None:
    """Not in the parameter, not in what is written, not in a digest: two secrets make the same version."""
    one, other = (version(StackMade(template=MADE.template, parameters=(Parameter.of("Password", secret, no_echo=False),)))
                  for secret in ("hunter2!", "hunter3!"))  # fmt: skip

    assert one.made.hidden == {"Password": Hidden.LOOKS_SECRET}
    assert "hunter" not in one.model_dump_json()
    assert one.digest == other.digest


@pytest.mark.parametrize(("size", "inline"), [(INLINE_TEMPLATE_BYTES, True), (INLINE_TEMPLATE_BYTES + 1, False)])
def test_size_is_counted_in_bytes(size: int, inline: bool) -> None:
    """As CloudFormation counts it."""
    assert Text.of("x" * size).goes_inline is inline
    assert Text.of("é").size == len("é".encode())


def test_a_version_names_all_its_texts() -> None:
    """The root's template and those of what is nested, by where they stand."""
    nested = NestedStack(path=("Inner", "Deep"), stack_id="deep", template=Text.of("deep"))
    found = version(MADE.model_copy(update={"nested": (nested,)})).texts

    assert found == {"template": MADE.template, "template of Inner/Deep": nested.template}


def test_a_finding_is_a_sentence() -> None:
    """What, where, and how it differs."""
    finding = Finding(defect=Defect.ALTERED, what="template", where="stacks/x", expected="aa", observed="bb")

    assert finding.sentence == "the template is altered: stacks/x should be aa and is bb"
