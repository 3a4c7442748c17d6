"""Who sent a message is what SQS says, and a name in the message is only compared with it."""

import pytest

from handlers.domain.sender import is_sent_by

MARIA = "arn:aws:sts::222222222222:assumed-role/stackmend-operator/maria"


@pytest.mark.parametrize(
    ("sender", "arn", "same"),
    [
        ("AROAEXAMPLE:maria", MARIA, True),
        ("AROAEXAMPLE:mario", MARIA, False),
        ("AROAEXAMPLE:", MARIA.removesuffix("maria"), False),
        ("AIDAEXAMPLE", "arn:aws:iam::222222222222:user/maria", False),
        ("AROAEXAMPLE:maria", "arn:aws:iam::222222222222:user/maria", False),
        ("222222222222", MARIA, False),
        ("", MARIA, False),
    ],
)
def test_only_the_session_itself_is_believed(sender: str, arn: str, same: bool) -> None:
    """By its name; a user's id names nobody, and an account is no person."""
    assert is_sent_by(sender, arn) is same
