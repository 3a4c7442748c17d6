"""What the machine's functions share: a payload comes in, a plain answer goes out, and every line names the recovery."""

from handlers.domain.payload import Payload
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, introduce


def begin(function: str, payload: Payload) -> Runtime:
    """Introduce a function that works on a recovery."""
    runtime = worker()
    introduce(runtime.cell, function)
    about(recovery_id=payload.recovery_id, stack=str(payload.stack))
    return runtime
