"""Which resources a rollback may leave behind: one answer for every resource type, and where nobody has judged it, `ask`.

A skip changes nothing on AWS: CloudFormation calls the resource UPDATE_COMPLETE and leaves it as the failed update left it, at
odds with its template (service model, ContinueUpdateRollbackInput, ResourcesToSkip). So a type may be skipped without a person
only where nothing depends on what it is like, and the next update makes it again.

The judgements stand in data/skip_policy.json, by reason; the names of all public types in a table beside it, which
`python -m bench.resource_types` writes anew.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data"
JUDGED = _DATA / "skip_policy.json"
TABLE = _DATA / "resource_types.json.z"
"""zlib-packed JSON: the name of every type in CloudFormation's public schemas, whichever region has it."""

_REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
_GUIDE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"
_SKIPS = f"{_GUIDE}/using-cfn-updating-stacks-continueupdaterollback.html"
_STACK = "AWS::CloudFormation::Stack"


class SkipVerdict(StrEnum):
    """Whether a resource may be left behind; from here on, each is stricter than the one before."""

    MAY = "may"
    ASK = "ask"  # a person
    NEVER = "never"  # not even with a person's word


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipAnswer:
    """What the policy says about one resource type, and why.

    is_stateful     losing or doubling it loses what cannot be made again: data, a key, an identity, an address
    is_known        false where nobody can tell what it holds, because others wrote its code or it is newer than this version:
                    whoever is about to delete such a thing must take it for stateful
    """

    verdict: SkipVerdict
    is_stateful: bool
    reason: str
    source: str
    is_known: bool = True


def answer(resource_type: str, tightened: Mapping[str, SkipVerdict] | None = None) -> SkipAnswer:
    """Judge *resource_type*; *tightened* is an environment's own word by type, `*` for any characters, and never loosens."""
    said = _answer(resource_type)
    order = tuple(SkipVerdict)
    for pattern, verdict in (tightened or {}).items():
        if fnmatchcase(resource_type, pattern) and order.index(verdict) > order.index(said.verdict):
            said = replace(said, verdict=verdict, reason=f"the settings say so of {pattern}; {said.reason}")
    return said


def _answer(resource_type: str) -> SkipAnswer:
    if resource_type.endswith("::MODULE"):
        return SkipAnswer(
            verdict=SkipVerdict.NEVER,
            is_stateful=False,
            reason="a module is no resource: what it stands for is skipped, or not, by its own type",
            source=f"{_GUIDE}/modules.html",
        )
    return _judged().get(resource_type) or _by_rule(resource_type)


def _by_rule(resource_type: str) -> SkipAnswer:
    """What holds for a type that has no judgement of its own."""
    if resource_type == _STACK:
        return _ask("its resources are skipped one by one; itself only while it is being deleted, or was", source=_SKIPS)
    if resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource":
        why = "the team's own code stands behind it, and only the team knows what that made and holds"
        return _ask(why, source=f"{_GUIDE}/template-custom-resources.html", is_known=False)
    if resource_type in public_types():
        return _ask("nobody has shown that nothing depends on what it is like", source=_SKIPS)
    if resource_type.startswith("AWS::"):
        return _ask("the type is newer than this version: nobody has judged it", source=_SKIPS, is_known=False)
    why = "it is a third party's or a private type: what its handlers made and hold is theirs to tell"
    return _ask(why, source=f"{_GUIDE}/registry.html", is_known=False)


def _ask(reason: str, *, source: str, is_known: bool = True) -> SkipAnswer:
    return SkipAnswer(verdict=SkipVerdict.ASK, is_stateful=False, reason=reason, source=source, is_known=is_known)


@cache
def _judged() -> dict[str, SkipAnswer]:
    """The judgements by type; each has its page in CloudFormation's template reference for a source."""
    parts: dict[str, dict[str, list[str]]] = json.loads(JUDGED.read_bytes())
    forms: dict[str, dict[str, Any]] = {
        "stateful": {"verdict": SkipVerdict.ASK, "is_stateful": True, "said": "holds {}"},
        "may": {"verdict": SkipVerdict.MAY, "is_stateful": False, "said": "{}"},
        "not_stateful": {"verdict": SkipVerdict.ASK, "is_stateful": False, "said": "{}; but others depend on what it is like"},
    }
    return {
        resource_type: SkipAnswer(
            verdict=form["verdict"],
            is_stateful=form["is_stateful"],
            reason=form["said"].format(why),
            source=page_of(resource_type),
        )
        for part, form in forms.items()
        for why, resource_types in parts[part].items()
        for resource_type in resource_types
    }


def page_of(resource_type: str) -> str:
    """The type's page in CloudFormation's template reference; the CDK's one type has its own."""
    if resource_type.startswith("AWS::CDK::"):
        return "https://docs.aws.amazon.com/cdk/v2/guide/usage-data.html"
    _, service, name = resource_type.lower().split("::")
    return f"{_REFERENCE}/aws-resource-{service}-{name}.html"


@cache
def public_types() -> frozenset[str]:
    """Every type in CloudFormation's public schemas."""
    return frozenset(json.loads(zlib.decompress(TABLE.read_bytes())))
