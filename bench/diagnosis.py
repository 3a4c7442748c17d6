"""How good and how fast diagnosis is, on messages that it knows, on messages kept apart by service, and on fresh ones.

Rules are made by people, so "never training and judging on the same service" is read as follows: when a service's rows are
judged, every phrase that occurs in rows of that service alone is taken out of all rules. What stays was learned elsewhere,
or from AWS's documents and service models. The order of the rules cannot be unlearned that way; fresh messages show that.
"""

import csv
import json
import math
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.corpus.render import HERE, event, failures, message_events, sequence_events, sequences
from handlers.domain import diagnosis_rules_engine as engine
from handlers.domain.diagnosis import classified, diagnose
from handlers.domain.diagnosis_rules import phrasebook, rule_for
from handlers.domain.diagnosis_text import read
from handlers.domain.failure_class import MAY_PASS_BY_ITSELF, FailureClass

Row = Mapping[str, str]
ENGINE = (*engine.STACK_STATES, *engine.EXPORTS_AND_OWNERS, *engine.TEMPLATE, *engine.WAITING, *engine.CUSTOM)
"""CloudFormation's own words are no service's, whatever the type of the resource beside them: they are never taken out."""
EVENTS = 100
ROUNDS = 30
ENOUGH = 0.95
MOST_TIMES_LOADS = 5


def fresh() -> list[dict[str, str]]:
    """Messages gathered after the rules, labelled before they were judged; `origin` says which are public."""
    with (HERE / "fresh.csv").open(newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def accepted(row: Row) -> set[str]:
    """Labels that count as right."""
    return {row["label"], *filter(None, row["also_acceptable"].split(","))}


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927): sound for shares near 1 and for few rows."""
    if not total:
        return 0.0, 1.0
    share = right / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    whole = 1 + z * z / total
    return (middle - spread) / whole, (middle + spread) / whole


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a judge saw."""

    title: str
    right: int
    total: int
    called_passing: int
    """Permanent causes that were called transient, throttling or capacity."""
    permanent: int

    def line(self) -> str:
        """One line of the report."""
        low, high = wilson(self.right, self.total)
        wrongly = self.called_passing / max(1, self.permanent)
        return (
            f"{self.title:<46} {self.right:>4}/{self.total:<4} {self.right / max(1, self.total):6.1%}"
            f"  [{low:.1%}, {high:.1%}]  permanent called passing: {wrongly:.1%}"
        )


def score(title: str, rows: Iterable[Row], judge: Callable[[Row], FailureClass]) -> Score:
    """Judge *rows*; a second acceptable label counts as right, also where it is one that may pass."""
    right = total = wrongly = permanent = 0
    for row in rows:
        given, labels = judge(row), accepted(row)
        total += 1
        right += given in labels
        if row["label"] not in MAY_PASS_BY_ITSELF:
            permanent += 1
            wrongly += given in MAY_PASS_BY_ITSELF and given not in labels
    return Score(title=title, right=right, total=total, called_passing=wrongly, permanent=permanent)


def by_events(row: Row) -> FailureClass:
    """Class of a row through the door that everybody uses."""
    return diagnose(message_events(row)).failure_class


def service_of(row: Row) -> str:
    """Service that a row speaks of: its resource type's, else the one that the text names."""
    parts = row["resource_type"].split("::")
    return parts[1] if len(parts) > 1 and parts[0] == "AWS" else read(row["message"]).service or "custom"


def learned_from(rows: Sequence[Row]) -> dict[str, frozenset[str]]:
    """Phrases by the one service whose rows hold them."""
    services: dict[str, set[str]] = defaultdict(set)
    engines = {phrase for rule in ENGINE for phrase in (*rule.phrases, *rule.unless)}
    for row in rows:
        for phrase in phrasebook().found_in(read(row["message"]).words) - engines:
            services[phrase].add(service_of(row))
    only: dict[str, set[str]] = defaultdict(set)
    for phrase, found in services.items():
        if len(found) == 1:
            only[next(iter(found))].add(phrase)
    return {service: frozenset(phrases) for service, phrases in only.items()}


def apart(rows: Sequence[Row]) -> Score:
    """Judge each service's rows by what was not learned from that service."""
    only = learned_from(rows)

    def judge(row: Row) -> FailureClass:
        reading = read(row["message"], row["resource_type"], row["resource_status"])
        return rule_for(reading, without=only.get(service_of(row), frozenset())).failure_class

    return score(f"corpus, {len({service_of(row) for row in rows})} services judged apart", rows, judge)


def confusion(rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    """Counts by label and given class, the label being the second one where that was met."""
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        given = by_events(row)
        counts[given if given in accepted(row) else row["label"], given] += 1
    return dict(counts)


def written_sequences() -> list[dict[str, Any]]:
    """Sequences written in the style of the recorded ones, cause and label decided before they were judged."""
    return [json.loads(line) for line in (HERE / "sequences_written.jsonl").read_text(encoding="utf-8").splitlines()]


def root_causes(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Sequences whose root cause, whose class was found, and all."""
    found = [(diagnose(sequence_events(row)), row) for row in rows]
    return (
        sum(given.root_cause == row["root_cause_logical_id"] for given, row in found),
        sum(given.failure_class in accepted({"also_acceptable": "", **row}) for given, row in found),
        len(rows),
    )


def history(size: int = EVENTS, failing: int = 1) -> list[dict[str, Any]]:
    """A failed update of *size* events, the corpus' messages in turn as the reasons of its *failing* last resources."""
    reasons = failures()
    events = [event(0, "app", "AWS::CloudFormation::Stack", "UPDATE_IN_PROGRESS", "User Initiated")]
    events += [
        event(number + 1, f"Resource{number // 2}", "AWS::SQS::Queue", "UPDATE_COMPLETE") for number in range(size - failing - 2)
    ]
    for number in range(failing):
        row = reasons[number % len(reasons)]
        events.append(event(size, f"Failing{number}", "AWS::SNS::Topic", "UPDATE_FAILED", row["message"]))
    reason = f"The following resource(s) failed to update: [{', '.join(f'Failing{number}' for number in range(failing))}]."
    events.append(event(size + 1, "app", "AWS::CloudFormation::Stack", "UPDATE_ROLLBACK_IN_PROGRESS", reason))
    return events[::-1]


def speed(events: list[dict[str, Any]]) -> float:
    """Time of one diagnosis in times of `json.loads` of the same events, best of several rounds each, nothing remembered."""
    text = json.dumps(events, default=str)
    loaded = json.loads(text)
    return _best(lambda: diagnose(loaded)) / _best(lambda: json.loads(text))


def _best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        classified.cache_clear()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    """Print the report; 1 where a promise is broken."""
    rows, late = failures(), fresh()
    public = [row for row in late if row["origin"] == "public"]
    folds = apart(rows)
    scores = [
        score("corpus, as known", rows, by_events),
        folds,
        score("fresh, public (now known, too)", public, by_events),
        score("fresh, written after AWS's documents", [row for row in late if row["origin"] == "written"], by_events),
    ]
    out = sys.stdout
    out.write("\n".join(one.line() for one in scores) + "\n\nconfusion (label -> given), wrong ones only:\n")
    for (label, given), count in sorted(confusion([*rows, *late]).items()):
        if label != given:
            out.write(f"  {label:<18} -> {given:<18} {count}\n")
    told = [root_causes(each) for each in (sequences(), written_sequences())]
    for title, (roots, classes, total) in zip(("recorded", "written"), told, strict=True):
        out.write(f"\nsequences, {title}: root cause {roots}/{total}, class {classes}/{total}\n")
    ratios = {f"{EVENTS} events, {failing} failing": speed(history(failing=failing)) for failing in (1, 20, EVENTS - 2)}
    out.writelines(f"{title}: {ratio:.2f} x json.loads of the same events\n" for title, ratio in ratios.items())
    is_quick = max(ratios.values()) <= MOST_TIMES_LOADS
    is_right = all(min(roots, classes) >= ENOUGH * total for roots, classes, total in told) and all(
        one.right >= ENOUGH * one.total for one in scores if one is not folds
    )
    return 0 if is_quick and is_right else 1


if __name__ == "__main__":
    sys.exit(main())
