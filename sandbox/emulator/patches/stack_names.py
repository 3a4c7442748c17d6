"""A stack in ROLLBACK_COMPLETE keeps its name: it "can only be deleted", so CreateStack over it is refused."""

from sandbox.emulator.hooks import Answer, Parameters, StackHandler, around_stack_actions, parameter, refuse, stack_record


def install() -> None:
    """Refuse CreateStack over a stack whose creation was rolled back."""
    around_stack_actions(["CreateStack"], _create)


def _create(_: str, original: StackHandler, parameters: Parameters) -> Answer:
    name = parameter(parameters, "StackName")
    existing = stack_record(name)
    if existing is not None and existing.get("StackStatus") == "ROLLBACK_COMPLETE":
        return refuse("AlreadyExistsException", f"Stack [{name}] already exists")
    return original(parameters)
