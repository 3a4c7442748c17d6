"""CloudWatch metric alarms."""

from sandbox.provider.api import from_api
from sandbox.provider.resource import Call, ResourceType, Tagging, pairs
from sandbox.provider.schema import block, blocks, flag, mapping, name, number, text, texts
from sandbox.provider.wire import Values

_DIMENSIONS = ("Name", "Value")
_OWN_METRIC = frozenset({"Namespace", "MetricName", "Dimensions", "Period", "Statistic"})


def _put(call: Call) -> str:
    wanted = call.parameters()
    if "dimensions" in call.inputs:
        wanted["Dimensions"] = pairs(call.inputs["dimensions"], _DIMENSIONS)
    if "metricQueries" in call.inputs:
        wanted["Metrics"] = [_query(call_query) for call_query in wanted.pop("Metrics")]
    tags = {} if call.state else call.tagged
    call.client.put_metric_alarm(**wanted, **tags)
    return str(call.inputs["name"])


def _query(flat: Values) -> Values:
    """One metric query as the API nests it: the metric apart from its period and statistic."""
    metric = flat.pop("Metric", None)
    if metric is None:
        return flat
    stat = {key: metric.pop(key) for key in ("Period", "Stat", "Unit") if key in metric}
    metric["Dimensions"] = pairs(metric.get("Dimensions", {}), _DIMENSIONS)
    return {**flat, "MetricStat": {"Metric": metric, **stat}}


def _flat(query: Values) -> Values:
    """The inverse of _query."""
    nested = dict(query)
    stat = nested.pop("MetricStat", None)
    if stat is None:
        return nested
    metric = {**stat["Metric"], **{key: stat[key] for key in ("Period", "Stat", "Unit") if key in stat}}
    return {**nested, "Metric": {**metric, "Dimensions": _dimensions(metric)}}


def _dimensions(shown: Values) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in shown.get("Dimensions", [])}


def _read(call: Call) -> Values | None:
    alarms = call.client.describe_alarms(AlarmNames=[call.id], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    if not alarms:
        return None
    shown = {**alarms[0], "Metrics": [_flat(query) for query in alarms[0].get("Metrics", [])]}
    if "metricQueries" in call.known:  # the emulator drops them, and shows a metric of its own invention instead
        shown = {key: value for key, value in shown.items() if key not in _OWN_METRIC}
    return {**from_api(METRIC_ALARM.properties, shown), "dimensions": _dimensions(shown), "arn": shown["AlarmArn"]}


def _update(call: Call) -> None:
    _put(call)


METRIC_ALARM = ResourceType(
    pulumi_type="aws:cloudwatch/metricAlarm:MetricAlarm",
    service="cloudwatch",
    properties={
        "name": name(255, api="AlarmName"),
        "alarmDescription": text(),
        "comparisonOperator": text(required=True),
        "evaluationPeriods": number(required=True),
        "datapointsToAlarm": number(),
        "threshold": number(),
        "thresholdMetricId": text(),
        "namespace": text(),
        "metricName": text(),
        "dimensions": mapping(local=True),
        "period": number(),
        "statistic": text(),
        "extendedStatistic": text(),
        "unit": text(),
        "treatMissingData": text(default="missing"),
        "evaluateLowSampleCountPercentiles": text(api="EvaluateLowSampleCountPercentile", computed=True),
        "actionsEnabled": flag(default=True),
        "alarmActions": texts(),
        "okActions": texts(api="OKActions"),
        "insufficientDataActions": texts(),
        "metricQueries": blocks(
            {
                "id": text(required=True),
                "expression": text(),
                "label": text(),
                "period": number(),
                "returnData": flag(default=False),
                "accountId": text(),
                "metric": block(
                    {
                        "namespace": text(),
                        "metricName": text(required=True),
                        "dimensions": mapping(),
                        "period": number(required=True),
                        "stat": text(required=True),
                        "unit": text(),
                    }
                ),
            },
            key="id",
            api="Metrics",
        ),
    },
    outputs=("arn",),
    create=_put,
    read=_read,
    update=_update,
    delete=lambda call: call.client.delete_alarms(AlarmNames=[call.id]),
    tagging=Tagging(handle="ResourceARN"),
)

TYPES = (METRIC_ALARM,)
