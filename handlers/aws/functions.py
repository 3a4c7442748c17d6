"""The cell's own functions, called without waiting for their answer."""

from pydantic import BaseModel

from handlers.aws.calls import Client, ask


class Functions:
    """Invokes asynchronously: Lambda keeps the event, and repeats it when the function fails."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def invoke(self, name: str, event: BaseModel) -> None:
        """Hand *event* to the function *name*."""
        ask(self._client.invoke, FunctionName=name, InvocationType="Event", Payload=event.model_dump_json().encode())
