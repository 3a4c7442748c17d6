"""EventBridge Scheduler: schedules and their groups."""

from sandbox.provider.api import from_api, moment
from sandbox.provider.documents import json_normal
from sandbox.provider.resource import Call, ResourceType, Tagging
from sandbox.provider.schema import block, name, number, text
from sandbox.provider.wire import Values


def _create_schedule(call: Call) -> str:
    call.client.create_schedule(**call.parameters())
    return f"{call.inputs['groupName']}/{call.inputs['name']}"


def _schedule_key(call: Call) -> dict[str, str]:
    group, _, schedule = call.id.partition("/")
    return {"GroupName": group, "Name": schedule}


def _read_schedule(call: Call) -> Values:
    shown = call.client.get_schedule(**_schedule_key(call))
    return {**from_api(SCHEDULE.properties, shown), "arn": shown["Arn"]}


def _update_schedule(call: Call) -> None:
    """Scheduler takes an update as a whole: what is left out goes back to its default."""
    call.client.update_schedule(**call.parameters())


SCHEDULE = ResourceType(
    pulumi_type="aws:scheduler/schedule:Schedule",
    service="scheduler",
    properties={
        "name": name(64),
        "groupName": text(default="default", replaces=True),
        "scheduleExpression": text(required=True),
        "scheduleExpressionTimezone": text(default="UTC"),
        "flexibleTimeWindow": block({"mode": text(required=True), "maximumWindowInMinutes": number()}, required=True),
        "target": block(
            {
                "arn": text(required=True),
                "roleArn": text(required=True),
                "input": text(normal=json_normal),
                "retryPolicy": block(
                    {"maximumEventAgeInSeconds": number(default=86_400), "maximumRetryAttempts": number(default=185)},
                    computed=True,
                ),
                "deadLetterConfig": block({"arn": text(required=True)}),
                "sqsParameters": block({"messageGroupId": text()}),
                "eventbridgeParameters": block(
                    {"detailType": text(required=True), "source": text(required=True)}, api="EventBridgeParameters"
                ),
            },
            required=True,
        ),
        "state": text(default="ENABLED"),
        "description": text(),
        "kmsKeyArn": text(),
        "startDate": text(),
        "endDate": text(),
        "actionAfterCompletion": text(computed=True),
    },
    outputs=("arn",),
    create=_create_schedule,
    read=_read_schedule,
    update=_update_schedule,
    delete=lambda call: call.client.delete_schedule(**_schedule_key(call)),
)


def _create_group(call: Call) -> str:
    call.client.create_schedule_group(**call.parameters(), **call.tagged)
    return str(call.inputs["name"])


def _read_group(call: Call) -> Values | None:
    shown = call.client.get_schedule_group(Name=call.id)
    if shown["State"] == "DELETING":
        return None
    return {
        "name": shown["Name"],
        "arn": shown["Arn"],
        "state": shown["State"],
        "creationDate": moment(shown["CreationDate"]),
        "lastModificationDate": moment(shown["LastModificationDate"]),
    }


GROUP = ResourceType(
    pulumi_type="aws:scheduler/scheduleGroup:ScheduleGroup",
    service="scheduler",
    properties={"name": name(64)},
    outputs=("arn", "state", "creationDate", "lastModificationDate"),
    create=_create_group,
    read=_read_group,
    delete=lambda call: call.client.delete_schedule_group(Name=call.id),
    tagging=Tagging(),
)

TYPES = (SCHEDULE, GROUP)
