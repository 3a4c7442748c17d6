"""The cell's queues, by name, in its own account and region."""

from pydantic import BaseModel

from handlers.aws.calls import Client, ask


class Mail:
    """Sends to a queue; a message that SQS does not take is an error, never dropped."""

    def __init__(self, client: Client, account: str) -> None:
        self._client = client
        self._account = account

    def send(self, queue: str, message: BaseModel) -> None:
        """Send a model as JSON."""
        self.pass_on(queue, message.model_dump_json())

    def pass_on(self, queue: str, body: str) -> None:
        """Send a message as it came."""
        url = f"{self._client.meta.endpoint_url}/{self._account}/{queue}"
        ask(self._client.send_message, QueueUrl=url, MessageBody=body)
