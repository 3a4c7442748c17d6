"""Who sent a message, as SQS says it: the one thing about a message that its sender cannot choose."""

from handlers.domain.approval import person_of


def is_sent_by(sender_id: str, arn: str) -> bool:
    """Whether the message came from the session that *arn* names.

    SQS gives the principal's unique id, `AROA...:SESSION` for a role's session (SQS API reference, ReceiveMessage, "SenderId";
    IAM guide, "Unique identifiers"). A role's id says nothing to a reader, so names are compared, as approvals do. A user's id
    names nobody, and is refused: people act through the operator role, whose trust fixes the session's name.
    """
    head, _, session = sender_id.partition(":")
    return head.startswith("AROA") and ":assumed-role/" in arn and bool(session) and session == person_of(arn)
