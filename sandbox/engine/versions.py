"""The least versions that the sandbox accepts, read from the one place that states them: go.mod."""

import re
from pathlib import Path

GO_MOD = Path(__file__).with_name("go.mod")
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class VersionUnreadableError(ValueError):
    """A text that should name a version names none."""


def numbers(text: str) -> tuple[int, int, int]:
    """Major, minor and patch of the first version in *text*: `v3.250.0`, `go1.26`, `3.251.0-dev` all count."""
    found = _NUMBERS.search(text)
    if found is None:
        raise VersionUnreadableError(f"{text!r} names no version: expected something like 3.250.0")
    major, minor, patch = found.groups(default="0")
    return int(major), int(minor), int(patch)


def engine_version() -> str:
    """The Pulumi version that is built, and the least that an installed one must have."""
    return _stated(r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)", "the version of pulumi/pkg/v3")


def least_go_version() -> str:
    """The Go version that go.mod asks for."""
    return _stated(r"^go (\S+)", "a go line")


def _stated(pattern: str, what: str) -> str:
    found = re.search(pattern, GO_MOD.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise VersionUnreadableError(f"{GO_MOD} does not state {what}: restore it from the repository")
    return found[1]
