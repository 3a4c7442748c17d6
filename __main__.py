"""Deploys one environment of Stackmend: settings in, cells out."""

import pulumi

from components.environment import build
from components.layer import LayerNotBuiltError
from components.part import from_pulumi
from components.settings import SettingsError


def main() -> None:
    """What cannot be deployed ends in one message, before any resource is registered."""
    try:
        outputs = build(*from_pulumi())
    except (SettingsError, LayerNotBuiltError) as error:
        raise pulumi.RunError(str(error)) from None  # the engine prints a RunError without its trace
    for name, value in outputs.items():
        pulumi.export(name, value)


if __name__ == "__main__":
    main()
