"""The act function of the change group: goes on with what has failed, with what CloudFormation holds of it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.acting import answer
from handlers.domain.operations import Group
from handlers.telemetry import logger, metrics


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Answer the machine's state ActChange, which waits for its task token and not for this function."""
    answer(event, Group.CHANGE)
