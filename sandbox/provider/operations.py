"""Create, read, update and delete, the same for every type of resource."""

from dataclasses import replace

from botocore.exceptions import ClientError

from sandbox.provider.errors import ResourceVanishedError
from sandbox.provider.resource import Call
from sandbox.provider.state import changes, state_after
from sandbox.provider.tags import read_tags, write_tags
from sandbox.provider.wire import Values


def create(call: Call) -> tuple[str, Values]:
    """Makes the resource; what cannot be finished is deleted again, so that nothing is left that no state knows."""
    made = replace(call, id=call.type.create(call))
    try:
        if call.type.finish:
            call.type.finish(made)
        return made.id, _seen(made)
    except Exception as failed:
        try:
            delete(made)
        except ClientError as left:
            failed.add_note(f"{made.id} was made and could not be deleted again: {left}")
        raise


def read(call: Call) -> Values | None:
    """The state as AWS shows it now, or None when the resource is gone."""
    try:
        seen = call.type.read(call)
        if seen is not None and call.type.tagging:
            seen |= read_tags(replace(call, state={**call.state, **seen}), call.type.tagging)
    except ClientError as error:
        if _is_gone(call, error):
            return None
        raise
    return None if seen is None else state_after(call, seen)


def update(call: Call) -> Values:
    """Changes what differs, and nothing else."""
    call = replace(call, changed=frozenset(changes(call)))
    if call.type.update and call.changed - {"tagsAll"}:
        call.type.update(call)
    if call.type.tagging and "tagsAll" in call.changed:
        write_tags(call, call.type.tagging)
    outputs = {name: value for name, value in call.state.items() if name not in call.type.properties}
    return _seen(replace(call, state=outputs))  # where AWS shows nothing, the new inputs count, not the old state


def delete(call: Call) -> None:
    """Deletes the resource; one that is gone already is no error."""
    try:
        call.type.delete(call)
    except ClientError as error:
        if not _is_gone(call, error):
            raise


def _seen(call: Call) -> Values:
    state = read(call)
    if state is None:
        raise ResourceVanishedError(
            f"{call.type.pulumi_type}: {call.id} is not there after its change: refresh, and deploy again"
        )
    return state


def _is_gone(call: Call, error: ClientError) -> bool:
    return error.response["Error"]["Code"] in call.type.gone
