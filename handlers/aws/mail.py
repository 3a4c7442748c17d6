"""The cell's queues, by name, in its own account and region."""

from collections.abc import Sequence
from itertools import islice

from pydantic import BaseModel

from handlers.aws.calls import Client, ask
from handlers.domain.errors import TransientError

_BATCH = 10  # SQS's limit of entries for one SendMessageBatch


class Mail:
    """Sends models as JSON."""

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._account = account

    def send(self, queue: str, messages: Sequence[BaseModel]) -> None:
        """Send *messages* to *queue*; when SQS does not take one of them, that is a TransientError."""
        pending = iter(messages)
        while batch := list(islice(pending, _BATCH)):
            entries = [{"Id": str(number), "MessageBody": each.model_dump_json()} for number, each in enumerate(batch)]
            answer = ask(self._client.send_message_batch, QueueUrl=self._url(queue), Entries=entries)
            if failed := answer.get("Failed"):
                raise TransientError(f"{queue} did not take {len(failed)} of {len(batch)} messages: {failed[0].get('Message')}")

    def pass_on(self, queue: str, body: str) -> None:
        """Send a message as it came."""
        ask(self._client.send_message, QueueUrl=self._url(queue), MessageBody=body)

    def _url(self, queue: str) -> str:
        return f"{self._client.meta.endpoint_url}/{self._account}/{queue}"
