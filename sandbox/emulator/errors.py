"""What can be wrong with the emulator, said so that a newcomer knows what to do."""


class EmulatorError(Exception):
    """The emulator is not in a state to be used."""


class EmulatorVersionError(EmulatorError):
    """The installed emulator is not the one that the additions were written for."""


class EmulatorChangedError(EmulatorError):
    """A place that an addition hooks into does not look as it did: the emulator was changed."""


class EmulatorNotStartedError(EmulatorError):
    """The emulator ended, or was not healthy, before its deadline."""


class FolderInUseError(EmulatorError):
    """The folder meant for the emulator holds something that is not the emulator's."""
