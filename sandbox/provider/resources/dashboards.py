"""CloudWatch dashboards."""

from sandbox.provider.documents import json_normal
from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.schema import name, text
from sandbox.provider.wire import Values


def _put(call: Call) -> str:
    call.client.put_dashboard(**call.parameters())
    return str(call.inputs["dashboardName"])


def _read(call: Call) -> Values | None:
    shown = call.client.get_dashboard(DashboardName=call.id)
    return {
        "dashboardName": shown["DashboardName"],
        "dashboardBody": shown["DashboardBody"],
        "dashboardArn": shown["DashboardArn"],
    }


def _update(call: Call) -> None:
    _put(call)


DASHBOARD = ResourceType(
    pulumi_type="aws:cloudwatch/dashboard:Dashboard",
    service="cloudwatch",
    properties={
        "dashboardName": name(255),
        "dashboardBody": text(required=True, normal=json_normal),
    },
    outputs=("dashboardArn",),
    create=_put,
    read=_read,
    update=_update,
    delete=lambda call: call.client.delete_dashboards(DashboardNames=[call.id]),
    gone=frozenset({"ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException"}),
)

TYPES = (DASHBOARD,)
