"""The door to traces: what is told to Lambda's daemon, and when nothing is."""

import json
import socket
from collections.abc import Iterator
from enum import StrEnum

import pytest

from handlers import tracing
from handlers.telemetry import begin_subject, report

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


class SomeOutcome(StrEnum):
    DONE = "done"


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Lambda's daemon: takes datagrams, answers nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{listening.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)
        yield listening


def heard(daemon: socket.socket) -> dict[str, object]:
    head, _, body = daemon.recv(65536).partition(b"\n")
    assert json.loads(head) == {"format": "json", "version": 1}
    told: dict[str, object] = json.loads(body)
    return told


def is_silent(daemon: socket.socket) -> bool:
    """Whether nothing is there: over loopback a datagram lies in the buffer when `sendto` returns."""
    daemon.setblocking(False)
    try:
        daemon.recv(1)
    except BlockingIOError:
        return True
    return False


def test_a_decision_is_a_part_of_the_functions_trace(daemon: socket.socket) -> None:
    """Found by its recovery, and beside the log line that says the same."""
    begin_subject(recovery_id="r-1", stack="222222222222/us-east-1/app-one", attempt=2)
    report(SomeOutcome.DONE, reason="it is well")
    told = heard(daemon)

    assert (told["name"], told["type"]) == ("Some", "subsegment")
    assert (told["trace_id"], told["parent_id"]) == ("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
    annotations = told["annotations"]
    assert isinstance(annotations, dict)
    assert annotations["recovery_id"] == "r-1"
    assert (annotations["attempt"], annotations["outcome"]) == (2, "done")
    assert "reason" not in annotations


@pytest.mark.parametrize(
    "header", ["", HEADER.replace("Sampled=1", "Sampled=0"), "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", "nonsense"]
)
def test_what_is_not_kept_is_not_told(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, header: str) -> None:
    """Nor what has no place in a trace."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    tracing.record("Some", {"outcome": "done"})

    assert is_silent(daemon)


def test_without_a_daemon_nothing_happens(daemon: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a laptop there is none."""
    monkeypatch.delenv("AWS_XRAY_DAEMON_ADDRESS")
    tracing.record("Some", {"outcome": "done"})

    assert is_silent(daemon)


def test_a_daemon_that_cannot_be_reached_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recovery is worth more than its trace."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", HEADER)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "256.256.256.256:2000")

    tracing.record("Some", {"outcome": "done"})


def test_an_annotation_is_of_a_kind_that_x_ray_takes() -> None:
    """Text, a number or a truth value; anything else is left out."""
    place = tracing.Place.of(HEADER)
    assert place is not None
    told = json.loads(tracing.document(place, "Some", {"stack": None, "attempt": 1, "cell": ["a"]}, 1.5))

    assert told["annotations"] == {"attempt": 1}
    assert (told["start_time"], told["end_time"]) == (1.5, 1.5)
    assert len(told["id"]) == 16
