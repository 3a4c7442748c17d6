"""Errors whose names other parts act on: Step Functions retries and catches by class name."""

from handlers.domain.outcome import Escalation, Reason, Restraint


class TransientError(Exception):
    """AWS could not answer now; the same step, repeated, may succeed. The machine retries it, SQS delivers it again.

    A message that begins as a refusal's, `code: sentence`, is the reason of the escalation when the retries are spent.
    """


class RefusedError(Exception):
    """A recovery that may not go on; the message is `code: sentence`, which Escalate reads back from the Cause."""

    def __init__(self, code: Escalation, sentence: str) -> None:
        self.reason = Reason(code=code, sentence=sentence)
        super().__init__(str(self.reason))


class HeldError(Exception):
    """A recovery that has to wait for people or the calendar; the message is `code: sentence`, and Settle keeps the failure."""

    def __init__(self, code: Restraint, sentence: str) -> None:
        self.reason = Reason(code=code, sentence=sentence)
        super().__init__(str(self.reason))
