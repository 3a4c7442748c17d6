"""Functions run the code that was deployed, and change it only when it changed."""

import json
from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator
from sandbox.provider.archives import zip_bytes
from sandbox.provider.wire import UNKNOWN
from tests.sandbox.provider.driver import Driver
from tests.sandbox.provider.example import ACCOUNT, REGION, ROLE
from tests.sandbox.provider.examples import program

pytestmark = pytest.mark.sandbox

FUNCTION, LAYER = "aws:lambda/function:Function", "aws:lambda/layerVersion:LayerVersion"
INPUTS: dict[str, Any] = {"name": "runs", "role": ROLE, "handler": "main.handler", "runtime": "python3.13"}


def returns(word: str) -> str:
    return f"def handler(event, context): return {word!r}\n"


def answer(emulator: Emulator) -> Any:
    called = emulator.session(ACCOUNT, REGION).client("lambda").invoke(FunctionName="runs")
    return json.load(called["Payload"])


def test_new_code_runs(driver: Driver, emulator: Emulator, queue_url: str) -> None:
    """An update of the code alone leaves the function where it is."""
    one = driver.create(FUNCTION, "function", {**INPUTS, "code": program(returns("a"))})
    assert answer(emulator) == "a"
    assert driver.diff(one, {**INPUTS, "code": program(returns("a"))}).changes is False
    new = {**INPUTS, "code": program(returns("b"))}
    assert list(driver.diff(one, new).detailed_diff) == ["code"]
    driver.update(one, new)
    assert answer(emulator) == "b"


def test_code_that_somebody_else_deployed_is_drift(driver: Driver, emulator: Emulator, queue_url: str) -> None:
    """A refresh sees the other digest, and the next deployment sends the code again."""
    inputs = {**INPUTS, "code": program(returns("a"))}
    one = driver.create(FUNCTION, "function", inputs)
    other = driver.create(FUNCTION, "other", {**inputs, "name": "other", "code": program(returns("x"))})
    client = emulator.session(ACCOUNT, REGION).client("lambda")
    client.update_function_code(FunctionName="runs", ZipFile=zip_bytes(other.inputs["code"]))
    assert driver.refresh(one)
    assert list(driver.diff(one, inputs).detailed_diff) == ["code"]
    driver.update(one, inputs)
    assert answer(emulator) == "a"


def test_changed_layer_is_a_new_version(driver: Driver) -> None:
    """A layer version never changes; the new one is made before the old one goes."""
    inputs = {"layerName": "libraries", "code": program("x = 1\n"), "compatibleArchitectures": ["arm64"]}
    one = driver.create(LAYER, "layer", inputs)
    answer = driver.diff(one, {**inputs, "code": program("x = 2\n")})
    assert answer.replaces == ["code"]
    assert answer.delete_before_replace is False


def test_preview_of_an_update_keeps_what_stays(driver: Driver, queue_url: str) -> None:
    """The ARN is known, the digest of the new code is not."""
    one = driver.create(FUNCTION, "function", {**INPUTS, "code": program(returns("a"))})
    foreseen = driver.update(one, {**INPUTS, "code": program(returns("b"))}, preview=True)
    assert foreseen["arn"] == one.state["arn"]
    assert foreseen["codeSha256"] is UNKNOWN
