"""JSON documents that mean the same get the same form."""

import json
from typing import Final

from sandbox.provider.wire import Value

# Lists in a policy document are sets, and one member may stand without its list.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
_ROOT: Final = ("arn:aws:iam::", ":root")


def json_normal(text: Value) -> Value:
    """A JSON text without its spacing and key order; what is no JSON stays as it is."""
    document = _parsed(text)
    return text if document is None else json.dumps(document, sort_keys=True)


def policy_normal(text: Value) -> Value:
    """A policy document in which list order, single-member lists and number spelling make no difference."""
    document = _parsed(text)
    return text if document is None else json.dumps(_plain(document), sort_keys=True)


def _parsed(text: Value) -> Value:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def _plain(node: Value) -> Value:
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        items = sorted((_plain(item) for item in node), key=lambda item: json.dumps(item, sort_keys=True))
        return items[0] if len(items) == 1 else items
    if isinstance(node, bool):
        return str(node).lower()
    return _account(str(node))


def _account(word: str) -> str:
    """A bare account id in a Principal is the same as the account's root."""
    prefix, suffix = _ROOT
    account = word.removeprefix(prefix).removesuffix(suffix)
    return account if account.isdigit() else word
