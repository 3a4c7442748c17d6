"""The topic that calls people."""

from handlers.aws.calls import Client, ask

_SUBJECT_LENGTH = 100  # SNS's limit; a longer subject is refused, and with it the alert


class Alerts:
    """Publishes to the cell's alert topic."""

    def __init__(self, client: Client, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def raise_alert(self, subject: str, text: str) -> None:
        """Publish *text*; SNS takes only printable ASCII in a subject."""
        plain = subject.encode("ascii", "replace").decode()[:_SUBJECT_LENGTH]
        ask(self._client.publish, TopicArn=self._topic_arn, Subject=plain, Message=text)
