"""The page that lists every rule, made from the rules: `python -m policies.catalogue` writes it anew."""

from collections.abc import Sequence
from pathlib import Path

from policies.iam.resources import unscoped_actions
from policies.iam.trust import unconditioned_services
from policies.pack import RULES
from policies.rule import Rule, StackRule
from policies.waivers import Waiver, read

PAGE = Path(__file__).parents[1] / "docs" / "policies.md"
INTRODUCTION = """# Policies

The engine holds every preview and every deployment to these rules; each is mandatory.
What is not known before a deployment is judged in it. A rule about resources together is judged when all of them are
there: by a preview before anything is made, by a deployment without a preview at its end.
This page is made from the rules: `python -m policies.catalogue`.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(_section(rule) for rule in RULES), _exceptions(), _waived(read())])


def _section(rule: Rule | StackRule) -> str:
    judged = ", ".join(f"`{resource_type}`" for resource_type in rule.resource_types)
    return "\n".join(
        [
            f"## {rule.name}",
            "",
            f"{rule.description}",
            "",
            f"- Severity: {rule.severity.value}",
            f"- Judges: {judged}",
            f"- Remedy: {rule.remedy}",
            f"- Source: <{rule.url}>",
            "",
        ]
    )


def _exceptions() -> str:
    rows = [f"| `{action}` | {reason} |" for action, reason in sorted(unscoped_actions().items())]
    services = [f"| `{service}` | {reason} |" for service, reason in sorted(unconditioned_services().items())]
    return "\n".join(
        [
            "## Exceptions",
            "",
            "| what may stand without a resource or condition | why |",
            "|---|---|",
            *rows,
            *services,
            "",
        ]
    )


def _waived(waivers: Sequence[Waiver]) -> str:
    """What is let pass, by whom and until when it is known."""
    said = (
        "A violation is let pass only by `policies/waivers.json`: a list of `stack`, `rule`, `resource`, `reason` and\n"
        "the last day, `expires`. One that has expired, that no violation needs, or whose rule does not exist is refused itself."
    )
    rows = [f"| {one.stack} | {one.rule} | {one.resource} | {one.reason} | {one.expires} |" for one in waivers]
    table = ["| stack | rule | resource | reason | until |", "|---|---|---|---|---|", *rows] if rows else ["None at present."]
    return "\n".join(["## Waivers", "", said, "", *table, ""])


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
