"""What the starter of the emulator may tell it: commands over HTTP, under a token that no function ever sees."""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack import app

PREFIX = "/_stackmend/"
TOKEN_HEADER = "x-stackmend-token"  # noqa: S105 - the header's name

Command = Callable[[Mapping[str, str]], Any]
Answer = tuple[int, dict[str, str], bytes]

_COMMANDS: dict[str, Command] = {}


def command(name: str, act: Command) -> None:
    """Let `POST /_stackmend/<name>?key=value` call *act*; what it answers is sent back as JSON."""
    _COMMANDS[name] = act


def install(token: str) -> None:
    """Answer commands that bear *token*; anything else under the prefix is refused, and no AWS call is touched."""
    original: Callable[..., Awaitable[Answer | None]] = app._handle_pre_body_request

    async def answer(
        method: str, path: str, headers: dict[str, str], query: dict[str, list[str]], request_id: str
    ) -> Answer | None:
        if not path.startswith(PREFIX):
            return await original(method, path, headers, query, request_id)
        if not hmac.compare_digest(headers.get(TOKEN_HEADER, ""), token):
            return _answer(403, {"error": "this is not the token that the emulator was started with"})
        return run(path.removeprefix(PREFIX), {key: values[0] for key, values in query.items()})

    app._handle_pre_body_request = answer


def run(name: str, arguments: Mapping[str, str]) -> Answer:
    """Run one command."""
    act = _COMMANDS.get(name)
    if act is None:
        return _answer(404, {"error": f"no command {name!r}; there are {sorted(_COMMANDS)}"})
    try:
        return _answer(200, act(arguments))
    except KeyError as missing:
        return _answer(400, {"error": f"{name} needs {missing}"})


def _answer(status: int, content: Any) -> Answer:  # noqa: ANN401 - whatever JSON can say
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
