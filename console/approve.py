"""`stackmend approve` and `reject`: a person's word on what a recovery asks, given under the approver role and nothing else."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from components.blueprint import Blueprint
from console.plainly import NotSoError, UnusableError, asking, one_line, told
from console.saying import answer
from console.target import Account, AsJson, Choice, Environment, Profile, Region, SettingsFile, Target
from handlers.aws.approval_url import ApprovalUrl, NotLetInError, Told
from handlers.domain.approval import Said, Word
from handlers.domain.outcome import ApproveOutcome
from handlers.domain.records import REASON_LENGTH

ApprovalId = Annotated[
    str, typer.Argument(metavar="ID", help="What the alert and `stackmend status` name, such as a-0123456789abcdef.")
]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the record for good.")]

_TAKEN = frozenset({ApproveOutcome.ANSWERED, ApproveOutcome.REPEATED})
_NOT_ALLOWED = frozenset({ApproveOutcome.NO_IDENTITY, ApproveOutcome.NOT_AN_APPROVER, ApproveOutcome.OWN_REQUEST})
_THEN = {
    ApproveOutcome.NO_SUCH_REQUEST: "`stackmend status` lists what waits, with its account and region",
    ApproveOutcome.EXPIRED: "nothing was done; the escalation says how to go on by hand",
    ApproveOutcome.ALREADY_ANSWERED: "the first answer stands",
    ApproveOutcome.OTHER_PLAN: "read it again, and answer again if you still agree",
    ApproveOutcome.RECOVERY_OVER: "`stackmend status` says what became of the stack",
    ApproveOutcome.STACK_CHANGED: "`stackmend status` says what is wrong with it now",
}
Given = TypeVar("Given")

_NO_REASON = "no reason was given"


def approve(
    approval_id: ApprovalId,
    *,
    reason: Why = _NO_REASON,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Let a recovery do the step that it asks about; never one that you started yourself."""
    choice = Choice(environment=environment, settings=settings, account=account, region=region, profile=profile)
    with told():
        _say(choice, approval_id, Word.APPROVED, reason, as_json=as_json)


def reject(
    approval_id: ApprovalId,
    *,
    reason: Why = _NO_REASON,
    environment: Environment = None,
    settings: SettingsFile = None,
    account: Account = None,
    region: Region = None,
    profile: Profile = None,
    as_json: AsJson = False,
) -> None:
    """Keep a recovery from the step that it asks about: nothing is done, and a person is called."""
    choice = Choice(environment=environment, settings=settings, account=account, region=region, profile=profile)
    with told():
        _say(choice, approval_id, Word.REJECTED, reason, as_json=as_json)


def _say(choice: Choice, approval_id: str, word: Word, reason: str, *, as_json: bool) -> None:
    why = _worded(reason)
    target = Target(choice, as_approver=True)
    plan = target.plan()
    url = target.approval_url(plan)
    request = _shown(url, approval_id, plan)
    said = Said(approval_id=approval_id, word=word, reason=why, plan_digest=str(request["plan_digest"]))
    with asking(f"answering {approval_id}; to answer again is harmless"):
        found = _let_in(url.say, said, plan)
    _refuse(found, _TAKEN)
    by = target.by(plan.cell.account)
    sentence = f"{found.sentence} (by {by}); risk {request['risk']}, plan {request['plan_digest']}: {request['reason']}"
    answer(sentence, {"approval_id": approval_id, "word": word.value, "by": by, "request": request}, as_json=as_json)


def _worded(reason: str) -> str:
    said = one_line(reason).strip()
    if not said:
        raise UnusableError("--reason is empty: say why, or leave it away")
    if len(said) > REASON_LENGTH:
        raise UnusableError(f"--reason has {len(said)} characters, at most {REASON_LENGTH} are kept: say it shorter")
    return said


def _shown(url: ApprovalUrl, approval_id: str, plan: Blueprint) -> dict[str, object]:
    """What is asked: its plan's digest goes back with the answer, which then holds for nothing else."""
    with asking(f"reading {approval_id}"):
        found = _let_in(url.show, approval_id, plan)
    _refuse(found, frozenset({ApproveOutcome.SHOWN}))
    return dict(found.request or {})


def _let_in(call: Callable[[Given], Told], given: Given, plan: Blueprint) -> Told:
    try:
        return call(given)
    except NotLetInError as error:
        name = plan.addresses.function_name("approve")
        raise UnusableError(
            f"{name} lets you not in: {error} (bootstrap/stackmend-approver.yaml is what an approver needs)"
        ) from error


def _refuse(found: Told, good: frozenset[ApproveOutcome]) -> None:
    """End with what the function said where it is not what was wanted."""
    if found.outcome in good:
        return
    sentence = f"{found.sentence}; {_THEN[found.outcome]}" if found.outcome in _THEN else found.sentence
    raise UnusableError(sentence) if found.outcome in _NOT_ALLOWED | {ApproveOutcome.MALFORMED} else NotSoError(sentence)
