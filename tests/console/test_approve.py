"""`stackmend approve` and `reject`: what they send, under whom, and what they say when it is not taken."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from console.approve import _NO_REASON
from console.target import Target
from handlers.aws.approval_url import NotLetInError, Told
from handlers.domain.approval import Said, Word
from handlers.domain.errors import TransientError
from handlers.domain.outcome import ApproveOutcome
from tests.cells import ACCOUNT
from tests.console.conftest import SETTINGS, Run, Trial

ID = "a-0123456789abcdef"
REQUEST = {"plan_digest": "d1gest", "risk": "reversible", "reason": "the rollback can go on"}
BY = f"arn:aws:sts::{ACCOUNT}:assumed-role/approver/moto"


class FakeUrl:
    """The approve function, as a caller meets it."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.shows: Told | Exception = Told(outcome=ApproveOutcome.SHOWN, sentence="", request=REQUEST)
        self.tells: Told | Exception = Told(
            outcome=ApproveOutcome.ANSWERED, sentence="approved: continue_update_rollback on app-one"
        )

    def show(self, _: str) -> Told:
        return self._or_raise(self.shows)

    def say(self, said: Said) -> Told:
        self.said.append(said)
        return self._or_raise(self.tells)

    @staticmethod
    def _or_raise(found: Told | Exception) -> Told:
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def url(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> FakeUrl:
    """The settings name an approver role, and the function answers."""
    trial.write(SETTINGS | {"approvals": {"approver_role": "people/approver"}})
    made = FakeUrl()
    monkeypatch.setattr(Target, "approval_url", lambda *_: made)
    return made


def test_an_answer_is_bound_to_the_plan_that_was_read(url: FakeUrl, run: Run) -> None:
    """It says what was approved, by whom, and at what risk."""
    result = run("approve", ID, "--reason", "seen", "--account", "workload")

    assert result.exit_code == 0, result.stderr
    assert url.said == [Said(approval_id=ID, word=Word.APPROVED, reason="seen", plan_digest="d1gest")]
    assert result.stdout == (
        f"approved: continue_update_rollback on app-one (by {BY}); risk reversible, plan d1gest: the rollback can go on\n"
    )


def test_a_rejection_needs_no_reason_and_a_program_reads_it(url: FakeUrl, run: Run) -> None:
    """One object, with its version."""
    result = run("reject", ID, "--json")

    assert (url.said[0].word, url.said[0].reason) == (Word.REJECTED, _NO_REASON)
    assert json.loads(result.stdout) == {
        "schema_version": 1,
        "approval_id": ID,
        "word": "rejected",
        "by": BY,
        "request": REQUEST,
    }


@pytest.mark.parametrize(
    ("outcome", "code", "then"),
    [
        (ApproveOutcome.EXPIRED, 1, "nothing was done; the escalation says how to go on by hand"),
        (ApproveOutcome.ALREADY_ANSWERED, 1, "the first answer stands"),
        (ApproveOutcome.OTHER_PLAN, 1, "read it again"),
        (ApproveOutcome.RECOVERY_OVER, 1, "what became of the stack"),
        (ApproveOutcome.STACK_CHANGED, 1, "what is wrong with it now"),
        (ApproveOutcome.OWN_REQUEST, 2, "because"),
        (ApproveOutcome.NOT_AN_APPROVER, 2, "because"),
        (ApproveOutcome.MALFORMED, 2, "because"),
    ],
)
def test_what_is_not_taken_is_one_line(url: FakeUrl, run: Run, outcome: ApproveOutcome, code: int, then: str) -> None:
    """The function's own sentence, and what to do."""
    url.tells = Told(outcome=outcome, sentence="because of this")
    result = run("approve", ID)

    assert (result.exit_code, result.stderr.count("\n"), result.stdout) == (code, 1, "")
    assert result.stderr.startswith("because of this")
    assert then in result.stderr


def _unknown(url: FakeUrl) -> None:
    url.shows = Told(outcome=ApproveOutcome.NO_SUCH_REQUEST, sentence=f"nobody has asked for {ID} in this cell")


def _not_let_in(url: FakeUrl) -> None:
    url.shows = NotLetInError("Forbidden")


def _silent(url: FakeUrl) -> None:
    url.tells = TransientError("the approve function gave no answer (HTTP 502: )")


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (_unknown, 1, "in this cell; `stackmend status` lists what waits"),
        (_not_let_in, 2, "lets you not in: Forbidden (bootstrap/stackmend-approver.yaml is what an approver needs)"),
        (_silent, 2, "to answer again is harmless: the approve function gave no answer (HTTP 502: ); try again"),
    ],
)
def test_an_unknown_request_a_closed_door_and_silence_say_what_to_do(
    url: FakeUrl, run: Run, given: Callable[[FakeUrl], None], code: int, said: str
) -> None:
    """One line each."""
    given(url)
    result = run("approve", ID)

    assert (result.exit_code, result.stderr.count("\n")) == (code, 1)
    assert said in result.stderr


@pytest.mark.parametrize(
    ("settings", "words", "said"),
    [
        ({}, (), "approvals.approver_role names nobody in these settings"),
        ({"approvals": {"approver_role": "approver"}}, ("--reason", " "), "--reason is empty"),
        ({"approvals": {"approver_role": "approver"}}, ("--reason", "x" * 501), "--reason has 501 characters"),
        ({"approvals": {"approver_role": "approver"}}, ("--region", "eu-west-1"), "no cell stands there"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anybody_is_asked(
    trial: Trial, run: Run, settings: dict[str, Any], words: tuple[str, ...], said: str
) -> None:
    """Exit code 2."""
    trial.write(SETTINGS | settings)
    result = run("approve", ID, *words)

    assert result.exit_code == 2
    assert said in result.stderr
