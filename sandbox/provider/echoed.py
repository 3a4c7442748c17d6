"""What the emulator accepts and drops: the stand-in remembers it instead, and every report can say so."""

from typing import Final, NamedTuple


class Echo(NamedTuple):
    """A property whose value is what the program said, never what was read back."""

    type: str
    property: str
    """A field of a nested object after a dot."""
    why: str
    partly: bool = False
    """Only in the case that *why* names; the module that describes the type tells the cases apart."""


_TABLE: Final = "aws:dynamodb/table:Table"

ECHOED: Final[tuple[Echo, ...]] = (
    Echo(_TABLE, "pointInTimeRecovery.recoveryPeriodInDays", "the emulator keeps no recovery period"),
    Echo(_TABLE, "replicas.kmsKeyArn", "the emulator shows the first region's key in every replica"),
    Echo(_TABLE, "replicas.pointInTimeRecovery", "point-in-time recovery stays DISABLED in the emulator's replicas"),
    Echo(_TABLE, "replicas.consistencyMode", "the emulator drops MultiRegionConsistency: every global table is eventual"),
    Echo(_TABLE, "replicas.propagateTags", "tags reach a replica when it is made; no API tells that they were meant to"),
    Echo(_TABLE, "streamEnabled", "where replicas are STRONG: the emulator turns a stream on with any replica", partly=True),
    Echo("aws:cloudwatch/metricAlarm:MetricAlarm", "metricQueries", "the emulator drops them: such an alarm never fires"),
    Echo("aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", "the emulator takes a key at creation, and knows no change of it"),
    Echo("aws:sfn/stateMachine:StateMachine", "tracingConfiguration", "the emulator drops it"),
)


def echoed(pulumi_type: str) -> frozenset[str]:
    """The properties of a type that are always echoed."""
    return frozenset(echo.property for echo in ECHOED if echo.type == pulumi_type and not echo.partly)
