"""How a refusal of the settings reads: one line per problem, each with field, value and remedy."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

ROOT = "stackmend:settings"
SHOWN_CHARACTERS = 60
"""Of a refused value: enough to recognise it, and the remedy still stands on the same line."""
_UNSHOWN = object()

_TYPES = {
    "string_type": "write text, in quotes",
    "int_type": "write a whole number, without quotes",
    "bool_type": "write true or false, without quotes",
    "tuple_type": "write a list",
    "dict_type": "write keys and values",
    "model_type": "write keys and values",
}

_LIMITS = {
    "enum": "write one of {expected}",
    "literal_error": "write one of {expected}",
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
}


class SettingsError(Exception):
    """The settings describe nothing that could be deployed; the text has one line per problem."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in the settings that cannot stay as it is."""

    field: str
    remedy: str
    value: Any = _UNSHOWN

    def line(self) -> str:
        where = f"{ROOT}.{self.field}" if self.field else ROOT
        return f"{where}: {self.remedy}" if self.value is _UNSHOWN else f"{where} is {_shown(self.value)}: {self.remedy}"


def refuse(problems: Iterable[Problem]) -> None:
    """Raise one `SettingsError` with all problems, if there are any."""
    lines = [problem.line() for problem in problems]
    if lines:
        raise SettingsError("\n".join(lines))


def problem_of(error: ErrorDetails, schema: Mapping[str, Any]) -> Problem:
    """Say in the words of Stackmend what pydantic has found; *schema* is the model's own, to know which keys there are."""
    path = error["loc"]
    field, last, kind = _spelled(path), str(path[-1]) if path else "", error["type"]
    if kind == "missing":
        return Problem(field=field, remedy=f"missing; add the key {last}")
    if kind == "extra_forbidden":
        return Problem(field=field, value=error["input"], remedy=_unknown_key(last, _keys_at(path[:-1], schema)))
    return Problem(field=field, value=error["input"], remedy=_remedy(error))


def _remedy(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in _LIMITS:
        return _LIMITS[kind].format(**context)
    return error["msg"].removeprefix("Value error, ")


def _unknown_key(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; remove it or write one of {', '.join(known)}"


def _spelled(path: Sequence[str | int]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text.removesuffix(".[key]")


def _keys_at(path: Sequence[str | int], schema: Mapping[str, Any]) -> list[str]:
    section: Mapping[str, Any] = schema
    for part in path:
        inner = (
            section["items"]
            if isinstance(part, int)
            else section.get("properties", {}).get(part) or section["additionalProperties"]
        )
        section = schema["$defs"][inner["$ref"].rsplit("/", 1)[1]] if "$ref" in inner else inner
    return list(section["properties"])


def _shown(value: Any) -> str:  # noqa: ANN401 - a setting of the wrong type can be anything
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
