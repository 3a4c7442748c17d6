"""Answers CloudFormation for the custom resource of the drills, and fails while a cause for that stands in the table.

This file is the whole function: it goes into the template as inline code (at most 4,096 characters) and imports nothing of ours.
A cause is an item {"cause": "<stack>/<logical id>/<version>", "reason": str, "left": int}: the resource fails when it is
brought to that version, *left* more times. With "hangs" it gives no answer for as long as the item stands.
Protocol: docs.aws.amazon.com, CloudFormation user guide, crpg-ref-requests.
"""

import json
import time
import urllib.request
from typing import Any

import boto3


def handler(event: dict[str, Any], _context: object) -> None:
    """Send CloudFormation exactly one answer, whatever happens here: a silent custom resource waits for an hour."""
    answer = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    answer["PhysicalResourceId"] = event.get("PhysicalResourceId", event["LogicalResourceId"])
    try:
        reason = _cause(event)
    except Exception as problem:  # noqa: BLE001 - see above: the problem is the answer
        reason = f"The drill's own function failed: {problem!r}"
    answer["Status"] = "FAILED" if reason else "SUCCESS"
    answer["Reason"] = reason or "No cause stands in the table"
    body = json.dumps(answer).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - the address is CloudFormation's


def _cause(event: dict[str, Any]) -> str | None:
    """Answer the reason to fail with, and use the cause up by one; None when there is none."""
    if event["RequestType"] == "Delete":
        return None
    properties = event["ResourceProperties"]
    stack = event["StackId"].split("/")[1]
    key = {"cause": f"{stack}/{event['LogicalResourceId']}/{properties['Version']}"}
    table = boto3.resource("dynamodb").Table(properties["Causes"])
    while (item := table.get_item(Key=key, ConsistentRead=True).get("Item")) and item.get("hangs"):
        time.sleep(1)  # its time-out is the end of it
    if not item or item["left"] < 1:
        return None
    table.update_item(
        Key=key,
        UpdateExpression="ADD #left :less",
        ExpressionAttributeNames={"#left": "left"},
        ExpressionAttributeValues={":less": -1},
    )
    return str(item["reason"])
