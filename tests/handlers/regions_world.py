"""Three regions and the hub's table between them: real leases, flags and checks, over clocks and networks that misbehave.

What is modelled is AWS: a table that is consistent over its control regions, and CloudFormation, which knows no fence. What a cell
does is the handlers' own code. A call to CloudFormation arrives as late as its function and the SDK allow.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ConnectTimeoutError

from handlers.authority import Standing
from handlers.aws.calls import CALL_SECONDS
from handlers.aws.flags import Flags, FlagsAddress, FlagsUnreadableError
from handlers.aws.lease import HubTable, LeaseElsewhereError, LeaseUnrenewableError, handover
from handlers.aws.table import marshal, unmarshal
from handlers.domain.cell import Cell
from handlers.domain.outcome import Reason
from handlers.domain.quorum import Quorum, Sighting, Verdict, verdict
from handlers.domain.serving import Change, Serving
from tests.handlers.bench import cell_data
from tests.handlers.fake_cloudformation import refusal

REGIONS = ("us-east-1", "us-east-2", "us-west-2")
"""Each is the next one's ward: a ring. They are the control regions, too."""
PARTNER = {region: REGIONS[(number + 1) % 3] for number, region in enumerate(REGIONS)}
ATOM = re.compile(r"attribute_not_exists\(pk\)|(?P<path>[\w.#]+) = (?P<value>:\w+)|AND|OR|\(|\)")
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def _holds(condition: str, item: dict[str, Any], names: dict[str, str], values: dict[str, Any]) -> bool:
    """Evaluate one of the conditions that the hub's writes bear."""
    parts = []
    for found in ATOM.finditer(condition):
        if not found["path"]:
            parts.append(str(not item) if found[0].startswith("attribute") else found[0].lower())
            continue
        at: Any = item
        for name in found["path"].split("."):
            at = (at or {}).get(names.get(name, name))
        parts.append(str(at == values[found["value"]]))
    return bool(eval(" ".join(parts)))  # noqa: S307 - nothing but True, False, and, or and parentheses


@dataclass
class Hub:
    """The table as every control region has it, and who cannot be reached by whom."""

    now: Callable[[], datetime]
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    dark: set[str] = field(default_factory=set)
    """Control regions that answer nobody."""
    isolated: set[str] = field(default_factory=set)
    """Regions whose functions reach no control region."""
    loses_answer: bool = False
    """Of the next write, which takes effect."""
    meanwhile: Callable[[], None] | None = None
    """What happens between the next read and its write."""

    def client(self, caller: str, region: str) -> Any:
        return _Client(self, caller, region)


@dataclass
class _Client:
    hub: Hub
    caller: str
    region: str

    def _reach(self) -> dict[str, Any]:
        if self.region in self.hub.dark or self.caller in self.hub.isolated:
            raise ConnectTimeoutError(endpoint_url=self.region)
        date = format_datetime(self.hub.now().replace(microsecond=0), usegmt=True)
        return {"ResponseMetadata": {"HTTPHeaders": {"date": date}}}

    def get_item(self, *, TableName: str, Key: Any, ConsistentRead: bool, **_: Any) -> Any:  # noqa: N803 - boto3's names
        assert ConsistentRead, f"{TableName} is read as it was some time ago"
        found = self.hub.items.get(unmarshal(Key)["pk"])
        return {**self._reach(), **({"Item": marshal(found)} if found else {})}

    def batch_get_item(self, *, RequestItems: Any, **_: Any) -> Any:  # noqa: N803
        ((table, asked),) = RequestItems.items()
        assert asked["ConsistentRead"], f"{table} is read as it was some time ago"
        found = [self.hub.items.get(unmarshal(key)["pk"]) for key in asked["Keys"]]
        return {**self._reach(), "Responses": {table: [marshal(each) for each in found if each]}}

    def put_item(self, *, Item: Any, ConditionExpression: str, **_: Any) -> Any:  # noqa: N803
        return self._write(unmarshal(Item), ConditionExpression, {}, {})

    def update_item(self, *, Key: Any, UpdateExpression: str, ExpressionAttributeValues: Any, **more: Any) -> Any:  # noqa: N803
        values, key = unmarshal(ExpressionAttributeValues), unmarshal(Key)
        sets = dict(part.split(" = ") for part in UpdateExpression.removeprefix("SET ").split(", "))
        new = {**key, **{name: values[value] for name, value in sets.items()}}
        return self._write(new, more.get("ConditionExpression", ""), more.get("ExpressionAttributeNames", {}), values)

    def _write(self, new: dict[str, Any], condition: str, names: dict[str, str], values: dict[str, Any]) -> Any:
        meanwhile, self.hub.meanwhile = self.hub.meanwhile, None
        if meanwhile:
            meanwhile()
        answer = self._reach()
        before = self.hub.items.get(new["pk"], {})
        if condition and not _holds(condition, before, names, values):
            raise refusal(
                "UpdateItem", "ReplicatedWriteConflictException" if meanwhile else "ConditionalCheckFailedException", "no"
            )
        assert new.get("version") is None or new["version"] > before.get("version", 0), (
            f"two changes made version {new['version']}"
        )
        self.hub.items[new["pk"]] = {**before, **new}
        if self.hub.loses_answer:
            self.hub.loses_answer = False
            raise refusal("UpdateItem", "ServiceUnavailable", "the answer is lost", 503)
        return answer


@dataclass
class Call:
    """A call to CloudFormation on its way: checked, not yet arrived."""

    stack: str
    holder: str
    epoch: int
    latest_ms: int


@dataclass
class Place:
    """One region: its cell, its clock, and its way to the leases that are its own or its ward's."""

    cell: Cell
    clock: Callable[[], datetime]
    keepers: dict[str, HubTable]
    flags: Flags


class World:
    """Everything, and what must always hold of it. Each region has one stack, named for it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.offsets = dict.fromkeys(REGIONS, 0.0)
        self.hub = Hub(now=self.time)
        self.down: set[str] = set()
        self.failed: set[str] = set()
        self.working: set[str] = set()
        self.calls: list[Call] = []
        self.sightings = {region: dict.fromkeys(REGIONS, Sighting(at_ms=0)) for region in REGIONS}
        self.places = {region: self._place(region) for region in REGIONS}
        self.changes = 0

    def _place(self, region: str) -> Place:
        cell = Cell.model_validate({**cell_data(), "region": region, "partner": PARTNER[region]})
        clock: Callable[[], datetime] = lambda: self.time(self.offsets[region])  # noqa: E731
        client_in: Callable[[str], Any] = lambda control: self.hub.client(region, control)  # noqa: E731
        wards = [ward for ward, partner in PARTNER.items() if partner == region]
        partners = {each: frozenset({partner}) for each, partner in PARTNER.items()}
        address = FlagsAddress(environment="test", table="leases", control_regions=REGIONS, partners=partners)
        keepers = {owner: HubTable(cell, client_in, clock, owner) for owner in (region, *wards)}
        return Place(cell=cell, clock=clock, keepers=keepers, flags=Flags(address, client_in, clock))

    def time(self, offset: float = 0.0) -> datetime:
        return NOON + timedelta(seconds=self.seconds + offset)

    @property
    def now_ms(self) -> int:
        return round(self.time().timestamp() * 1000)

    def serving(self) -> Serving:
        """The flags as they are, whoever can read them."""
        return Serving.model_validate(self.hub.items.get("SERVING#test", {}))

    def lease(self, owner: str) -> dict[str, Any]:
        return self.hub.items.get(f"LEASE#222222222222#{owner}", {})

    # What happens

    def pass_seconds(self, seconds: float) -> None:
        """Whatever is on its way arrives at the latest moment that it can."""
        until = self.seconds + seconds
        for call in sorted(self.calls, key=lambda each: each.latest_ms):
            at = call.latest_ms / 1000 - NOON.timestamp()
            if at <= until:
                self.seconds = max(self.seconds, at)
                self.arrive(call)
        self.seconds = until

    def beat(self, region: str) -> None:
        """What a heartbeat does about leases: its own, then that of a ward that does not serve."""
        if region in self.down:
            return
        for owner, keeper in self.places[region].keepers.items():
            with suppress(LeaseElsewhereError, LeaseUnrenewableError):
                keeper.renew()
            self.check(region, owner)

    def check(self, region: str, stack: str) -> None:
        """An act function looks at the stack and at everything that decides, and sends its call."""
        if (
            region in self.down
            or stack not in self.failed
            or any(call.stack == stack and call.holder == region for call in self.calls)
        ):
            return
        place = self.places[region]
        read = place.keepers[stack].read()
        stands = Standing(
            lease=read.lease,
            flag_epoch=read.serving.of(stack).epoch,
            clock_problem=read.clock_problem,
            restraint=None,
            errors=read.errors,
        )
        runtime = cast("Any", SimpleNamespace(cell=place.cell, clock=place.clock))
        if stands.lease_problem(runtime) is None and read.lease is not None:
            life = place.cell.timings.act_function_seconds + CALL_SECONDS
            self.calls.append(Call(stack, region, read.lease.epoch, self.now_ms + life * 1000))

    def arrive(self, call: Call) -> None:
        """CloudFormation takes any call on a failed stack: that it was allowed is for us to see to."""
        self.calls.remove(call)
        if call.stack not in self.failed:
            return
        held = self.lease(call.stack)
        assert (held["holder"], held["epoch"]) == (call.holder, call.epoch), (
            f"{call.holder} changed {call.stack} under epoch {call.epoch} when {held['holder']} held it under {held['epoch']}"
        )
        self.failed.remove(call.stack)
        self.working.add(call.stack)

    def end(self, stack: str, *, well: bool) -> None:
        if stack in self.working:
            self.working.remove(stack)
            if not well:
                self.failed.add(stack)

    def switch(self, by: str, region: str, *, serving: bool) -> Serving | Reason | None:
        """A control region decides, with the flags as it reads them."""
        flags = self.places[by].flags
        try:
            seen = flags.read()
        except FlagsUnreadableError:
            return None
        self.changes += 1
        return flags.switch(Change(change_id=f"c-{self.changes}", region=region, serving=serving, decided_on=seen.version))

    def probe(self, by: str) -> None:
        """One look at every region, as far as this one can see: itself isolated, it sees nobody."""
        for region, sighting in self.sightings[by].items():
            unseen = region in self.down or region in self.hub.isolated or (by in self.hub.isolated and by != region)
            self.sightings[by][region] = sighting.next("no answer" if unseen else None, self.now_ms)

    def decide(self, by: str) -> None:
        """Switch off what a quorum says is lost."""
        for region in REGIONS:
            seen = [self.sightings[each][region] for each in REGIONS if each not in self.hub.isolated | self.down]
            if verdict(seen, self.now_ms, Quorum()) is Verdict.LOST:
                self.switch(by, region, serving=False)

    # What must hold

    def check_now(self) -> None:
        assert any(self.serving().serves(region) for region in REGIONS), "no region serves"

    def come_to_rest(self) -> None:
        """All networks, clocks and functions are well again, for as long as the longest handover takes."""
        self.hub.dark.clear()
        self.hub.isolated.clear()
        self.hub.loses_answer, self.hub.meanwhile = False, None
        self.down.clear()
        self.offsets = dict.fromkeys(REGIONS, 0.0)
        longest = handover(self.places[REGIONS[0]].cell).longest_seconds
        for _ in range(longest // 60 + 3):
            for region in REGIONS:
                self.beat(region)
            for stack in tuple(self.working):
                self.end(stack, well=True)
            self.pass_seconds(60)

    def check_at_rest(self) -> None:
        self.check_now()
        for owner in REGIONS:
            rightful = owner if self.serving().serves(owner) else PARTNER[owner]
            assert self.lease(owner).get("holder") == rightful, f"the takeover of {owner} by {rightful} has never ended"
        assert not self.failed, f"forgotten: {sorted(self.failed)}"
