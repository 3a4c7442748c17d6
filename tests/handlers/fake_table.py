"""A table in memory with the interface of `handlers.aws.table.Table`; one contract test runs over both."""

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from pydantic_core import from_json, to_json

Plain = dict[str, Any]

_ATOM = re.compile(
    r"attribute_(?P<has>not_exists|exists)\(#?(?P<of>\w+)\)|(?P<name>#?\w+) (?P<sign><>|<=|<|=) (?P<value>:\w+)|(?P<word>AND|OR|\(|\))"
)
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {"<>": operator.ne, "<=": operator.le, "<": operator.lt, "=": operator.eq}


def holds(condition: str, item: Plain | None, values: Plain) -> bool:
    """Evaluate a condition of the few kinds that the ledger uses; a missing attribute compares false, as in DynamoDB."""
    words = {"AND": "and", "OR": "or", "(": "(", ")": ")"}
    parts: list[str] = []
    for found in _ATOM.finditer(condition):
        if found["word"]:
            parts.append(words[found["word"]])
        elif found["has"]:
            parts.append(str((found["of"] not in (item or {})) == (found["has"] == "not_exists")))
        else:
            present = (item or {}).get(found["name"].lstrip("#"))
            parts.append(str(present is not None and _SIGNS[found["sign"]](present, values[found["value"]])))
    return bool(eval(" ".join(parts)))  # noqa: S307 - nothing but True, False, and, or and parentheses


class FakeTable:
    """Conditional writes on a dictionary."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], Plain] = {}
        self.consumed_units = 0.0

    def get(self, pk: str, sk: str) -> Plain | None:
        item = self.items.get((pk, sk))
        return dict(item) if item is not None else None

    def do(self, write: Plain, *, returns: str = "NONE") -> Plain | None:
        if not self._allowed(write):
            return None
        after = self._apply(write)
        return dict(after) if returns == "ALL_NEW" else {}

    def do_all(self, *writes: Plain) -> bool:
        if not all(self._allowed(write) for write in writes):
            return False
        for write in writes:
            self._apply(write)
        return True

    def query(self, index: str, hash_name: str, value: str) -> Iterator[Plain]:
        found = [item for item in self.items.values() if item.get(hash_name) == value]
        yield from (dict(item) for item in sorted(found, key=lambda item: str(item["unresolved_key"])))

    def under(self, pk: str, prefix: str) -> Iterator[Plain]:
        found = [key for key in self.items if key[0] == pk and key[1].startswith(prefix)]
        yield from (dict(self.items[key]) for key in sorted(found))

    def put(self, item: Plain, condition: str, values: Plain | None = None) -> Plain:
        plain = from_json(to_json(item))
        return {"key": (item["pk"], item["sk"]), "item": plain, "condition": condition, "values": values or {}}

    def change(
        self,
        key: tuple[str, str],
        condition: str,
        *,
        sets: Plain,
        removes: tuple[str, ...] = (),
        values: Plain | None = None,
    ) -> Plain:
        plain = from_json(to_json(sets))
        return {"key": key, "sets": plain, "removes": removes, "condition": condition, "values": values or {}}

    def _allowed(self, write: Plain) -> bool:
        return holds(write["condition"], self.items.get(write["key"]), write["values"])

    def _apply(self, write: Plain) -> Plain:
        if "item" in write:
            after = dict(write["item"])
        else:
            pk, sk = write["key"]
            after = {"pk": pk, "sk": sk, **self.items.get(write["key"], {}), **write["sets"]}
            after = {name: value for name, value in after.items() if name not in write["removes"]}
        self.items[write["key"]] = after
        return after
