"""Words for an explanation: for a person at 3 a.m., the answer in the first two lines; for programs, one JSON object."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from console.explain_source import Story
from handlers.domain import survey
from handlers.domain.cell import Mode
from handlers.domain.diagnosis_rule import Rule
from handlers.domain.diagnosis_rules import RULES
from handlers.domain.diagnosis_types import Cause, Confidence, Diagnosis, Evidence
from handlers.domain.failure_class import FailureClass
from handlers.domain.owners import owner_of
from handlers.domain.plan import ACTED_ON, Plan, Situation, Step, group_of, make_plan
from handlers.domain.situation import When
from handlers.domain.stability import last_stable
from handlers.domain.status import StackStatus

SCHEMA_VERSION = 1
WIDTH = 110
SHOWN = 8
"""Events of a kind that are listed; the rest is counted. `--json` has them all."""

RULE_BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}
SURE = {
    Confidence.HIGH: "sure: CloudFormation, an error code or a wording that AWS uses for nothing else says so",
    Confidence.MEDIUM: "fairly sure: the wording is typical of this class",
    Confidence.LOW: "not sure: only the HTTP status or the handler's general code says so",
    Confidence.NONE: "unknown: no rule knows this text",
}
ADVICE = {
    FailureClass.TRANSIENT: "try the same again in a few minutes",
    FailureClass.THROTTLING: "try again, with fewer changes at once",
    FailureClass.CAPACITY: "use another zone or size, or try later",
    FailureClass.QUOTA: "raise the limit or free something first; trying again changes nothing",
    FailureClass.PERMISSION: "grant the right, or mend the role's trust, then go on",
    FailureClass.ALREADY_EXISTS: "find who holds the name; import, rename or remove it",
    FailureClass.NOT_FOUND: "put back, or correct, what is referred to",
    FailureClass.DEPENDENCY_IN_USE: "remove what uses it, then try again",
    FailureClass.NOT_STABILIZED: "read the resource's own logs; it was made and never became healthy",
    FailureClass.INVALID_INPUT: "correct the template or the parameters; the same call will fail again",
    FailureClass.CUSTOM_RESOURCE: "read the logs of the function behind the custom resource",
    FailureClass.DRIFT_OR_CONFLICT: "wait for the other operation, or bring the resource back to the expected state",
    FailureClass.TERMINAL_STATE: "bring the stack or resource out of this state first",
    FailureClass.CANCELLED: "look for what failed before this: these events do not show it",
    FailureClass.NO_OP: "nothing: there was nothing to change",
    FailureClass.UNKNOWN: "look at the resource itself, and at CloudTrail: the events do not say",
}
"""What a person would do next, in one breath."""
ASSUMED_ROLE = "arn:aws:iam::000000000000:role/assumed"
"""Stands for a service role where a file cannot tell whether the stack has one."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_WRAPPER = re.compile(r'^Resource handler returned message: "?|"? ?\((?:RequestToken|Service|HandlerErrorCode)[:,].{0,400}$')


def meanings() -> dict[str, str]:
    """What each class means, from the one place that says it: the enum's own docstring."""
    lines = (FailureClass.__doc__ or "").splitlines()
    parts = (line.strip().split(None, 1) for line in lines)
    values = {each.value for each in FailureClass}
    return {part[0]: part[1] for part in parts if len(part) > 1 and part[0] in values}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A story, why it ended badly, and what Stackmend would do about it."""

    story: Story
    diagnosis: Diagnosis
    plan: Plan | None
    """None where the events do not show the status of the root stack."""
    is_role_assumed: bool


def explained(story: Story, diagnosis: Diagnosis) -> Explanation:
    """Plan for *story* as a cell in mode `act` would."""
    is_role_assumed = not story.is_live
    plan = None
    if story.status in set(StackStatus):
        situation = Situation(
            status=StackStatus(story.status),
            diagnosis=diagnosis,
            mode=Mode.ACT,
            stack_role_arn=ASSUMED_ROLE if is_role_assumed else story.role_arn,
            owner=owner_of(story.name),
            skips=survey.skips(story.events) if story.status == StackStatus.UPDATE_ROLLBACK_FAILED else (),
            left=survey.left(event for event in story.events if event.get("StackName") == story.name),
            last_stable=last_stable(event for event in story.events if event.get("StackName") == story.name),
        )
        plan = make_plan(situation)
    return Explanation(story=story, diagnosis=diagnosis, plan=plan, is_role_assumed=is_role_assumed)


def one_line(text: str, width: int = 240) -> str:
    """Make *text* safe and short enough for one line of a terminal; CloudFormation's wrapping comes off."""
    clean = _CONTROL.sub(" ", text)
    return textwrap.shorten(_WRAPPER.sub("", clean), width, placeholder=" …")


def printable(text: str) -> str:
    """The same without halves of characters, which JSON can hold and no terminal takes."""
    return text.encode("utf-8", "replace").decode()


def as_text(given: Explanation) -> str:
    """The whole explanation, the answer first."""
    return "\n".join(_lines(given))


def _lines(given: Explanation) -> Iterator[str]:
    diagnosis, story = given.diagnosis, given.story
    where = f"{one_line(diagnosis.root_cause)}" if diagnosis.root_cause else "a cause that the events do not show"
    kind = f" ({diagnosis.resource_type})" if diagnosis.resource_type and diagnosis.root_cause else ""
    yield f"{story.name} {story.status or 'has failed'}: {where}{kind} failed: {diagnosis.failure_class.value}"
    yield _what_to_do(diagnosis)
    yield ""
    yield from _section("What this class means", [meanings()[diagnosis.failure_class.value]])
    yield from _section("What happened", [_event(each) for each in diagnosis.evidence])
    yield from _section("What stopped the rollback", [_cause(each) for each in diagnosis.rollback_stopped_by])
    yield from _section("Failed besides it, on their own", [_cause(each) for each in diagnosis.other_causes])
    yield from _section("What followed from it", [_event(each) for each in diagnosis.consequences])
    yield from _section("What Stackmend would try", _steps(given))
    yield from _section("What it would refuse", _refusals(given))
    rule = RULE_BY_ID[diagnosis.rule]
    yield from _section("How sure", [SURE[diagnosis.confidence], f"rule {rule.id}: {rule.why}"])
    yield from _section("Read", [rule.source])


def _what_to_do(diagnosis: Diagnosis) -> str:
    """The reason, and the way out: of a failed rollback first, for nothing else can be done before that."""
    said = one_line(diagnosis.reason) or "CloudFormation gave no reason"
    stopper = next((each for each in diagnosis.rollback_stopped_by if each.evidence.reason != diagnosis.reason), None)
    if stopper is None:
        return f"{said} => {ADVICE[diagnosis.failure_class]}"
    return f"{said} => its rollback was stopped by {_cause(stopper)} => {ADVICE[stopper.failure_class]}"


def _section(title: str, items: list[str]) -> Iterator[str]:
    if not items:
        return
    yield f"{title}:"
    for item in items[:SHOWN]:
        yield textwrap.fill(item, WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False)
    if len(items) > SHOWN:
        yield f"  … and {len(items) - SHOWN} more"


def _event(each: Evidence) -> str:
    return f"{each.at} {each.logical_id} {each.status} {one_line(each.reason)}".strip()


def _cause(each: Cause) -> str:
    return f"{each.evidence.logical_id} ({each.failure_class.value}): {one_line(each.evidence.reason)}"


def _steps(given: Explanation) -> list[str]:
    if given.plan is None:
        return ["nothing can be planned: these events do not show the status of the root stack"]
    assumed = ", if the stack has a service role (events do not tell)" if given.is_role_assumed else ""
    steps = [
        f"{step.strategy} ({_turn(step)}{step.risk.value}, about {step.expected_seconds} s"
        f"{', after approval' if step.needs_approval else ''}{_who(step)}): {step.reason}{assumed}"
        for step in given.plan.steps
    ]
    return steps or ["nothing"]


def _turn(step: Step) -> str:
    """On what a later step waits."""
    return "" if step.when is When.FIRST else f"once {step.after} has {step.when.value}, "


def _who(step: Step) -> str:
    return "" if group_of(step.strategy) in ACTED_ON else ", by a person"


def _refusals(given: Explanation) -> list[str]:
    return [f"{each.strategy}: {one_line(each.reason)}" for each in (given.plan.refusals if given.plan else ())]


def as_data(given: Explanation) -> dict[str, Any]:
    """The same for programs; every field is always there."""
    diagnosis = asdict(given.diagnosis)
    rule = RULE_BY_ID[diagnosis.pop("rule")]
    return {
        "stack": given.story.name,
        "status": given.story.status,
        **diagnosis,
        "meaning": meanings()[given.diagnosis.failure_class.value],
        "rule": {"id": rule.id, "why": rule.why, "source": rule.source},
        "plan": given.plan.model_dump(mode="json") if given.plan else None,
        "plan_assumes_service_role": given.is_role_assumed,
    }
