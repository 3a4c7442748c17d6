"""One field for each cell, and from each the way to all."""

from collections.abc import Callable

import pytest

from drills.field import Field, NoSuchCellError, Place

HERE, THERE = ("222222222222", "us-east-1"), ("333333333333", "us-west-2")


def test_every_cell_is_reached_from_every_other(make_field: Callable[..., Field]) -> None:
    """All fields share one mapping."""
    cells: dict[Place, Field] = {}
    cells[HERE], cells[THERE] = make_field(cells=cells), make_field(cells=cells)

    assert cells[HERE].at(*THERE) is cells[THERE]
    assert cells[THERE].at(*HERE) is cells[HERE]


def test_a_cell_that_is_not_there_is_named(make_field: Callable[..., Field]) -> None:
    """With those that are."""
    cells: dict[Place, Field] = {}
    cells[HERE] = make_field(cells=cells)

    with pytest.raises(NoSuchCellError, match="333333333333/us-west-2: no cell stands there; there are 222222222222/us-east-1"):
        cells[HERE].at(*THERE)
    with pytest.raises(NoSuchCellError, match="there are none"):
        make_field().at(*HERE)
