"""What a resource type is to the stand-in, and what its functions are handed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider.account import Account
from sandbox.provider.api import Spelling, pascal, to_api
from sandbox.provider.schema import Properties, mapping, text
from sandbox.provider.wire import Values


@dataclass(frozen=True, kw_only=True)
class Call:
    """One operation on one resource, with everything that it may need to know."""

    account: Account
    type: "ResourceType"
    inputs: Values
    """What the program wants; for read and delete, what it wanted last."""
    state: Values = field(default_factory=dict)
    """What was last seen; empty when the resource is being created."""
    id: str = ""
    changed: frozenset[str] = frozenset()
    """For update: the inputs that differ from the state."""

    @property
    def client(self) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        return self.account.client(self.type.service)

    @property
    def tags(self) -> dict[str, str]:
        """The tags that the resource shall carry: the provider's, overridden by its own."""
        return merged_tags(self.account, self.inputs)

    @property
    def known(self) -> Values:
        """What was last seen of the resource, and what is wanted where nothing was."""
        return {**self.inputs, **self.state}

    @property
    def tagged(self) -> Values:
        """The tags as a parameter of the call that creates the resource; empty where there are none."""
        tagging = self.type.tagging
        if tagging is None or not self.tags:
            return {}
        return {tagging.tags: pairs(self.tags, tagging.pair) if tagging.pair else self.tags}

    def parameters(self, *names: str) -> Values:
        """The given inputs (of these names, or all) as boto3 parameters."""
        chosen = {name: prop for name, prop in self.type.properties.items() if not names or name in names}
        return to_api(chosen, self.inputs, self.type.spelling)


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """How one service reads and writes the tags of a resource."""

    read: str = "list_tags_for_resource"
    write: str = "tag_resource"
    erase: str = "untag_resource"
    handle: str = "ResourceArn"
    """The parameter that names the resource."""
    by: str = "arn"
    """The state's key that holds that name."""
    tags: str = "Tags"
    shown: str | None = None
    """The key of the tags in the answer of read, where it differs."""
    keys: str = "TagKeys"
    pair: tuple[str, str] | None = ("Key", "Value")
    """The keys of a listed tag; None where tags are a map."""
    whole: str | None = None
    """The key of the tags inside the parameter, where a service takes them only all together, or takes all away."""
    absent: str | None = None
    """The error code that means a resource without tags."""


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One type of resource: its description, and four functions that make boto3 calls."""

    pulumi_type: str
    service: str
    properties: Properties
    outputs: tuple[str, ...]
    """What AWS adds; unknown in a preview until the resource exists."""
    create: Callable[[Call], str]
    """Makes the resource and returns its id."""
    read: Callable[[Call], Values | None]
    """What AWS shows now; a property that is not a key of the answer keeps its known value. None: it is gone."""
    delete: Callable[[Call], None]
    update: Callable[[Call], None] | None = None
    """None where every change replaces."""
    finish: Callable[[Call], None] | None = None
    """What creation still needs once the resource exists; if it fails, the resource is deleted again."""
    rules: Callable[[Values], Iterable[tuple[str, str]]] = lambda _: ()
    """(property, complaint) for what AWS would refuse and the emulator accepts; inputs may hold UNKNOWN."""
    volatile: tuple[str, ...] = ()
    """Outputs that an update changes."""
    gone: frozenset[str] = frozenset({"ResourceNotFoundException"})
    """Error codes that mean the resource does not exist."""
    tagging: Tagging | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    """For each property that is code, the output with its digest."""
    spelling: Spelling = pascal


def accepted(type_: ResourceType) -> Properties:
    """Every property that a program may give: the type's own, and what all types have in common."""
    tags = {"tags": mapping()} if type_.tagging else {}
    return {**type_.properties, **tags, "region": text()}


def merged_tags(account: Account, inputs: Values) -> dict[str, str]:
    return {**account.default_tags, **inputs.get("tags", {})}


def pairs(tags: Mapping[str, str], keys: tuple[str, str] = ("Key", "Value")) -> list[dict[str, str]]:
    """Tags as the list of pairs that most services want."""
    return [{keys[0]: key, keys[1]: value} for key, value in tags.items()]
