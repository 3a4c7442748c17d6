"""Plays the engine's part for one resource at a time: the requests that a deployment makes, in their order."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from pulumi.provider.experimental import provider as sdk

from sandbox.provider.provider import AwsProvider
from sandbox.provider.wire import Values, to_plain, to_wire

SEED = b"seed"


@dataclass
class Deployed:
    """What the engine keeps of one resource."""

    type: str
    name: str
    id: str
    inputs: Values
    state: Values

    @property
    def urn(self) -> str:
        return urn(self.type, self.name)


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:test::stackmend::{type_}::{name}"


@dataclass
class Driver:
    """One provider, and what was deployed with it, in order."""

    provider: AwsProvider
    deployed: list[Deployed] = field(default_factory=list)

    def configure(self, **args: Any) -> None:
        asyncio.run(self.provider.configure(sdk.ConfigureRequest({}, to_wire(args), False, False)))

    def check(self, type_: str, name: str, inputs: Values, old: Values | None = None) -> tuple[Values, list[tuple[str, str]]]:
        """The checked inputs, and (property, complaint) of all that is wrong."""
        request = sdk.CheckRequest(urn(type_, name), to_wire(old or {}), to_wire(inputs), SEED)
        answer = asyncio.run(self.provider.check(request))
        return to_plain(answer.inputs or {}), [(failure.property, failure.reason) for failure in answer.failures or []]

    def create(self, type_: str, name: str, inputs: Values) -> Deployed:
        checked, wrong = self.check(type_, name, inputs)
        assert not wrong, wrong
        request = sdk.CreateRequest(urn(type_, name), to_wire(checked), 0, preview=False)
        answer = asyncio.run(self.provider.create(request))
        one = Deployed(type_, name, answer.resource_id or "", checked, to_plain(answer.properties))
        self.deployed.append(one)
        return one

    def preview_create(self, type_: str, name: str, inputs: Values) -> Values:
        checked, wrong = self.check(type_, name, inputs)
        assert not wrong, wrong
        request = sdk.CreateRequest(urn(type_, name), to_wire(checked), 0, preview=True)
        return to_plain(asyncio.run(self.provider.create(request)).properties)

    def diff(self, one: Deployed, inputs: Values) -> sdk.DiffResponse:
        checked, wrong = self.check(one.type, one.name, inputs, one.inputs)
        assert not wrong, wrong
        request = sdk.DiffRequest(one.urn, one.id, to_wire(one.state), to_wire(checked), [])
        return asyncio.run(self.provider.diff(request))

    def update(self, one: Deployed, inputs: Values, *, preview: bool = False) -> Values:
        checked, wrong = self.check(one.type, one.name, inputs, one.inputs)
        assert not wrong, wrong
        request = sdk.UpdateRequest(one.urn, one.id, to_wire(one.state), to_wire(checked), 0, [], preview)
        state = to_plain(asyncio.run(self.provider.update(request)).properties)
        if not preview:
            one.state, one.inputs = state, checked
        return state

    def refresh(self, one: Deployed) -> bool:
        """Reads the resource back into what is kept of it; False when it is gone."""
        request = sdk.ReadRequest(one.urn, one.id, to_wire(one.state), to_wire(one.inputs))
        answer = asyncio.run(self.provider.read(request))
        if not answer.resource_id:
            return False
        one.state, one.inputs = to_plain(answer.properties), to_plain(answer.inputs)
        return True

    def delete(self, one: Deployed) -> None:
        request = sdk.DeleteRequest(one.urn, one.id, to_wire(one.state), 0)
        asyncio.run(self.provider.delete(request))
        self.deployed.remove(one)

    def delete_all(self) -> None:
        for one in reversed(list(self.deployed)):
            self.delete(one)
