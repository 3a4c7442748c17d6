"""List prices that a recovery is billed at: us-east-1, in US dollars, read on 2026-11 from the page beside each.

Other regions cost up to half more; free tiers are left out, so that the figure is what a busy account pays.
"""

from dataclasses import dataclass

REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Price:
    """Dollars for one *unit*, and where AWS says so."""

    dollars: float
    unit: str
    source: str


TRANSITION = Price(
    dollars=0.025 / 1000, unit="state transition of a standard workflow", source="https://aws.amazon.com/step-functions/pricing/"
)
LAMBDA_SECOND = Price(dollars=0.0000133334, unit="GB-second, arm64, first tier", source="https://aws.amazon.com/lambda/pricing/")
LAMBDA_REQUEST = Price(dollars=0.20 / 1e6, unit="request", source="https://aws.amazon.com/lambda/pricing/")
WRITE_UNIT = Price(
    dollars=0.625 / 1e6, unit="write request unit, on demand", source="https://aws.amazon.com/dynamodb/pricing/on-demand/"
)
READ_UNIT = Price(
    dollars=0.125 / 1e6, unit="read request unit, on demand", source="https://aws.amazon.com/dynamodb/pricing/on-demand/"
)
QUEUE_REQUEST = Price(dollars=0.40 / 1e6, unit="request to a standard queue", source="https://aws.amazon.com/sqs/pricing/")
KEY_REQUEST = Price(dollars=0.03 / 10_000, unit="request to a symmetric key", source="https://aws.amazon.com/kms/pricing/")
STORE_WRITE = Price(
    dollars=0.005 / 1000, unit="write or list request to S3 Standard", source="https://aws.amazon.com/s3/pricing/"
)
STORE_READ = Price(dollars=0.0004 / 1000, unit="read request to S3 Standard", source="https://aws.amazon.com/s3/pricing/")
LOG_GIGABYTE = Price(dollars=0.50, unit="GB of logs ingested", source="https://aws.amazon.com/cloudwatch/pricing/")
TRACE = Price(dollars=5.00 / 1e6, unit="trace recorded", source="https://aws.amazon.com/xray/pricing/")
METRIC_MONTH = Price(
    dollars=0.30, unit="custom metric and month, billed by the hour", source="https://aws.amazon.com/cloudwatch/pricing/"
)
ALARM_MONTH = Price(
    dollars=0.10, unit="standard-resolution alarm metric and month", source="https://aws.amazon.com/cloudwatch/pricing/"
)
DASHBOARD_MONTH = Price(dollars=3.00, unit="dashboard and month", source="https://aws.amazon.com/cloudwatch/pricing/")
KEY_MONTH = Price(dollars=1.00, unit="customer managed key and month", source="https://aws.amazon.com/kms/pricing/")
SCHEDULED_CALL = Price(
    dollars=1.00 / 1e6, unit="invocation by EventBridge Scheduler", source="https://aws.amazon.com/eventbridge/pricing/"
)
HOURS_OF_MONTH = 730
