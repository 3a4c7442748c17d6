"""The graph in the ledger: who told what, who owns what, and what a late word may not do."""

from datetime import timedelta
from typing import Any, cast

import pytest

from handlers.aws.graph_store import GraphStore, Refreshed
from handlers.domain.dynamic_references import Thing
from handlers.domain.graph import EdgeKind
from handlers.domain.graph_facts import StackFacts
from handlers.domain.identity import StackKey
from tests.handlers.bench import WORD
from tests.handlers.fake_table import FakeTable

KEY = StackKey(account="222222222222", region="us-east-1", name="net")
OTHER = KEY.model_copy(update={"name": "net-two"})
NOW = WORD.at
VPC = Thing(EdgeKind.EXPORT, KEY.account, KEY.region, "Vpc")


@pytest.fixture(params=["moto", "fake"])
def store(request: pytest.FixtureRequest) -> GraphStore:
    """Over the real table in moto, and over the model's double."""
    table = FakeTable() if request.param == "fake" else request.getfixturevalue("table")
    return GraphStore(cast("Any", table), days=30)


def facts(key: StackKey = KEY, *exports: str) -> StackFacts:
    """What a stack told."""
    return StackFacts(stack=key, exports=exports)


def later(seconds: int) -> Any:
    """A moment after the first."""
    return NOW + timedelta(seconds=seconds)


def test_what_a_stack_told_is_read(store: GraphStore) -> None:
    """Its facts, and whom an export belongs to."""
    assert store.refresh(facts(KEY, "Vpc"), "id", NOW) is Refreshed.WRITTEN

    assert store.facts(KEY) == facts(KEY, "Vpc")
    assert store.owner(VPC, KEY) == KEY
    assert list(store.all(KEY.account, KEY.region)) == [facts(KEY, "Vpc")]


def test_the_same_again_is_not_written(store: GraphStore) -> None:
    """Most deployments change nothing of it."""
    store.refresh(facts(KEY, "Vpc"), "id", NOW)

    assert store.refresh(facts(KEY, "Vpc"), "id", later(1)) is Refreshed.UNCHANGED


def test_an_earlier_look_does_not_replace_a_later_one(store: GraphStore) -> None:
    """Messages overtake each other."""
    store.refresh(facts(KEY, "Vpc"), "id", later(9))

    assert store.refresh(facts(KEY), "id", NOW) is Refreshed.OLDER
    assert store.owner(VPC, KEY) == KEY


def test_what_a_stack_no_longer_exports_belongs_to_nobody(store: GraphStore) -> None:
    """Or to whoever exports it since."""
    store.refresh(facts(KEY, "Vpc"), "id", NOW)
    store.refresh(facts(KEY), "id", later(1))
    assert store.owner(VPC, KEY) is None

    store.refresh(facts(OTHER, "Vpc"), "id-two", later(2))
    assert store.owner(VPC, KEY) == OTHER


def test_an_export_that_has_passed_on_is_not_taken_back(store: GraphStore) -> None:
    """The first owner's deletion is told late."""
    store.refresh(facts(KEY, "Vpc"), "id", NOW)
    store.refresh(facts(OTHER, "Vpc"), "id-two", later(1))

    store.forget(KEY, "id", later(2))

    assert store.owner(VPC, KEY) == OTHER


def test_a_stack_that_is_gone_leaves_the_graph(store: GraphStore) -> None:
    """With everything that it owned."""
    store.refresh(facts(KEY, "Vpc"), "id", NOW)

    assert store.forget(KEY, "id", later(1)) is Refreshed.WRITTEN

    assert store.facts(KEY) is None
    assert store.owner(VPC, KEY) is None
    assert list(store.all(KEY.account, KEY.region)) == []


def test_the_end_of_an_earlier_generation_takes_nothing_away(store: GraphStore) -> None:
    """The stack was made again before its deletion was told."""
    store.refresh(facts(KEY, "Vpc"), "second", later(1))

    assert store.forget(KEY, "first", later(2)) is Refreshed.OLDER
    assert store.facts(KEY) == facts(KEY, "Vpc")


def test_a_death_before_the_facts_is_made_good_by_the_repeat(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owners are written first."""
    monkeypatch.setattr(GraphStore, "_put", lambda *_: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        store.refresh(facts(KEY, "Vpc"), "id", NOW)
    monkeypatch.undo()

    assert store.refresh(facts(KEY, "Vpc"), "id", later(1)) is Refreshed.WRITTEN
    assert store.owner(VPC, KEY) == KEY
