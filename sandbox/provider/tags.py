"""Tags the same way for every service: a provider's default tags below the resource's own."""

from botocore.exceptions import ClientError

from sandbox.provider.resource import Call, Tagging, pairs
from sandbox.provider.wire import Values


def read_tags(call: Call, tagging: Tagging) -> Values:
    """`tags` and `tagsAll` as AWS shows them; a default tag is not counted among the resource's own."""
    answer = _answer(call, tagging)
    shown = answer.get(tagging.whole or tagging.shown or tagging.tags) or {}
    found = {tag[tagging.pair[0]]: tag[tagging.pair[1]] for tag in shown} if tagging.pair else dict(shown)
    own = call.inputs.get("tags", {})
    defaults = call.account.default_tags
    return {
        "tags": {key: value for key, value in found.items() if key in own or defaults.get(key) != value},
        "tagsAll": found,
    }


def _answer(call: Call, tagging: Tagging) -> Values:
    try:
        answer: Values = getattr(call.client, tagging.read)(**{tagging.handle: call.known[tagging.by]})
    except ClientError as error:
        if error.response["Error"]["Code"] != tagging.absent:
            raise
        return {}
    return answer


def write_tags(call: Call, tagging: Tagging) -> None:
    """Makes the resource carry exactly the tags that it shall carry."""
    wanted, found = call.tags, call.state.get("tagsAll", {})
    handle = {tagging.handle: call.known[tagging.by]}
    if tagging.whole:
        if wanted:
            getattr(call.client, tagging.write)(**handle, **{tagging.tags: {tagging.whole: pairs(wanted)}})
        else:
            getattr(call.client, tagging.erase)(**handle)
        return
    if surplus := [key for key in found if key not in wanted]:
        getattr(call.client, tagging.erase)(**handle, **{tagging.keys: surplus})
    missing = {key: value for key, value in wanted.items() if found.get(key) != value}
    if missing:
        tags = pairs(missing, tagging.pair) if tagging.pair else missing
        getattr(call.client, tagging.write)(**handle, **{tagging.tags: tags})
