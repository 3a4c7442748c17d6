"""An emulator for the whole package, and a provider that speaks to it in this process."""

from collections.abc import Iterator

import pytest

from sandbox.emulator.launcher import Emulator, running
from sandbox.provider.provider import AwsProvider
from tests.sandbox.provider.driver import Driver
from tests.sandbox.provider.example import ACCOUNT, REGION
from tests.sandbox.provider.examples import NEEDS


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def environment(emulator: Emulator, monkeypatch_module: pytest.MonkeyPatch) -> Emulator:
    """The emulator, with this process set up to speak to it as the root of the workload account."""
    credentials = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "any"}
    for name, value in {**emulator.environment(), **credentials}.items():
        monkeypatch_module.setenv(name, value)
    return emulator


@pytest.fixture
def driver(environment: Emulator) -> Iterator[Driver]:
    """A configured provider; what a test deploys with it is deleted again."""
    one = Driver(AwsProvider())
    one.configure(region=REGION, allowedAccountIds=[ACCOUNT], defaultTags={"tags": {"system": "stackmend"}})
    yield one
    one.delete_all()


@pytest.fixture(scope="module")
def queue_url(environment: Emulator) -> Iterator[str]:
    """What the examples refer to is there; the url of its queue."""
    one = Driver(AwsProvider())
    one.configure(region=REGION)
    urls = [
        one.create(each.type, f"needs-{each.name}-{number}", each.inputs).state.get("url") for number, each in enumerate(NEEDS)
    ]
    yield next(url for url in urls if url)
    one.delete_all()
