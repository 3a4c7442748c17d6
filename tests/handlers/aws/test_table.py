"""The table and its double keep the same promises: what the model proves over one holds over the other."""

from typing import Any

import pytest

from handlers.aws.table import Table
from tests.handlers.fake_table import FakeTable

FREE = "attribute_not_exists(pk) OR (#state = :released AND fence <= :fence)"


@pytest.fixture(params=["moto", "fake"])
def either(request: pytest.FixtureRequest) -> Any:
    """The real table over moto, and the model's double."""
    return FakeTable() if request.param == "fake" else request.getfixturevalue("table")


def item(**more: object) -> dict[str, Any]:
    """A small item."""
    return {"pk": "a", "sk": "b", "state": "held", "fence": 3, **more}


def test_what_was_put_is_read(either: Table) -> None:
    """Text, numbers, lists and maps; and nothing where nothing is."""
    either.do(either.put(item(stack={"name": "x"}, criteria=[{"a": 1}]), "attribute_not_exists(pk)"))

    assert either.get("a", "b") == item(stack={"name": "x"}, criteria=[{"a": 1}])
    assert either.get("a", "c") is None


@pytest.mark.parametrize(
    ("state", "fence", "taken"), [("held", 9, False), ("released", 2, False), ("released", 3, True), ("released", 4, True)]
)
def test_a_condition_decides(either: Table, state: str, fence: int, *, taken: bool) -> None:
    """A claim that is held, or was released under a higher fence, stays."""
    either.do(either.put(item(state=state), "attribute_not_exists(pk)"))

    done = either.do(either.put(item(state="held", fence=fence), FREE, {":released": "released", ":fence": fence}))

    assert taken is (done is not None)


def test_a_change_sets_and_removes(either: Table) -> None:
    """And returns what is there after it, when asked."""
    either.do(either.put(item(gone=1), "attribute_not_exists(pk)"))

    change = either.change(("a", "b"), "#state <> :ended", sets={"state": "ended"}, removes=("gone",), values={":ended": "ended"})

    assert either.do(change, returns="ALL_NEW") == item(state="ended")
    assert either.do(change, returns="ALL_NEW") is None


def test_nothing_is_changed_where_nothing_is(either: Table) -> None:
    """An update would otherwise create the item."""
    change = either.change(("a", "b"), "attribute_exists(pk) AND #state <> :ended", sets={"x": 1}, values={":ended": "ended"})

    assert either.do(change) is None
    assert either.get("a", "b") is None


def test_all_or_none(either: Table) -> None:
    """One condition that fails stops every write."""
    either.do(either.put(item(), "attribute_not_exists(pk)"))
    new, old = either.put(item(sk="new"), "attribute_not_exists(pk)"), either.put(item(), "attribute_not_exists(pk)")

    assert either.do_all(new, old) is False
    assert either.get("a", "new") is None
    assert either.do_all(new) is True
    assert either.get("a", "new") is not None


def test_the_list_is_sparse_and_sorted(either: Table) -> None:
    """Only what bears the index's attributes, in their order."""
    for sk, key in (("1", "FAILURE#2"), ("2", "ATTEMPT#9"), ("3", "FAILURE#1")):
        either.do(either.put(item(sk=sk, unresolved_cell="cell", unresolved_key=key), "attribute_not_exists(pk)"))
    either.do(either.put(item(sk="4"), "attribute_not_exists(pk)"))

    assert [each["sk"] for each in either.query("unresolved", "unresolved_cell", "cell")] == ["2", "3", "1"]


def test_a_part_of_a_partition_is_read_in_its_order(either: Table) -> None:
    """What begins otherwise, and what stands in another partition, is not read."""
    for pk, sk in (("a", "WAITER#2"), ("a", "WAITER#1"), ("a", "CLAIM"), ("b", "WAITER#3")):
        either.do(either.put(item(pk=pk, sk=sk), "attribute_not_exists(pk)"))

    assert [each["sk"] for each in either.under("a", "WAITER#")] == ["WAITER#1", "WAITER#2"]


def test_consumption_is_summed(table: Table) -> None:
    """Every call asks what it has cost."""
    table.do(table.put(item(), "attribute_not_exists(pk)"))
    table.get("a", "b")

    assert table.consumed_units > 0
