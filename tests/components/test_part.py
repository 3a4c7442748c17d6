"""An environment in parts: described once, each part deployed by its own stack, and nothing twice or never."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.part import Part, parts_of, problems_of_parts, settings_beside
from components.settings import Settings, SettingsError
from tests.components.conftest import Recording, Synth, settings_of

ROOT = Path(__file__).parents[2]
HUB = {"of": "prod", "hub": True}
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """The folder of an environment `prod` and its *parts* by stack."""

    def files(**parts: dict[str, Any]) -> Path:
        (tmp_path / "Pulumi.prod.yaml").write_text((ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8"), encoding="utf-8")
        for stack, part in parts.items():
            text = yaml.safe_dump({"config": {"stackmend:part": part}})
            (tmp_path / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")
        return tmp_path

    return files


def wave(*accounts: str) -> dict[str, Any]:
    return {"of": "prod", "accounts": list(accounts)}


def test_settings_stand_in_one_file(write: Write) -> None:
    """A part reads what the whole reads, word for word."""
    folder = write(hub=HUB, first=wave("payments"), rest=wave("orders", "analytics"))

    assert settings_beside(folder, Part(of="prod")) == settings_of("Pulumi.prod.yaml")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        (
            {"hub": HUB, "first": wave("payments"), "rest": wave("orders")},
            "stackmend:part.accounts: analytics is in no part of prod; add it to one",
        ),
        (
            {"hub": HUB, "first": wave("payments", "orders"), "rest": wave("orders", "analytics")},
            "stackmend:part.accounts: orders in Pulumi.first.yaml, Pulumi.rest.yaml: deployed 2 times; leave it in exactly one",
        ),
        (
            {"hub": HUB, "all": wave("payments", "orders", "analytics", "nobody")},
            "stackmend:part.accounts: nobody in Pulumi.all.yaml: prod has no such account; correct or remove it",
        ),
        (
            {"all": wave("payments", "orders", "analytics")},
            "stackmend:part.hub: true in no file of prod; write it in exactly one",
        ),
        (
            {"hub": HUB, "all": wave("payments", "orders", "analytics") | {"hub": True}},
            "stackmend:part.hub: true in Pulumi.all.yaml, Pulumi.hub.yaml of prod; write it in exactly one",
        ),
    ],
)
def test_every_account_and_the_hub_are_in_exactly_one_part(write: Write, parts: dict[str, Any], problem: str) -> None:
    """Each stack looks at all files beside its own, and refuses before it makes anything."""
    with pytest.raises(SettingsError, match=re.escape(problem)):
        settings_beside(write(**parts), Part(of="prod"))


def test_parts_of_other_environments_do_not_count(write: Write) -> None:
    """Two environments may stand in one folder."""
    folder = write(hub=HUB, all=wave("payments", "orders", "analytics"), other={"of": "staging", "hub": True})

    assert list(problems_of_parts(folder, settings_of("Pulumi.prod.yaml"))) == []


def test_an_environment_that_is_not_described_is_named(write: Write) -> None:
    """With the file that was looked for."""
    with pytest.raises(SettingsError, match=r"stackmend:part.of: nowhere: .*Pulumi\.nowhere\.yaml does not exist"):
        settings_beside(write(hub=HUB), Part(of="nowhere"))
    with pytest.raises(SettingsError, match=r"stackmend:part.of: hub: .*Pulumi\.hub\.yaml has no stackmend:settings"):
        settings_beside(write(hub=HUB), Part(of="hub"))


@pytest.mark.parametrize("content", [{"hub": True}, {"of": "prod", "account": "payments"}, {"of": "prod", "hub": "yes"}, "prod"])
def test_a_part_that_says_something_else_is_refused(content: object) -> None:
    """By stack and field."""
    with pytest.raises(SettingsError, match="first: stackmend:part"):
        Part.load(content, "first")


@pytest.mark.parametrize("file", ["Pulumi.prod.yaml", "Pulumi.staging.yaml", "sandbox/Pulumi.sandbox.yaml"])
def test_the_parts_that_are_shipped_are_complete(file: str) -> None:
    """What stands in the repository can be deployed."""
    assert list(problems_of_parts((ROOT / file).parent, settings_of(file))) == []


def test_the_shipped_parts_deploy_the_hub_first_and_every_account_in_a_wave() -> None:
    """Named as docs/deploying.md names them."""
    shipped = parts_of(ROOT, "prod")

    assert {file: (part.hub, part.accounts) for file, part in shipped.items()} == {
        "Pulumi.prod-hub.yaml": (True, ()),
        "Pulumi.prod-first.yaml": (False, ("analytics",)),
        "Pulumi.prod-second.yaml": (False, ("orders", "payments")),
    }


@pytest.fixture(scope="module")
def parts(synth: Synth) -> tuple[Recording, Recording, Recording]:
    """The whole of `prod`, its hub alone, and one wave."""
    settings = settings_of("Pulumi.prod.yaml")
    hub, first = Part(of="prod", hub=True), Part(of="prod", accounts=("payments",))
    return synth(settings), synth(settings, hub), synth(settings, first)


def test_the_hub_holds_every_cells_door_and_no_cell(parts: tuple[Recording, Recording, Recording]) -> None:
    """A cell may come later: its way to its lease is known by name."""
    _, hub, _ = parts
    settings: Settings = settings_of("Pulumi.prod.yaml")

    assert {hub.place_of(one)[0] for one in hub.resources_seen if one.is_custom and one.provider} == {settings.hub.account}
    assert len([one for one in hub.of("Role") if one.name.startswith("lease-")]) == 2 * len(settings.cells)
    assert hub.outputs["cells"] == {}


def test_a_wave_touches_its_own_accounts_alone(parts: tuple[Recording, Recording, Recording]) -> None:
    """Not even a provider for another account: who deploys a wave needs no way into the hub."""
    _, _, first = parts
    accounts = {first.place_of_provider(one.urn)[0] for one in first.of("pulumi:providers:aws")}

    assert accounts == {"444455556666"}
    assert sorted(first.outputs["cells"]) == ["payments-us-east-1", "payments-us-east-2", "payments-us-west-2"]
    assert "lease_table" not in first.outputs


def test_parts_make_what_the_whole_makes(parts: tuple[Recording, Recording, Recording]) -> None:
    """The same resources under the same names, so that a whole can be split later."""
    whole, hub, first = parts
    names = {(one.type, one.name) for one in whole.resources_seen}
    split = {(one.type, one.name) for recording in (hub, first) for one in recording.resources_seen}

    assert split <= names
    assert {name for _, name in names - split if not name.startswith(("orders-", "analytics-"))} == set()
