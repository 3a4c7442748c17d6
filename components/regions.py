"""What AWS says about partitions and regions, as data: nothing here asks AWS.

`regions.json` is written by `python tests/components/test_regions.py` from botocore, and its test fails when botocore knows more.
"""

import json
from functools import cache
from pathlib import Path

MRSC_SETS = {
    "US": frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    "EU": frozenset({"eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3"}),
    "AP": frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
}
"""The regions that one strongly consistent DynamoDB table may span; it never leaves its set.

Source: CloudFormation reference, AWS::DynamoDB::GlobalTable GlobalTableWitness, and DynamoDB developer guide,
"V2globaltables_HowItWorks", "MRSC". All of them are in partition `aws`.
"""


@cache
def partitions() -> dict[str, tuple[str, ...]]:
    """Every partition with its regions."""
    read: dict[str, list[str]] = json.loads((Path(__file__).parent / "regions.json").read_text(encoding="utf-8"))
    return {partition: tuple(regions) for partition, regions in read.items()}


@cache
def partition_of(region: str) -> str | None:
    """The partition that has this region; None for a region that AWS does not have."""
    return next((partition for partition, regions in partitions().items() if region in regions), None)
