"""Every way in which a handler's work can end, by name. An event that ends in none of them is a defect."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class IntakeOutcome(StrEnum):
    """What became of a message in the intake queue."""

    MALFORMED = "malformed"  # not an event that we know; failed item: the redrive policy moves it to the DLQ
    UNKNOWN_STATUS = "unknown_status"  # a stack status this version has never heard of; failed item
    FOREIGN = "foreign"  # another account's or region's stack; failed item, since the rule should not have sent it
    UNKNOWN_SENDER = "unknown_sender"  # a person's word that another session sent; failed item
    SIMULATED = "simulated"  # a person asked what would be done; the machine says so, and nothing is changed
    NOT_A_FAILURE = "not_a_failure"  # in progress, or at rest and healthy
    UNMANAGED = "unmanaged"  # no pattern matches the name
    MODE_OFF = "mode_off"
    NESTED = "nested"  # the root speaks for it
    VANISHED = "vanished"  # deleted since, or never there
    LATE = "late"  # the stack has moved on and has not failed now
    DUPLICATE = "duplicate"  # this failure is known; an open one's execution runs
    HELD = "held"  # another recovery holds the stack's claim, and answers for it as it is
    NO_LEASE = "no_lease"  # the heartbeat brings the stack again
    STOPPED = "stopped"  # by the kill switch of cell or environment; recorded as waiting, the heartbeat brings it again
    PAUSED = "paused"  # by a person, this stack alone; recorded as waiting, as above
    FROZEN = "frozen"  # by a freeze window of the settings; recorded as waiting, as above
    PARKED = "parked"  # behind failed stacks that it needs; the last of them that is recovered brings it again
    NO_ROOM = "no_room"  # its cell has as many recoveries as it may: parked, and started when one of them ends
    BEHIND_GIVEN_UP = "behind_given_up"  # what it needs cannot be recovered: escalated as a part of that incident
    BREAKER_OPEN = "breaker_open"  # of the stack or the cell, after repeated failure; recorded as waiting, as above
    WITHIN_LIMIT = "within_limit"  # in progress, and not for longer than its tier allows
    STARTED = "started"
    RESTARTED = "restarted"  # the claim had been written, its execution had not been started


class NoticeOutcome(StrEnum):
    """What became of a message in the notice queue."""

    MALFORMED = "malformed"  # failed item, as in intake
    UNKNOWN_STATUS = "unknown_status"
    FOREIGN = "foreign"
    IN_PROGRESS = "in_progress"  # our operation goes on
    NO_SUCH_ATTEMPT = "no_such_attempt"  # our token, not in the ledger: handed to intake
    WOKEN = "woken"  # the attempt has ended and its execution knows
    NOBODY_WAITS = "nobody_waits"  # the execution had been told, or has gone; the heartbeat looks after the rest
    NOT_STARTED = "not_started"  # overdue, no event bears the token: the machine's retry or time-out decides
    ABANDONED = "abandoned"  # overdue, never started, and its recovery is over: taken off the list


class CaptureOutcome(StrEnum):
    """What became of a message in the capture queue."""

    MALFORMED = "malformed"  # failed item, as in intake
    UNKNOWN_STATUS = "unknown_status"
    FOREIGN = "foreign"
    UNMANAGED = "unmanaged"
    MODE_OFF = "mode_off"
    NESTED = "nested"  # captured with its root
    VANISHED = "vanished"
    MOVED_ON = "moved_on"  # while it was looked at; what it became has an event of its own
    EVIDENCE = "evidence"  # a failure that shows no new version: only its events are kept
    CANDIDATE = "candidate"  # a version that nobody has seen working is in the vault
    GOOD = "good"  # the stack is healthy and whole, and this is its last known good version
    WITHHELD = "withheld"  # healthy, and not called good: the reason says why


class ActOutcome(StrEnum):
    """What an act function did, short of refusing."""

    ORDERED = "ordered"  # CloudFormation accepted the operation
    ADOPTED = "adopted"  # it is in progress already, by our own earlier call
    NOTHING_TO_WAIT_FOR = "nothing_to_wait_for"  # ended, vanished, healed or in other hands: the machine was told at once


class Settlement(StrEnum):
    """How a recovery ended without a person being called."""

    RECOVERED = "recovered"  # by our operation, proven by the criteria
    HEALED_ELSEWHERE = "healed_elsewhere"  # healthy, and not by our doing
    VANISHED = "vanished"  # the stack (or this generation of it) is gone
    IN_OTHER_HANDS = "in_other_hands"  # somebody else's operation is in progress; its end is an event of its own
    OBSERVED = "observed"  # mode observe: diagnosed and recorded, nothing changed
    SWITCHED_OFF = "switched_off"  # mode off, or no pattern any more, since the claim
    SIMULATED = "simulated"  # a person asked what would be done: it is written down, and nothing was changed


class Restraint(StrEnum):
    """Why a stack is left alone for now: its failure waits, nobody is called, and it is taken up again afterwards."""

    STOPPED = "stopped"  # kill switch of the cell or the environment
    PAUSED = "paused"  # a person's word about this stack
    FROZEN = "frozen"  # a freeze window of the settings
    BREAKER_OPEN = "breaker_open"  # after repeated failure of the stack, of its failure class or of the cell


class Escalation(StrEnum):
    """Why a person is called."""

    NO_STRATEGY = "no_strategy"  # for this status
    CAUSE_MUST_BE_REMOVED = "cause_must_be_removed"  # permanent: trying again cannot help
    NOT_SKIPPABLE = "not_skippable"  # what stopped the rollback may not be left behind, or CloudFormation would not
    HOLDS_DATA = "holds_data"  # deleting the stack could lose what cannot be made again
    NEVER_STABLE = "never_stable"  # no event proves that it ever was: RollbackStack would delete it
    TERMINATION_PROTECTED = "termination_protected"  # deleting is what is left, and its owner has forbidden that: never lifted
    OWNED_ELSEWHERE = "owned_elsewhere"  # StackSets, Service Catalog or Control Tower repair it
    STUCK_IN_PROGRESS = "stuck_in_progress"  # an operation that is not ours lasts longer than the tier allows
    NO_ROLE = "no_role"  # neither service role nor repair role
    SERVICE_ROLE_UNUSABLE = "service_role_unusable"  # deleted, or CloudFormation cannot assume it
    APPROVAL_DUE = "approval_due"  # and nobody may be asked, because the settings name no approver
    PROPOSED = "proposed"  # mode propose, and nobody may be asked
    APPROVAL_REJECTED = "approval_rejected"
    APPROVAL_EXPIRED = "approval_expired"  # nobody answered in time, or the answer was too old
    APPROVAL_VOID = "approval_void"  # woken without an answer, or what was approved is not what would be done
    ATTEMPTS_SPENT = "attempts_spent"
    CRITERION_FAILED = "criterion_failed"
    CHANGED_UNDER_US = "changed_under_us"  # at rest in another failed status than the one that was planned for
    NOT_PLANNED = "not_planned"  # the plan in the ledger is not the one that this step was chosen from
    CLAIM_LOST = "claim_lost"
    NO_LEASE = "no_lease"
    MODE_FORBIDS = "mode_forbids"  # the settings changed since the plan
    DEPENDENCY_GIVEN_UP = "dependency_given_up"  # a stack that it needs could not be recovered: a part of that stack's incident
    REFUSED_BY_CLOUDFORMATION = "refused_by_cloudformation"
    EXECUTION_DIED = "execution_died"  # failed, timed out, aborted, or ended without settling
    STEP_FAILED = "step_failed"  # a state's Catch: a defect, a time-out, or retries spent


class CloseOutcome(StrEnum):
    """What Settle or Escalate did with the ledger."""

    CLOSED = "closed"
    ALREADY_CLOSED = "already_closed"  # a repeat, or the other of the two came first


class BreakerOutcome(StrEnum):
    """What was done about an open breaker."""

    CALLED = "called"  # people were told of it
    CLOSED_QUIETLY = "closed_quietly"  # its time had long been over and nothing came that could have tried
    NOTHING_DUE = "nothing_due"  # a repeat, or it is closed


class AskOutcome(StrEnum):
    """What came of asking for a person's word."""

    ASKED = "asked"  # the request is kept, and people were told
    ASKED_BEFORE = "asked_before"  # a repeat: they know
    ANSWERED = "answered"  # the answer is there already: the machine was woken


class ApproveOutcome(StrEnum):
    """What became of a person's answer."""

    ANSWERED = "answered"  # kept, and the recovery was woken
    REPEATED = "repeated"  # the same answer by the same person: the recovery was woken once more
    SHOWN = "shown"  # nothing was answered, the request was read
    MALFORMED = "malformed"
    NO_IDENTITY = "no_identity"  # the call did not come through the function's URL, which alone says who calls
    NOT_AN_APPROVER = "not_an_approver"
    NO_SUCH_REQUEST = "no_such_request"
    ALREADY_ANSWERED = "already_answered"
    EXPIRED = "expired"
    OWN_REQUEST = "own_request"  # nobody approves a recovery that they started
    OTHER_PLAN = "other_plan"  # the answer is to another plan than the one that is asked for
    RECOVERY_OVER = "recovery_over"  # it ended, or another region has taken it over
    STACK_CHANGED = "stack_changed"


class BeatOutcome(StrEnum):
    """How a heartbeat went."""

    BEAT = "beat"
    LEASE_ELSEWHERE = "lease_elsewhere"  # another region holds it: nothing else was done
    LEASE_UNRENEWABLE = "lease_unrenewable"  # no control region took the renewal: nothing else was done


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A code that programs read and a sentence that people read; both travel as one text, `code: sentence`."""

    code: StrEnum
    sentence: str

    def __str__(self) -> str:
        return f"{self.code.value}: {self.sentence}"

    @classmethod
    def read(cls, text: str, codes: type[StrEnum]) -> Self | None:
        """Take a text apart; None when it does not begin with one of *codes*."""
        code, _, sentence = text.partition(": ")
        if code not in {member.value for member in codes}:
            return None
        return cls(code=codes(code), sentence=sentence)
