"""As whom a command acts: the credentials it was started with, or the operator role that they may assume in each account."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, Self

import boto3
from botocore.config import Config

from components.settings import Settings
from console.plainly import UnusableError, asking
from handlers.aws.calls import ask

PATIENT = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 4, "mode": "standard"})
"""A person waits longer than a function may, and speaks to AWS from farther away."""
HUB = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})
"""Where a control region is dark the next one is the retry."""

_SESSION_NAME = re.compile(r"[^\w+=,.@-]")
_LONGEST_SESSION_NAME = 64  # STS AssumeRole, RoleSessionName
_SHORTEST_SESSION_NAME = 2


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Somebody, as STS knows them; nobody types who they are."""

    arn: str
    account: str

    @classmethod
    def of(cls, session: Any, region: str) -> Self:  # noqa: ANN401 - boto3 gives its sessions no useful type
        """Ask STS whose credentials these are."""
        with asking("who you are"):
            answer = ask(session.client("sts", region_name=region, config=PATIENT).get_caller_identity)
        return cls(arn=answer["Arn"], account=answer["Account"])

    @property
    def name(self) -> str:
        """The last part of the ARN, fit to name a session: who assumes a role stays readable in every trail."""
        name = _SESSION_NAME.sub("-", self.arn.rpartition("/")[2].rpartition(":")[2])[:_LONGEST_SESSION_NAME]
        return name if len(name) >= _SHORTEST_SESSION_NAME else f"{name}--"

    def plays(self, account: str, role: str) -> bool:
        """Whether this is a session of *role* (its path left out, as STS does) in *account*."""
        return self.account == account and f":assumed-role/{role.rpartition('/')[2]}/" in self.arn


class Sessions:
    """One session per account, made when first needed; clients may be asked for by several threads."""

    def __init__(self, settings: Settings, profile: str | None, region: str | None) -> None:
        self._settings = settings
        self._profile = profile
        self._given_region = region
        self._sessions: dict[str, tuple[Any, Identity]] = {}
        self._lock = Lock()

    @cached_property
    def _base(self) -> Any:  # noqa: ANN401 - as above
        with asking("your credentials"):
            return boto3.Session(profile_name=self._profile)

    @property
    def region(self) -> str | None:
        """The region of the command line, of the environment or of the profile."""
        return self._given_region or self._base.region_name

    @cached_property
    def person(self) -> Identity:
        """Whoever started the command."""
        return Identity.of(self._base, self.region or self._settings.hub.control_regions[0])

    def identity(self, account: str) -> Identity:
        """As whom a command acts in *account*: what its records say under `by`."""
        with self._lock:
            return self._session(account)[1]

    def client(self, account: str, region: str, service: str, config: Config = PATIENT) -> Any:  # noqa: ANN401 - as above
        """A client there; raises UnusableError where nobody can be who may act there."""
        with self._lock, asking(f"{service} in {account}/{region}"):
            return self._session(account)[0].client(service, region_name=region, config=config)

    def _session(self, account: str) -> tuple[Any, Identity]:
        if account not in self._sessions:
            self._sessions[account] = self._open(account)
        return self._sessions[account]

    def _open(self, account: str) -> tuple[Any, Identity]:
        role = self._settings.operator_role
        if role is None or self.person.plays(account, role):
            self._check_account(account)
            return self._base, self.person
        return self._assume(account, self._settings.role_arn(account, role))

    def _check_account(self, account: str) -> None:
        if self.person.account != account:
            raise UnusableError(
                f"these credentials are {self.person.arn}, of account {self.person.account}, and account {account} is meant:"
                " use credentials of that account, or name operator_role in the settings"
            )

    def _assume(self, account: str, role_arn: str) -> tuple[Any, Identity]:
        region = self.region or self._settings.hub.control_regions[0]
        with asking(f"assuming {role_arn} as {self.person.arn}"):
            sts = self._base.client("sts", region_name=region, config=PATIENT)
            answer = ask(sts.assume_role, RoleArn=role_arn, RoleSessionName=self.person.name)
        return _session_of(answer["Credentials"]), Identity(arn=answer["AssumedRoleUser"]["Arn"], account=account)


def _session_of(keys: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    return boto3.Session(
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
