"""What is echoed is listed, and what is listed exists."""

from sandbox.provider import ECHOED
from sandbox.provider.account import Account, ProviderArgs
from sandbox.provider.echoed import echoed
from sandbox.provider.resource import Call
from sandbox.provider.resources import TYPES
from sandbox.provider.state import state_after

TABLE = "aws:dynamodb/table:Table"


def test_every_entry_names_a_described_property_and_says_why() -> None:
    """A renamed property cannot leave a stale entry behind."""
    for entry in ECHOED:
        outer, _, inner = entry.property.partition(".")
        prop = TYPES[entry.type].properties[outer]
        assert not inner or inner in prop.fields, entry
        assert entry.why


def test_partial_entries_are_left_to_their_module() -> None:
    """A stream is only echoed for a strongly consistent table; for others its drift is found."""
    assert "streamEnabled" in {entry.property for entry in ECHOED if entry.type == TABLE}
    assert "streamEnabled" not in echoed(TABLE)


def test_echoed_fields_of_a_list_are_kept_by_their_key() -> None:
    """Each replica keeps its own settings, whatever the order; one that is new has none to keep."""
    said = [{"regionName": "b", "pointInTimeRecovery": True}, {"regionName": "a", "pointInTimeRecovery": False}]
    seen = [{"regionName": region, "pointInTimeRecovery": False} for region in ("a", "b", "c")]
    call = Call(account=Account(ProviderArgs(region="us-east-1")), type=TYPES[TABLE], inputs={"replicas": said})
    replicas = state_after(call, {"replicas": seen})["replicas"]
    assert {replica["regionName"]: replica.get("pointInTimeRecovery") for replica in replicas} == {
        "a": False,
        "b": True,
        "c": None,
    }


def test_echoed_field_of_an_object_is_kept() -> None:
    """The part that the emulator does keep is still read."""
    call = Call(
        account=Account(ProviderArgs(region="us-east-1")),
        type=TYPES[TABLE],
        inputs={"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7}},
    )
    state = state_after(call, {"pointInTimeRecovery": {"enabled": False}})
    assert state["pointInTimeRecovery"] == {"enabled": False, "recoveryPeriodInDays": 7}
