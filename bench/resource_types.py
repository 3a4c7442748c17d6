"""Writes the names of all public resource types that `handlers.domain.skip_policy` reads, from the schemas that cfn-lint ships.

Run `python -m bench.resource_types` after cfn-lint was raised; a test fails while the table is older than the schemas, and
another while a new type bears a data store's name and nobody has judged it.
"""

import json
import zlib
from pathlib import Path

import cfnlint

from handlers.domain.skip_policy import TABLE

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "providers"
"""One file per region: type -> the schema that the region knows it by."""
OTHERS = ("sam",)
"""Not CloudFormation's own: SAM's types are transformed away before CloudFormation sees a resource."""


def resource_types() -> set[str]:
    """Every type that any region's schemas name."""
    regions = (path for path in SCHEMAS.glob("*.json") if path.stem not in OTHERS)
    return {resource_type for path in regions for resource_type in json.loads(path.read_bytes())}


def packed() -> bytes:
    """The table as it is stored: the same bytes for the same schemas."""
    return zlib.compress(json.dumps(sorted(resource_types()), separators=(",", ":")).encode(), 9)


if __name__ == "__main__":
    TABLE.write_bytes(packed())
