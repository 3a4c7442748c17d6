"""One provider's account and region: who it is allowed to be, and the boto3 clients that act as it."""

import json
import os
from collections.abc import Mapping
from threading import RLock
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from sandbox.provider.errors import IncompleteProviderError, NoEmulatorError, RoleNotAssumedError, WrongAccountError
from sandbox.provider.wire import Values, is_unknown

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class _Args(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class AssumeRole(_Args):
    """A role to take on before anything else is called."""

    role_arn: str
    external_id: str | None = None
    session_name: str = "pulumi"
    duration: str | None = None


class DefaultTags(_Args):
    """Tags that every resource of the provider gets."""

    tags: dict[str, str] = Field(default_factory=dict)


class ProviderArgs(_Args):
    """The arguments of aws.Provider that the stand-in obeys; any other is refused."""

    region: str | None = None
    allowed_account_ids: tuple[str, ...] = ()
    assume_roles: tuple[AssumeRole, ...] = ()
    default_tags: DefaultTags = DefaultTags()
    skip_credentials_validation: bool = False
    skip_metadata_api_check: bool = False
    skip_region_validation: bool = False
    skip_requesting_account_id: bool = False
    version: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def _decoded(cls, value: object) -> object:
        """The SDK sends nested arguments as JSON text."""
        if isinstance(value, str) and (value.startswith(("[", "{")) or value in ("true", "false")):
            return json.loads(value)
        return value

    @model_validator(mode="after")
    def _account_can_be_verified(self) -> Self:
        if self.skip_requesting_account_id and self.allowed_account_ids:
            raise ValueError("skipRequestingAccountId leaves nothing to hold against allowedAccountIds: drop one of them")
        return self


def complaints(args: Values) -> list[tuple[str, str]]:
    """(argument, what is wrong with it) for a provider's arguments; unknown ones are judged when they are known."""
    known = {name: value for name, value in args.items() if not is_unknown(value) and not name.startswith("__")}
    try:
        ProviderArgs.model_validate(known)
    except ValidationError as wrong:
        return [(".".join(map(str, error["loc"])) or "allowedAccountIds", _remedy(error)) for error in wrong.errors()]
    return []


def _remedy(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "the stand-in does not obey this argument: leave it out, or teach it in sandbox/provider/account.py"
    return f"{error['msg']} (it is {error['input']!r}): correct it"


class Account:
    """Clients of one account in one region, verified before the first of them is handed out.

    Nothing is called until a client is asked for, so a preview needs no emulator.
    """

    partition = "aws"

    def __init__(self, args: ProviderArgs) -> None:
        self.args = args
        self._lock = RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._id = ""

    @property
    def region(self) -> str:
        if not self.args.region:
            raise IncompleteProviderError(
                "region: this provider has none, so it is the default provider: "
                "give the resource an explicit provider, with a region, through its parent or options"
            )
        return self.args.region

    @property
    def id(self) -> str:
        """The account that the credentials belong to."""
        self._enter()
        return self._id

    @property
    def default_tags(self) -> dict[str, str]:
        return self.args.default_tags.tags

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - boto3's clients have no static type
        """A client of *service*, in this provider's region if no other is named (a table's replica lives in one)."""
        with self._lock:
            self._enter()
            key = (service, region or self.region)
            if key not in self._clients:
                self._clients[key] = self._session.client(service, region_name=key[1])
            return self._clients[key]

    def _enter(self) -> None:
        with self._lock:
            if self._session is None:
                session, self._id = _verified_session(self.args, self.region)
                self._session = session


def _verified_session(args: ProviderArgs, region: str) -> tuple[Any, str]:
    import boto3  # noqa: PLC0415 - a third of a second that a preview need not spend

    _require_emulator()
    session = boto3.Session(region_name=region)
    for index, role in enumerate(args.assume_roles):
        session = _assumed(session, role, index)
    account = session.client("sts").get_caller_identity()["Account"]
    if args.allowed_account_ids and account not in args.allowed_account_ids:
        raise WrongAccountError(
            f"allowedAccountIds: the credentials belong to account {account}, allowed are "
            f"{', '.join(args.allowed_account_ids)}: correct assumeRoles or allowedAccountIds of this provider"
        )
    return session, account


def _require_emulator() -> None:
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if urlsplit(endpoint).hostname not in _LOOPBACK:
        raise NoEmulatorError(
            f"AWS_ENDPOINT_URL: {endpoint or 'not set'}: the stand-in deploys into an emulator on this machine only: "
            "start the sandbox and use its environment, or deploy with the real provider"
        )


def _assumed(session: Any, role: AssumeRole, index: int) -> Any:  # noqa: ANN401 - boto3's sessions have no static type
    import boto3  # noqa: PLC0415
    from botocore.exceptions import ClientError  # noqa: PLC0415

    wanted = {"RoleArn": role.role_arn, "RoleSessionName": role.session_name}
    if role.external_id is not None:
        wanted["ExternalId"] = role.external_id
    try:
        taken = session.client("sts").assume_role(**wanted)["Credentials"]
    except ClientError as refused:
        raise RoleNotAssumedError(
            f"assumeRoles[{index}]: {role.role_arn} with external id {role.external_id!r} was refused "
            f"({refused.response['Error']['Code']}): the role must exist, trust the caller and expect this external id"
        ) from refused
    return boto3.Session(
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
        region_name=session.region_name,
    )
