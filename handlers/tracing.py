"""The one small door to traces: each decision becomes a part of the trace that Lambda or Step Functions has begun.

AWS makes the segments of queue, machine and functions itself, and botocore passes the trace on with every call; what is missing
is which recovery a trace belongs to. That is said here, to the daemon that Lambda runs beside a traced function (X-Ray guide,
"Sending segment documents"), without an SDK: docs/adr/0006. Outside Lambda, and for calls not sampled, nothing happens.
"""

import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

DAEMON_HEADER = b'{"format": "json", "version": 1}\n'
DEFAULT_PORT = 2000
"""Where the X-Ray daemon listens when its environment does not say (X-Ray guide, "Running the daemon")."""
ANNOTATED = ("recovery_id", "stack", "attempt", "outcome", "strategy", "failure_class", "cell")
"""What a trace can be found by: filter expression `annotation.recovery_id = "r-..."`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in which trace a function stands."""

    trace_id: str
    parent_id: str

    @classmethod
    def of(cls, header: str) -> Self | None:
        """Read a tracing header, `Root=...;Parent=...;Sampled=1`; None where the trace is not kept."""
        parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
        if parts.get("Sampled") != "1" or not parts.get("Root") or not parts.get("Parent"):
            return None
        return cls(trace_id=parts["Root"], parent_id=parts["Parent"])


def record(name: str, said: Mapping[str, object]) -> None:
    """Add a moment called *name* to the trace, found by what is said of it."""
    place = Place.of(os.environ.get("_X_AMZN_TRACE_ID", ""))
    daemon = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", "")
    if place is None or not daemon:
        return
    host, _, port = daemon.partition(":")
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon_socket:
        # a recovery must not fail because nobody listens to its trace
        daemon_socket.sendto(DAEMON_HEADER + document(place, name, said, time.time()), (host, int(port or DEFAULT_PORT)))


def document(place: Place, name: str, said: Mapping[str, object], at: float) -> bytes:
    """A subsegment as X-Ray takes it (its guide, "Segment documents"); annotations are text, numbers or truth values."""
    annotations = {key: said[key] for key in ANNOTATED if isinstance(said.get(key), str | int | float)}
    return json.dumps(
        {
            "name": name,
            "id": secrets.token_hex(8),
            "trace_id": place.trace_id,
            "parent_id": place.parent_id,
            "type": "subsegment",
            "start_time": at,
            "end_time": at,
            "annotations": annotations,
        }
    ).encode()
