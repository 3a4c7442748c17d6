"""What a stack that rests healthy tells of its neighbours: facts, as `graph_facts` makes edges of them."""

import re
from collections.abc import Iterable, Iterator, Mapping

from handlers.domain.dynamic_references import Thing, parameter_of, references, secret
from handlers.domain.graph import EdgeKind
from handlers.domain.graph_facts import TAG, StackFacts, StackState
from handlers.domain.identity import NAME, StackKey
from handlers.domain.template_needs import taken

PARAMETER, SECRET = "AWS::SSM::Parameter", "AWS::SecretsManager::Secret"
_STACK_SET = re.compile(r"StackSet-(?P<name>.+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""How CloudFormation names the stacks of a set (StackSets concepts, "Stack instances")."""


def facts_of(
    key: StackKey,
    *,
    partition: str,
    templates: Iterable[str],
    parameters: Mapping[str, str],
    tags: Mapping[str, str],
    exports: Iterable[str],
    resources: Iterable[tuple[str, str]],
) -> StackFacts:
    """Put together what is known; *resources* are types and physical ids, nested stacks' included, as *templates* are."""
    values = {
        **parameters,
        "AWS::AccountId": key.account,
        "AWS::Region": key.region,
        "AWS::Partition": partition,
        "AWS::StackName": key.name,
    }
    known = list(resources)
    found = taken(templates, values)
    of_set = _STACK_SET.fullmatch(key.name)
    return StackFacts(
        stack=key,
        state=StackState.HEALTHY,
        exports=tuple(sorted(exports)),
        imports=tuple(sorted(found.imports)),
        unresolved=tuple(sorted(found.unresolved)),
        parameters=tuple(sorted(name for kind, name in known if kind == PARAMETER and name)),
        secrets=tuple(sorted(name for kind, name in known if kind == SECRET and name)),
        template="\n".join(sorted(found.references)),
        tags={name: value for name, value in sorted(tags.items()) if name == TAG or name.startswith(f"{TAG}:")},
        stack_set=of_set["name"] if of_set else None,
        resource_types=tuple(sorted({kind for kind, _ in known})),
    )


def owns(facts: StackFacts) -> tuple[Thing, ...]:
    """What others may need of the stack by name."""
    account, region = facts.stack.account, facts.stack.region
    return (
        *(Thing(EdgeKind.EXPORT, account, region, name) for name in facts.exports),
        *(parameter_of(name, account, region) for name in facts.parameters),
        *(secret(name, account, region) for name in facts.secrets),
    )


def wants(facts: StackFacts, partition: str) -> Iterator[Thing]:
    """What the stack needs by name, each once."""
    key = facts.stack
    place = {"account": key.account, "region": key.region, "partition": partition, "name": key.name}
    read = (reference.thing for reference in references(facts.template, **place) if reference.thing is not None)
    imported = (Thing(EdgeKind.EXPORT, key.account, key.region, name) for name in facts.imports)
    return iter(dict.fromkeys((*imported, *read)))


def named(facts: StackFacts) -> Iterator[StackKey]:
    """The stacks of its own account and region that its tags name; what names no stack is left out."""
    key = facts.stack
    for word in (word for value in facts.tags.values() for word in value.split()):
        parts = word.split("/")
        account, region, name = (*(key.account, key.region, key.name)[: max(0, 3 - len(parts))], *parts)[:3]
        if (account, region) == (key.account, key.region) and NAME.fullmatch(name):
            yield key.model_copy(update={"name": name})
