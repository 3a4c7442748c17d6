"""The table of resource types is as new as cfn-lint's schemas, and whatever bears a data store's name has been judged."""

import json
import re
from pathlib import Path

from bench.resource_types import packed, resource_types
from handlers.domain.skip_policy import JUDGED, TABLE

MOST_BYTES = 20_000
STORES = re.compile(
    "(Archive|Backup|Broker|Bucket|Cache|Catalog|Cluster|Collection|DBCluster|DBInstance|Database|Data[Ss]et|Data[Ss]tore|Directory"
    "|Disk|Domain|File[Ss]ystem|Graph|HostedZone|IdentityPool|Index|Instance|Key|Keyspace|KnowledgeBase|Lake|Ledger|LogGroup|Memory"
    "|Namespace|Queue|Registry|Repository|Secret|Snapshot|Store|Stream|Table|Topic|User|UserPool|Vault|Volume|Workspace)$"
)
"""Endings of names that AWS gives to what holds something."""


def judged() -> list[str]:
    """Every type that somebody has judged, as often as it stands in the data."""
    parts = json.loads(JUDGED.read_bytes())
    return [resource_type for part in parts.values() for named in part.values() for resource_type in named]


def test_table_is_fresh() -> None:
    """After cfn-lint was raised: `python -m bench.resource_types`."""
    assert TABLE.read_bytes() == packed()


def test_table_is_small() -> None:
    """It travels in every function's zip."""
    assert TABLE.stat().st_size < MOST_BYTES


def test_every_judgement_is_of_a_type_that_exists_and_stands_once() -> None:
    """A misspelt type would leave the real one with the answer for what nobody has judged."""
    assert [one for one in judged() if one not in resource_types()] == []
    assert len(judged()) == len(set(judged()))


def test_whatever_bears_a_stores_name_has_been_judged() -> None:
    """A new data store is not taken for harmless because nobody has looked: name it in skip_policy.json, as one or the other."""
    bearing = {one for one in resource_types() if one.startswith("AWS::") and STORES.search(one)}

    assert sorted(bearing - set(judged())) == []


def test_domain_does_not_import_cfn_lint() -> None:
    """The table is why it need not."""
    sources = [path.name for path in Path("handlers").rglob("*.py") if "cfnlint" in path.read_text(encoding="utf-8")]

    assert sources == []
