"""How a command ends that cannot do what it was asked: one line on standard error, and an exit code (docs/console.md)."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from console.explain_text import printable
from handlers.aws.calls import code_of, message_of
from handlers.domain.errors import TransientError

EXIT_NOT_SO = 1
"""AWS answered, and what was asked for is not so: nothing to resume, a cell that could not be read."""
EXIT_UNUSABLE = 2
"""Nothing was done: arguments, settings, credentials or rights do not fit, or AWS gave no answer."""

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_UNKNOWN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException"})
_MISSING = frozenset({"ResourceNotFoundException", "TableNotFoundException"})
_SIGN_IN = (NoCredentialsError, SSOTokenLoadError, TokenRetrievalError, UnauthorizedSSOTokenError)


class UnusableError(Exception):
    """The command cannot begin, or AWS would not let it; the message is one line that says what to do."""


class NotSoError(Exception):
    """AWS answered, and what was asked for is not so; the message says what is."""


@contextmanager
def told() -> Iterator[None]:
    """End a command with its one line and its exit code."""
    try:
        yield
    except NotSoError as error:
        _end(error, EXIT_NOT_SO)
    except UnusableError as error:
        _end(error, EXIT_UNUSABLE)


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn what AWS answers into an UnusableError that says what was asked, and what to do about it."""
    try:
        yield
    except ClientError as error:
        raise UnusableError(f"{what}: {_refusal(error)}") from error
    except TransientError as error:
        raise UnusableError(f"{what}: {error}; try again, and look at the region's health if it stays so") from error
    except BotoCoreError as error:
        raise UnusableError(f"{what}: {_no_call(error)}") from error


def one_line(text: str) -> str:
    """*text* on a single line, without what a terminal would take for a command."""
    words = " ".join(text.split())
    return printable("".join(character if character.isprintable() else " " for character in words))


def _end(error: Exception, code: int) -> None:
    typer.echo("\n".join(one_line(line) for line in str(error).splitlines()), err=True)
    raise typer.Exit(code) from error


def _refusal(error: ClientError) -> str:
    code, said = code_of(error), message_of(error)
    if code in _EXPIRED:
        return "the credentials have expired; sign in again"
    if code in _UNKNOWN:
        return f"AWS does not know these credentials ({code}); sign in again, or name another --profile"
    if code in _DENIED:
        return f"not allowed: {said} (bootstrap/stackmend-operator.yaml is what an operator needs)"
    if code in _MISSING:
        return f"it is not there ({said}); is the environment deployed there, and are these its settings?"
    return f"refused: {code}: {said}"


def _no_call(error: BotoCoreError) -> str:
    if isinstance(error, _SIGN_IN):
        return f"no credentials: {error}; sign in, or name a --profile"
    if isinstance(error, ProfileNotFound):
        return f"{error}; name one of ~/.aws/config with --profile"
    if isinstance(error, NoRegionError):
        return "no region; give --region or set AWS_REGION"
    return f"AWS could not be asked: {error}"
