"""A queue's batch, message by message: one that cannot be handled is a failed item, and the others go on."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.domain.events import EventError
from handlers.domain.signals import Metric
from handlers.runtime import Runtime
from handlers.telemetry import begin_subject, count, logger, report


def by_body(handle: Callable[[str, Runtime], StrEnum]) -> Callable[[SQSRecord, Runtime], StrEnum]:
    """For a handler to which it is all the same who sent a message."""
    return lambda record, runtime: handle(record.body, runtime)


def take_batch(
    event: dict[str, Any],
    context: LambdaContext,
    runtime: Runtime,
    handle: Callable[[SQSRecord, Runtime], StrEnum],
    outcomes: type[StrEnum],
) -> dict[str, Any]:
    """Let *handle* see each message. A failed item stays in the queue until its redrive policy moves it to the DLQ."""

    def handle_record(record: SQSRecord) -> None:
        begin_subject(message_id=record.message_id)
        try:
            outcome = handle(record, runtime)
        except EventError as error:
            count(Metric.FAILED_ITEM)
            report(outcomes(error.outcome), reason=str(error))
            raise
        except Exception:
            count(Metric.FAILED_ITEM)
            raise
        report(outcome)

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event=event, record_handler=handle_record, processor=processor, context=context)
    logger.info("ledger", extra={"capacity_units": runtime.ledger.consumed_units})
    return dict(answer)
