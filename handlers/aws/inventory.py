"""What a stack is made of and what others take from it, nested stacks included: read when it is healthy again, to prove that."""

from collections.abc import Mapping, Sequence

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from handlers.aws.calls import Client, ask, code_of, message_of, pages

STACK = "AWS::CloudFormation::Stack"
MOST_EXPORTS = 20
"""Exports that one diagnosis asks about, a call each; a stack with more is rare, and its exports are then not proven."""


class Resource(BaseModel):
    """A resource as ListStackResources shows it."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Its logical id, after those of the nested stacks that it lies in, with dots between them."""
    type: str
    physical_id: str
    status: str


class Inventory:
    """CloudFormation in the cell's account and region, to be read."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def resources(self, stack_id: str, prefix: str = "") -> tuple[Resource, ...]:
        """Every resource of the stack, and after a nested stack those in it."""
        found: list[Resource] = []
        for page in pages(self._client.list_stack_resources, StackName=stack_id):
            for listed in page["StackResourceSummaries"]:
                one = _resource(listed, prefix)
                found.append(one)
                if one.type == STACK and one.physical_id and not one.status.startswith("DELETE_"):
                    found += self.resources(one.physical_id, f"{one.name}.")
        return tuple(found)

    def exports_in_use(self, exports: Sequence[str]) -> tuple[str, ...] | None:
        """Those of a stack's *exports* that other stacks import; None where there are too many to ask about each."""
        return None if len(exports) > MOST_EXPORTS else tuple(name for name in exports if self._is_imported(name))

    def _is_imported(self, export: str) -> bool:
        """One importer is enough; CloudFormation has no error code of its own for none."""
        try:
            return bool(ask(self._client.list_imports, ExportName=export)["Imports"])
        except ClientError as error:
            if code_of(error) == "ValidationError" and "is not imported" in message_of(error):
                return False
            raise


def _resource(listed: Mapping[str, str], prefix: str) -> Resource:
    return Resource(
        name=f"{prefix}{listed['LogicalResourceId']}",
        type=listed.get("ResourceType", ""),
        physical_id=listed.get("PhysicalResourceId", ""),
        status=listed["ResourceStatus"],
    )
