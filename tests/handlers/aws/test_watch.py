"""Alarms are looked at by name, however many there are."""

from tests.handlers.bench import BenchRuntime


def test_more_alarms_than_one_call_takes_are_all_seen(bench: BenchRuntime) -> None:
    """And one that does not exist is left out."""
    for number in range(150):
        bench.cloudwatch.ring(f"a{number:03}", bench.time.now, "OK")

    assert len(bench.watch.alarms([*(f"a{number:03}" for number in range(150)), "none"])) == 150


def test_the_window_is_what_the_alarm_looks_back_on(bench: BenchRuntime) -> None:
    """Also where it reckons with several metrics, or with other alarms."""
    bench.cloudwatch.ring("one", bench.time.now, Period=300, EvaluationPeriods=2)
    metrics = [{"MetricStat": {"Period": 60}}, {"Period": 120}, {"Expression": "m1/m2"}]
    bench.cloudwatch.ring("two", bench.time.now, Period=None, Metrics=metrics, EvaluationPeriods=3)
    bench.cloudwatch.alarms.append({"AlarmName": "three", "StateValue": "OK", "StateUpdatedTimestamp": bench.time.now})

    seen = {one.name: one.window_seconds for one in bench.watch.alarms(["one", "two", "three"])}

    assert seen == {"one": 600, "two": 360, "three": 0}
