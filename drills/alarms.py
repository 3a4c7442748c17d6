"""What a cell's alarms say, as an operator sees them."""

from drills.field import Field


def alarm_state(field: Field, role: str) -> str:
    """The state of the cell's alarm of this role (components/alarms.py)."""
    name = f"stackmend-{field.cell.environment}-{role}"
    (alarm,) = field.operator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["StateValue"])


def alarm_rests_in(field: Field, role: str, state: str) -> str | None:
    """The alarm is in exactly this state."""
    found = alarm_state(field, role)
    return None if found == state else f"the alarm {role} is in {found}, not in {state}"
