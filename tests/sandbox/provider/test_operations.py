"""Every type of resource is created, read, updated and deleted by the same rules."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.provider import operations
from sandbox.provider.account import Account, ProviderArgs
from sandbox.provider.errors import ResourceVanishedError
from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.schema import mapping, name, text
from sandbox.provider.state import changes


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Something")


@dataclass
class Shelf:
    """A service with one type of resource, which can be told to fail."""

    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    updates: int = 0
    finish: Callable[[Call], None] | None = None
    delete_error: ClientError | None = None

    def type(self) -> ResourceType:
        return ResourceType(
            pulumi_type="aws:test/thing:Thing",
            service="test",
            properties={"name": name(20), "colour": text(), "size": text(computed=True), "labels": mapping()},
            outputs=("arn",),
            create=self._create,
            finish=self.finish,
            read=self._read,
            update=self._update,
            delete=self._delete,
            gone=frozenset({"NoSuchThing"}),
        )

    def _create(self, call: Call) -> str:
        self.things[call.inputs["name"]] = {"size": "large", **call.inputs}
        return str(call.inputs["name"])

    def _read(self, call: Call) -> dict[str, Any]:
        if call.id not in self.things:
            raise refused("NoSuchThing")
        return {"colour": None, **self.things[call.id], "arn": f"arn:{call.id}"}

    def _update(self, call: Call) -> None:
        self.updates += 1
        self.things[call.id] = {**self.things[call.id], **call.inputs}

    def _delete(self, call: Call) -> None:
        if self.delete_error:
            raise self.delete_error
        if self.things.pop(call.id, None) is None:
            raise refused("NoSuchThing")

    def call(self, **inputs: Any) -> Call:
        return Call(account=Account(ProviderArgs(region="us-east-1")), type=self.type(), inputs={"name": "a", **inputs})


def deployed(shelf: Shelf, **inputs: Any) -> Call:
    id_, state = operations.create(shelf.call(**inputs))
    return replace(shelf.call(**inputs), id=id_, state=state)


def test_state_holds_what_was_said_and_what_was_seen() -> None:
    """Inputs, AWS's own choices and outputs are all there."""
    assert deployed(Shelf(), colour="red").state == {
        "id": "a",
        "region": "us-east-1",
        "name": "a",
        "colour": "red",
        "size": "large",
        "arn": "arn:a",
    }


def test_thing_that_cannot_be_finished_is_deleted_again() -> None:
    """A failed creation leaves nothing that no state knows."""

    def fail(_: Call) -> None:
        raise refused("Throttling")

    shelf = Shelf(finish=fail)
    with pytest.raises(ClientError, match="Throttling"):
        operations.create(shelf.call())
    assert shelf.things == {}


def test_thing_that_stays_after_a_failure_is_told() -> None:
    """When not even the deletion works, the operator learns what is left."""

    def fail(_: Call) -> None:
        raise refused("Throttling")

    shelf = Shelf(finish=fail, delete_error=refused("AccessDenied"))
    with pytest.raises(ClientError, match="Throttling") as caught:
        operations.create(shelf.call())
    assert "a was made and could not be deleted again" in caught.value.__notes__[0]


def test_read_of_a_gone_thing_is_none() -> None:
    """The engine takes it out of the state and makes it anew."""
    shelf = Shelf()
    call = deployed(shelf)
    shelf.things.clear()
    assert operations.read(call) is None


def test_other_errors_of_read_are_errors() -> None:
    """A denied read does not mean that the thing is gone."""
    shelf = Shelf()
    call = deployed(shelf)
    denied = replace(call.type, read=lambda _: (_ for _ in ()).throw(refused("AccessDenied")))
    with pytest.raises(ClientError, match="AccessDenied"):
        operations.read(replace(call, type=denied))


def test_update_changes_what_differs() -> None:
    """The new state is the new inputs; the module is told what has changed."""
    shelf = Shelf()
    call = replace(deployed(shelf, colour="red"), inputs={"name": "a", "colour": "blue"})
    assert list(changes(call)) == ["colour"]
    assert operations.update(call)["colour"] == "blue"
    assert shelf.updates == 1


def test_update_of_nothing_calls_nothing() -> None:
    """An update for another reason, such as a changed provider, leaves the thing alone."""
    shelf = Shelf()
    operations.update(deployed(shelf, colour="red"))
    assert shelf.updates == 0


def test_drift_is_a_change() -> None:
    """What AWS shows counts, not what was once said; a choice of AWS's own may change freely."""
    shelf = Shelf()
    call = deployed(shelf, colour="red")
    shelf.things["a"] |= {"colour": "green", "size": "small"}
    state = operations.read(call)
    assert state is not None
    assert list(changes(replace(call, state=state))) == ["colour"]


def test_property_that_is_taken_away_elsewhere_is_drift() -> None:
    """An answer that no longer mentions a property takes it out of the state."""
    shelf = Shelf()
    call = deployed(shelf, colour="red")
    del shelf.things["a"]["colour"]
    state = operations.read(call)
    assert state is not None
    assert "colour" not in state


def test_thing_that_vanishes_at_once_is_named() -> None:
    """Somebody deleted it between our call and our look."""
    shelf = Shelf()

    def vanish(call: Call) -> None:
        shelf.things.clear()

    shelf.finish = vanish
    with pytest.raises(ResourceVanishedError, match="a is not there after its change: refresh, and deploy again"):
        operations.create(shelf.call())


def test_delete_of_a_gone_thing_succeeds() -> None:
    """What was to be is."""
    shelf = Shelf()
    call = deployed(shelf)
    shelf.things.clear()
    operations.delete(call)


def test_delete_that_is_refused_fails() -> None:
    """A protected thing stays, and the engine is told so."""
    shelf = Shelf()
    call = deployed(shelf)
    shelf.delete_error = refused("AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        operations.delete(call)
    assert "a" in shelf.things
