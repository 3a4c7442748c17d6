"""What names a stack, a recovery and a call is repeatable, and never the same for two."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.identity import NotAStackError, StackKey, client_token, is_own, recovery_id

KEY = StackKey(account="222222222222", region="us-east-1", name="app-one")


def test_a_key_is_read_from_any_partition() -> None:
    """Also from the short ARNs in EventBridge's examples."""
    arn = "arn:aws-us-gov:cloudformation:us-gov-west-1:222222222222:stack/app-one/1234-ab"

    assert StackKey(account="222222222222", region="us-gov-west-1", name="app-one") == StackKey.of(arn)
    assert StackKey.of("arn:aws:cloudformation:us-east-1:222222222222:stack/app-one") == KEY


@pytest.mark.parametrize("text", ["", "app-one", "arn:aws:s3:::bucket", "arn:aws:cloudformation:us-east-1:22:stack/a/b"])
def test_what_is_no_stack_is_refused(text: str) -> None:
    """The message shows what was expected."""
    with pytest.raises(NotAStackError, match="is not a stack's ARN"):
        StackKey.of(text)


def token(**change: object) -> str:
    """A token that differs from the usual one by *change*."""
    usual = {"key": KEY, "fence": 1, "recovery": "r-1", "attempt": 1, "step": "s", "operation": "o"}
    return client_token(**(usual | change))  # type: ignore[arg-type]


@given(fence=st.integers(min_value=1), attempt=st.integers(min_value=1, max_value=99), step=st.text())
def test_a_token_is_what_cloudformation_takes(fence: int, attempt: int, step: str) -> None:
    """1-128 characters of its alphabet, with our mark."""
    made = token(fence=fence, attempt=attempt, step=step)

    assert re.fullmatch(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}", made)
    assert is_own(made)
    assert made == token(fence=fence, attempt=attempt, step=step)


def test_every_part_of_a_call_changes_its_token() -> None:
    """Another fence, recovery, attempt, step or operation is another call."""
    changes: tuple[dict[str, object], ...] = (
        {},
        {"fence": 2},
        {"recovery": "r-2"},
        {"attempt": 2},
        {"step": "t"},
        {"operation": "p"},
    )

    assert len(changes) == len({token(**change) for change in changes})


def test_a_recovery_can_name_an_execution() -> None:
    """Step Functions takes 1-80 characters without spaces; another fence is another recovery."""
    assert re.fullmatch(r"r-[0-9a-f]{32}", recovery_id(KEY, "event", 1))
    assert recovery_id(KEY, "event", 1) != recovery_id(KEY, "event", 2)


@pytest.mark.parametrize(("given_token", "own"), [("sm-1", True), ("Console-CreateStack-1", False), ("", False), (None, False)])
def test_only_our_mark_is_ours(given_token: str | None, *, own: bool) -> None:
    """No token at all is somebody else's."""
    assert own is is_own(given_token)
