"""The kinds of failure that a diagnosis can name."""

from enum import StrEnum


class FailureClass(StrEnum):
    """What an engineer would act on, not where the text came from.

    transient            AWS itself stumbled, or reads did not yet see a write: the same call may work in a minute.
    throttling           Too many calls, or too many at once: the same call works later, more slowly.
    capacity             AWS has no room for it in that place now: elsewhere, another size, or later.
    quota                An account or resource limit is reached: raise it or free something. Waiting changes nothing.
    permission           Somebody may not: an identity, a role that cannot be assumed, an account that is not enabled, a deny.
    already_exists       The name or the association is taken: adopt, rename or remove the other one.
    not_found            Something that is referred to is not there.
    dependency_in_use    It cannot go or change while something else uses it, or while something is in it.
    not_stabilized       It was made, and never became healthy or never said so in time; why stands in its own logs.
    invalid_input        The template asks for what cannot be: value, combination, policy, control. Never heals by itself.
    custom_resource      The code behind a custom resource failed or stayed silent without naming an AWS cause.
    drift_or_conflict    Another operation is at it, or its state is not the one that the change supposes.
    terminal_state       The stack rests where this operation is not legal (failed states, termination protection).
    cancelled            Stopped because something else failed or somebody said so: a consequence.
    no_op                There was nothing to change.
    unknown              The text does not say. An honest answer: a roll-up line, an empty reason, a wording never seen.
    """

    TRANSIENT = "transient"
    THROTTLING = "throttling"
    CAPACITY = "capacity"
    QUOTA = "quota"
    PERMISSION = "permission"
    ALREADY_EXISTS = "already_exists"
    NOT_FOUND = "not_found"
    DEPENDENCY_IN_USE = "dependency_in_use"
    NOT_STABILIZED = "not_stabilized"
    INVALID_INPUT = "invalid_input"
    CUSTOM_RESOURCE = "custom_resource"
    DRIFT_OR_CONFLICT = "drift_or_conflict"
    TERMINAL_STATE = "terminal_state"
    CANCELLED = "cancelled"
    NO_OP = "no_op"
    UNKNOWN = "unknown"


MAY_PASS_BY_ITSELF = frozenset({FailureClass.TRANSIENT, FailureClass.THROTTLING, FailureClass.CAPACITY})
"""Classes for which trying the same again, later, can be right. Calling a permanent cause one of these burns retries."""
