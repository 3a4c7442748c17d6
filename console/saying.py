"""What a person says to a cell: checked, signed with who they are by STS, and answered in text or JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import typer

from console.plainly import UnusableError, one_line
from handlers.aws.people import Word
from handlers.domain.records import REASON_LENGTH

SCHEMA_VERSION = 1


def word(by: str, reason: str) -> Word:
    """Who says it, now, and why; raises UnusableError without a reason that somebody else could read."""
    said = one_line(reason).strip()
    if not said:
        raise UnusableError("--reason is empty: say why, somebody else will read it")
    if len(said) > REASON_LENGTH:
        raise UnusableError(f"--reason has {len(said)} characters, at most {REASON_LENGTH} are kept: say it shorter")
    return Word(by=by, at=datetime.now(UTC), reason=said)


def answer(sentence: str, data: Mapping[str, Any], *, as_json: bool) -> None:
    """Say what was done."""
    if as_json:
        typer.echo(json.dumps({"schema_version": SCHEMA_VERSION, **data}, indent=2))
    else:
        typer.echo(one_line(sentence))
