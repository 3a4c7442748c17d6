"""Writes the table of error codes that `handlers.domain.diagnosis_codes` reads, from botocore's service models.

Run `python -m bench.error_shapes` after botocore was raised; a test fails while the table is older than the models.
"""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from botocore.loaders import Loader

from handlers.domain.diagnosis_codes import TABLE, class_of_status, class_of_words
from handlers.domain.failure_class import FailureClass

SERVER_STATUS = 500
"""Statuses from here on are the server's (RFC 9110)."""


def error_shapes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every error code of every service, with the shape that describes it."""
    loader = Loader()
    for service in loader.list_available_services("service-2"):
        for name, shape in loader.load_service_model(service, "service-2")["shapes"].items():
            if shape.get("exception"):
                yield shape.get("error", {}).get("code", name), shape


def class_of_shape(code: str, shape: dict[str, Any]) -> FailureClass | None:
    """Traits that only AWS can set first, then the words of the name, then a client's HTTP status.

    A server's status alone says nothing: models give 500 to `KMSDisabledException`, which no retry will heal.
    """
    if shape.get("retryable", {}).get("throttling"):
        return FailureClass.THROTTLING
    status = shape.get("error", {}).get("httpStatusCode")
    by_words = class_of_words(code)
    is_clients = status is not None and status < SERVER_STATUS
    if by_words is FailureClass.TRANSIENT and is_clients:
        return None  # "Unavailable" with a client's status is the client's own doing
    return by_words or (class_of_status(status) if is_clients else None)


def agreed() -> dict[str, FailureClass]:
    """Classes of all codes; services that disagree leave the code to the words of the message."""
    seen: dict[str, set[FailureClass]] = defaultdict(set)
    for code, shape in error_shapes():
        if (failure_class := class_of_shape(code, shape)) is not None:
            seen[code].add(failure_class)
    return {code: classes.pop() for code, classes in seen.items() if len(classes) == 1}


def packed() -> bytes:
    """The table as it is stored: the same bytes for the same models."""
    by_class: dict[str, list[str]] = defaultdict(list)
    for code, failure_class in agreed().items():
        by_class[failure_class].append(code)
    table = {name: " ".join(sorted(by_class[name])) for name in sorted(by_class)}
    return zlib.compress(json.dumps(table, separators=(",", ":")).encode(), 9)


if __name__ == "__main__":
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_bytes(packed())
