"""A reason travels as one text and comes back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.errors import RefusedError
from handlers.domain.outcome import Escalation, Reason, Settlement


@given(code=st.sampled_from(Escalation), sentence=st.text())
def test_a_reason_comes_back(code: Escalation, sentence: str) -> None:
    """Whatever the sentence holds."""
    reason = Reason(code=code, sentence=sentence)

    assert Reason.read(str(reason), Escalation) == reason


@pytest.mark.parametrize("text", ["", "no code here", "recovered", "unheard_of: x"])
def test_a_text_without_a_code_is_none(text: str) -> None:
    """A settlement is no escalation, and a sentence no code."""
    assert Reason.read(text, Escalation) is None
    assert Reason.read("attempts_spent: x", Settlement) is None


def test_a_refusal_says_its_reason() -> None:
    """Escalate reads it from the error's message."""
    assert str(RefusedError(Escalation.NO_LEASE, "because")) == "no_lease: because"
