"""Roles that stacks act with, to be looked at before anything is ordered in their name."""

from botocore.exceptions import ClientError

from handlers.aws.calls import Client, ask, code_of


class Roles:
    """The account's roles."""

    def __init__(self, iam: Client) -> None:
        self._iam = iam

    def exists(self, role_arn: str) -> bool:
        """Whether there is such a role; one of the same name under another path is another role."""
        try:
            found = ask(self._iam.get_role, RoleName=role_arn.rsplit("/", 1)[-1])["Role"]
        except ClientError as error:
            if code_of(error) == "NoSuchEntity":
                return False
            raise
        return bool(found["Arn"] == role_arn)
