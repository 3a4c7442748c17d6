"""What the stand-in provider says when it will not go on."""


class UnknownTypeError(Exception):
    """The program declares a resource type that the stand-in does not know."""


class WrongAccountError(Exception):
    """The credentials belong to an account that the provider may not touch."""


class RoleNotAssumedError(Exception):
    """STS refused one of the provider's assumeRoles."""


class NoEmulatorError(Exception):
    """The environment does not point at an emulator on this machine, so nothing is called."""


class IncompleteProviderError(Exception):
    """A resource uses a provider whose arguments do not say where it works."""


class ForeignRegionError(Exception):
    """A resource asks for another region than its provider's."""


class InvokeRefusedError(Exception):
    """The program asks AWS a question during deployment."""


class ProtectedError(Exception):
    """The resource is protected against deletion."""


class ResourceVanishedError(Exception):
    """A resource is not there immediately after it was made or changed."""
