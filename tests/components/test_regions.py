"""The region file says what botocore says; run this file as a program to write it anew."""

import json
from pathlib import Path

import botocore

from components import regions

BOTOCORE = Path(botocore.__file__).parent / "data" / "partitions.json"
OURS = Path(regions.__file__).parent / "regions.json"


def from_botocore() -> str:
    read = json.loads(BOTOCORE.read_text(encoding="utf-8"))
    known = {
        partition["id"]: sorted(region for region in partition["regions"] if not region.endswith("-global"))
        for partition in read["partitions"]
    }
    return json.dumps(known, indent=2) + "\n"


def test_region_file_is_fresh() -> None:
    """A region that botocore knows can be written in the settings."""
    assert OURS.read_text(encoding="utf-8") == from_botocore(), "run: python tests/components/test_regions.py"


def test_every_region_is_in_one_partition() -> None:
    """No region name is used by two partitions, so a region says its partition."""
    listed = [region for known in regions.partitions().values() for region in known]

    assert len(set(listed)) == len(listed)
    assert {region: regions.partition_of(region) for region in ("us-east-1", "cn-north-1", "us-gov-west-1", "moon-1")} == {
        "us-east-1": "aws",
        "cn-north-1": "aws-cn",
        "us-gov-west-1": "aws-us-gov",
        "moon-1": None,
    }


def test_strongly_consistent_sets_are_regions_of_aws() -> None:
    """Each set can hold three control regions, and no region is in two sets."""
    listed = [region for whole in regions.MRSC_SETS.values() for region in whole]

    assert len(set(listed)) == len(listed)
    assert all(len(whole) >= 3 for whole in regions.MRSC_SETS.values())
    assert {regions.partition_of(region) for region in listed} == {"aws"}


if __name__ == "__main__":
    OURS.write_text(from_botocore(), encoding="utf-8")
