"""A principal in one account and region of the sandbox: boto3 clients that go to the emulator and nowhere else."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

# No proxy of the machine's may come between; a local server answers at once or is gone.
CONFIG = Config(proxies={}, connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Keys of a principal in the emulator; the token is empty for a user's."""

    access_key_id: str
    secret_access_key: str
    session_token: str = ""

    def environment(self) -> dict[str, str]:
        """The variables by which an AWS SDK takes them; the token is set even when empty, so that no other one leaks in."""
        keys = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return keys | ({"AWS_SESSION_TOKEN": self.session_token} if self.session_token else {})


@dataclass(frozen=True, kw_only=True)
class Session:
    """Whoever holds *credentials*, in *region*."""

    endpoint: str
    ca_bundle: Path
    region: str
    credentials: Credentials

    def client(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - boto3 gives its clients no type
        """Answer a boto3 client; *config* is merged over the sandbox's."""
        return _boto3(self.credentials, self.region).client(service, **self._arguments(config))

    def resource(self, service: str, config: Config | None = None) -> Any:  # noqa: ANN401 - boto3 gives its resources no type
        """Answer a boto3 resource; *config* is merged over the sandbox's."""
        return _boto3(self.credentials, self.region).resource(service, **self._arguments(config))

    def in_region(self, region: str) -> "Session":
        """The same principal in another region."""
        return Session(endpoint=self.endpoint, ca_bundle=self.ca_bundle, region=region, credentials=self.credentials)

    def _arguments(self, config: Config | None) -> dict[str, Any]:
        return {
            "endpoint_url": self.endpoint,
            "verify": str(self.ca_bundle),
            "config": CONFIG.merge(config) if config else CONFIG,
        }


@lru_cache(maxsize=64)
def _boto3(credentials: Credentials, region: str) -> boto3.Session:
    """One boto3 session for each principal and region: it keeps the service models that it has read."""
    return boto3.Session(
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token or None,
        region_name=region,
    )
