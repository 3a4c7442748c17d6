"""What the stand-in provider says when it will not go on."""


class StandInError(Exception):
    """An end that the operator is to read about; its text says what to do."""


class UnknownTypeError(StandInError):
    """The program declares a resource type that the stand-in does not know."""


class WrongAccountError(StandInError):
    """The credentials belong to an account that the provider may not touch."""


class RoleNotAssumedError(StandInError):
    """STS refused one of the provider's assumeRoles."""


class NoEmulatorError(StandInError):
    """The environment does not point at an emulator on this machine, so nothing is called."""


class IncompleteProviderError(StandInError):
    """A resource uses a provider whose arguments do not say where it works."""


class ForeignRegionError(StandInError):
    """A resource asks for another region than its provider's."""


class InvokeRefusedError(StandInError):
    """The program asks AWS a question during deployment."""


class ProtectedError(StandInError):
    """The resource is protected against deletion."""


class ResourceVanishedError(StandInError):
    """A resource is not there immediately after it was made or changed."""
