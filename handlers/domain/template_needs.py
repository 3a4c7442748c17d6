"""What a stack's templates take from other stacks by name: exports that they import, and the dynamic references that they hold.

Read from the text, JSON or YAML, since a short tag (`!ImportValue`) is no plain YAML. A name that is put together from pseudo
parameters and from the stack's own parameters is filled in; what stays open is named, never guessed.
Grammar: CloudFormation user guide, "Fn::ImportValue" and "Fn::Sub".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handlers.domain.dynamic_references import texts_of

_NAME = r"(?:[A-Za-z0-9:_-]|\$\{[^{}\n]*\})+"
_IMPORT = re.compile(
    r"(?:!ImportValue\b|[\"']?Fn::ImportValue[\"']?\s*:)\s*"
    r"\{?\s*(?P<how>!Sub\b|!Ref\b|[\"']?Fn::Sub[\"']?\s*:|[\"']?Ref[\"']?\s*:)?\s*"
    rf"[\"']?(?P<name>{_NAME})?[\"']?(?P<after>[ \t]*:)?"
)
_OPEN = re.compile(r"\$\{([^{}]*)\}")
_LONGEST = 80
"""Characters of an import that is put together in another way, for people to find it by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What templates take from others."""

    imports: tuple[str, ...]
    unresolved: tuple[str, ...]
    """Imports whose name is known to CloudFormation alone."""
    references: tuple[str, ...]
    """`{{resolve:…}}`, as they stand there."""


def taken(templates: Iterable[str], values: Mapping[str, str]) -> Taken:
    """What *templates* take, with *values* for the parameters and pseudo parameters that are known."""
    imports: dict[str, None] = {}
    unresolved: dict[str, None] = {}
    references: dict[str, None] = {}
    for template in templates:
        for found in _IMPORT.finditer(template):
            name = _filled(found, values)
            if name is None:
                unresolved[" ".join(template[found.start() : found.start() + _LONGEST].split())] = None
            else:
                imports[name] = None
        references.update(dict.fromkeys(texts_of(template)))
    return Taken(imports=tuple(imports), unresolved=tuple(unresolved), references=tuple(references))


def _filled(found: re.Match[str], values: Mapping[str, str]) -> str | None:
    name, how = found["name"], found["how"] or ""
    if name is None or found["after"] or name.endswith(":"):  # another function stands there
        return None
    if "Ref" in how:
        return values.get(name)
    if "Sub" not in how:
        return None if "${" in name else name
    known = _OPEN.sub(lambda one: values.get(one[1], one[0]), name)
    return None if "${" in known else known
