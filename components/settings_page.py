"""The page that lists every setting, and every bound that is none: `python -m components.settings_page` writes it anew.

Settings come from the model; bounds that nobody may choose are the numbers that stand as constants in the code, with the reason
that stands beside each.
"""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from components.settings import Settings

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "settings.md"
FOLDERS = ("components", "handlers")
"""What is deployed and what runs; a drill's or the sandbox's numbers bound nothing in AWS."""
INTRODUCTION = """# Settings

What an environment may choose stands under `stackmend:settings` of its Pulumi configuration; `Pulumi.staging.yaml` shows it.
A value that is wrong is refused before anything is made. What stands under `accounts`, `patterns`, `freezes` is a list; under
`tiers` every name has its own values. This page is made from the model and the code: `make catalogues`.
"""
FIXED = """## Not settings

Numbers that bound something and that nobody may choose: limits of AWS, and what parts of the program have to agree on.

| where | constant | value | why |
|---|---|---|---|"""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One value that an environment may choose."""

    section: str
    name: str
    default: str
    limits: str
    description: str
    is_number: bool


@dataclass(frozen=True, kw_only=True)
class Constant:
    """One number that stands in the code."""

    module: str
    name: str
    value: str
    why: str


def settings(model: type[BaseModel] = Settings, section: str = "") -> Iterator[Setting]:
    """Every setting, section by section, in the order of the model."""
    nested: list[tuple[type[BaseModel], str]] = []
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            nested.append((inner, f"{section}{name}."))
        yield Setting(
            section=section.rstrip("."),
            name=name,
            default=_default(field),
            limits=_limits(field),
            description=field.description or "",
            is_number=field.annotation in (int, float),
        )
    for inner, where in nested:
        yield from settings(inner, where)


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - a type form
    """The section that a field holds: by itself, in a tuple, by name, or optionally."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is None:
        return None
    return next((found for each in get_args(annotation) if (found := _model_in(each)) is not None), None)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, BaseModel) or (isinstance(value, dict) and any(isinstance(one, BaseModel) for one in value.values())):
        return "see below"
    return f"`{json.dumps(value, default=lambda one: one.value if isinstance(one, Enum) else str(one))}`"


def _limits(field: FieldInfo) -> str:
    """What a number may be."""
    bounds = {key: getattr(each, key) for each in field.metadata for key in ("ge", "gt", "le", "lt") if hasattr(each, key)}
    least, most = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    return f"{least} to {most}" if least is not None and most is not None else ""


def constants() -> Iterator[Constant]:
    """Every number with a name of its own at the top of a module."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _constants_of(path)


def _constants_of(path: Path) -> Iterator[Constant]:
    source = path.read_text(encoding="utf-8")
    lines, body = source.splitlines(), ast.parse(source).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        name = _name(node)
        value = getattr(node, "value", None)
        if name is None or not isinstance(value, ast.expr) or not _is_number(value):
            continue
        yield Constant(
            module=path.relative_to(ROOT).as_posix(),
            name=name,
            value=ast.unparse(value),
            why=_docstring(after) or _comment(lines[(node.end_lineno or node.lineno) - 1]),
        )


def _name(node: ast.stmt) -> str | None:
    """What an assignment names, where it is a constant; several in one line are one."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return None
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    text = ast.unparse(target).strip("()")
    return text if text.replace("_", "").replace(", ", "").isupper() else None


def _is_number(value: ast.expr) -> bool:
    """A number, what is reckoned from numbers, a span of time, or a client's time-outs."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    if isinstance(value, ast.Tuple):
        return all(_is_number(each) for each in value.elts)
    if isinstance(value, ast.BinOp):
        return _is_number(value.left) and _is_number(value.right)
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in {"timedelta", "Config"}


def _docstring(node: ast.stmt | None) -> str:
    """The text that stands below a constant."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Constant) or not isinstance(node.value.value, str):
        return ""
    return " ".join(node.value.value.split())


def _comment(line: str) -> str:
    return line.partition("  # ")[2]


def page() -> str:
    """The whole page."""
    found = list(settings())
    sections = list(dict.fromkeys(one.section for one in found))
    fixed = [f"| {one.module} | `{one.name}` | `{one.value}` | {_cell(one.why)} |" for one in constants()]
    return "\n".join([INTRODUCTION, *(_section(name, found) for name in sections), FIXED, *fixed, ""])


def _section(section: str, found: list[Setting]) -> str:
    rows = [
        f"| `{one.name}` | {one.default} | {one.limits} | {_cell(one.description)} |" for one in found if one.section == section
    ]
    title = f"`{section}`" if section else "The environment"
    return "\n".join(
        [
            f"## {title}",
            "",
            "| setting | default | allowed | meaning, unit, and why the default |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
