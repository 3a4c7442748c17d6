"""Stacks that need each other and fail together: in order, each once, and nobody waits for what will not come."""

import json
from datetime import timedelta
from typing import Any

import pytest

from handlers import escalate, heartbeat, intake, settle
from handlers.domain.escalation import Case
from handlers.domain.events import FoundStack
from handlers.domain.graph_facts import TAG, StackFacts
from handlers.domain.identity import StackKey
from handlers.domain.outcome import CloseOutcome, Escalation, IntakeOutcome, Reason
from handlers.domain.payload import SettlePayload
from handlers.domain.records import Failure, FailureState
from tests.handlers.bench import KEY, WORD, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack

INTAKE = "stackmend-test-intake"
NET, DB, WEB = "app-net", "app-db", "app-web"


def key(name: str) -> StackKey:
    """A stack of the cell."""
    return KEY.model_copy(update={"name": name})


def tell(bench: BenchRuntime, name: str, *imports: str, **more: Any) -> None:
    """Let a stack have come to rest, exporting its own name and importing others'."""
    facts = StackFacts(stack=key(name), exports=(name,), imports=imports, **more)
    bench.graph.refresh(facts, f"id-{name}", bench.clock())


def fail(bench: BenchRuntime, *names: str) -> list[FakeStack]:
    """Let stacks fail, all before anybody hears of it."""
    stacks = [bench.cloudformation.create(name) for name in names]
    for stack in stacks:
        bench.cloudformation.fail_update(stack)
    return stacks


def take(bench: BenchRuntime, stack: FakeStack) -> IntakeOutcome:
    """Intake hears of the stack's failure."""
    return intake.handle(bench.event_of(stack), bench)


def chain(bench: BenchRuntime) -> dict[str, FakeStack]:
    """Web needs db, which needs net; all have failed."""
    tell(bench, NET)
    tell(bench, DB, NET)
    tell(bench, WEB, DB)
    return dict(zip((NET, DB, WEB), fail(bench, NET, DB, WEB), strict=True))


def failure(bench: BenchRuntime, name: str) -> Failure:
    """The one failure of a stack."""
    (found,) = [each for each in bench.failures() if each.stack.name == name]
    return found


def running(bench: BenchRuntime) -> list[str]:
    """The stacks whose recovery was started, in that order."""
    return [each.given["stack"]["name"] for each in bench.fake_machine.executions.values()]


def settle_(bench: BenchRuntime, stack: FakeStack, code: str = "recovered") -> CloseOutcome:
    """Let the stack be healthy, and its recovery settle so."""
    if stack.status == "UPDATE_ROLLBACK_FAILED":
        bench.cloudformation.someone_continues(stack)
        bench.cloudformation.end_operation(stack, well=True)
    claim = next(each for each in bench.claims() if each.stack.name == stack.name)
    decision = {"route": "settle", "reason": f"{code}: in a test"}
    return settle.handle(SettlePayload.model_validate({**claim.machine_input(), "decision": decision}), bench)


def give_up(bench: BenchRuntime, stack: FakeStack) -> CloseOutcome:
    """Let the stack's recovery end with a person."""
    claim = next(each for each in bench.claims() if each.stack.name == stack.name)
    reason = Reason(code=Escalation.ATTEMPTS_SPENT, sentence="tried 3 times")
    ids = {"recovery_id": claim.recovery_id, "failure_id": claim.failure_id, "stack": claim.stack, "stack_id": claim.stack_id}
    return escalate.handle(Case(**ids, reason=reason), bench)


def deliver(bench: BenchRuntime) -> list[IntakeOutcome]:
    """Let intake take everything that lies in its queue."""
    bodies, bench.fake_mail.queues[INTAKE] = bench.fake_mail.queues.get(INTAKE, []), []
    return [intake.handle(body, bench) for body in bodies]


def beat(bench: BenchRuntime) -> list[IntakeOutcome]:
    """A minute passes, the heart beats, and intake takes what it sends."""
    bench.time.pass_seconds(61)
    bench.renew()
    heartbeat.handle(bench)
    return deliver(bench)


@pytest.mark.parametrize("order", [(NET, DB, WEB), (WEB, DB, NET), (DB, WEB, NET), (WEB, NET, DB)])
def test_a_chain_is_recovered_in_order_however_its_events_come(bench: BenchRuntime, order: tuple[str, ...]) -> None:
    """None before what it needs, each once; a parked one has no execution."""
    stacks = chain(bench)
    outcomes = {name: take(bench, stacks[name]) for name in order}
    assert outcomes == {NET: IntakeOutcome.STARTED, DB: IntakeOutcome.PARKED, WEB: IntakeOutcome.PARKED}

    for name, released in ((NET, [IntakeOutcome.STARTED]), (DB, [IntakeOutcome.STARTED]), (WEB, [])):
        settle_(bench, stacks[name])
        assert deliver(bench) == released

    assert running(bench) == [NET, DB, WEB]
    assert {each.state for each in bench.failures()} == {FailureState.SETTLED}


def test_a_stack_waits_for_the_set_of_what_it_needs(bench: BenchRuntime) -> None:
    """And the last of them starts it; a release that comes twice takes nothing away twice."""
    tell(bench, NET)
    tell(bench, DB)
    tell(bench, WEB, NET, DB)
    net, db, web = fail(bench, NET, DB, WEB)
    assert [take(bench, each) for each in (web, net, db)] == [IntakeOutcome.PARKED, IntakeOutcome.STARTED, IntakeOutcome.STARTED]
    assert set(failure(bench, WEB).waits_for) == {str(key(NET)), str(key(DB))}

    settle_(bench, net)
    settle_(bench, net)
    assert deliver(bench) == []
    settle_(bench, db)
    settle_(bench, db)

    assert deliver(bench)[0] is IntakeOutcome.STARTED
    assert running(bench) == [NET, DB, WEB]


def test_nobody_waits_through_a_healthy_stack(bench: BenchRuntime) -> None:
    """Its exports exist."""
    tell(bench, NET)
    tell(bench, DB, NET)
    tell(bench, WEB, DB)
    bench.cloudformation.create(DB)
    net, web = fail(bench, NET, WEB)

    assert [take(bench, each) for each in (net, web)] == [IntakeOutcome.STARTED, IntakeOutcome.STARTED]


def test_a_dynamic_reference_and_a_tag_make_a_stack_wait_too(bench: BenchRuntime) -> None:
    """Not only an import."""
    tell(bench, NET, parameters=("/net/id",))
    tell(bench, DB, template="{{resolve:ssm:/net/id:1}}")
    tell(bench, WEB, tags={TAG: NET})
    net, db, web = fail(bench, NET, DB, WEB)

    assert [take(bench, each) for each in (db, web, net)] == [IntakeOutcome.PARKED, IntakeOutcome.PARKED, IntakeOutcome.STARTED]
    assert failure(bench, DB).behind[0].evidence == "reads {{resolve:ssm:/net/id:1}}"


def test_a_stack_that_is_only_observed_waits_for_nobody_and_nobody_for_it(bench: BenchRuntime) -> None:
    """Nobody will repair it: who needs it goes on and finds out."""
    tell(bench, "shadow-net")
    tell(bench, "shadow-web", NET)
    tell(bench, WEB, "shadow-net")
    tell(bench, NET)
    stacks = fail(bench, "shadow-net", "shadow-web", WEB, NET)

    assert [take(bench, each) for each in stacks] == [IntakeOutcome.STARTED] * 4


def test_a_stack_without_facts_waits_for_nobody(bench: BenchRuntime) -> None:
    """It never came to rest before our eyes."""
    tell(bench, NET)
    net, web = fail(bench, NET, WEB)

    assert [take(bench, each) for each in (net, web)] == [IntakeOutcome.STARTED, IntakeOutcome.STARTED]


def test_a_failure_that_is_told_twice_is_parked_once(bench: BenchRuntime) -> None:
    """And stays so."""
    stacks = chain(bench)

    assert [take(bench, stacks[DB]) for _ in range(3)] == [IntakeOutcome.PARKED] * 3
    assert len([each for each in bench.failures() if each.stack.name == DB]) == 1


@pytest.mark.parametrize("code", ["healed_elsewhere", "vanished", "in_other_hands"])
def test_a_lost_member_lets_go_of_those_behind_it(bench: BenchRuntime, code: str) -> None:
    """They go on and find out."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)

    settle_(bench, stacks[NET], code)

    assert deliver(bench) == [IntakeOutcome.STARTED]


def test_a_recovery_that_ends_while_a_stack_is_parked_leaves_it_behind_nothing(
    bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has seen no record that it could release: whoever parks looks again afterwards."""
    stacks = chain(bench)
    take(bench, stacks[NET])
    rest = bench.ledger.rest

    def slow(one: Failure) -> bool:
        settle_(bench, stacks[NET])
        return rest(one)

    monkeypatch.setattr(bench.ledger, "rest", slow)

    assert take(bench, stacks[DB]) is IntakeOutcome.STARTED


def test_a_release_that_was_lost_is_found_by_the_heartbeat(bench: BenchRuntime) -> None:
    """Settle died after it had emptied the set, and before it could send anything."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)
    settle_(bench, stacks[NET])
    bench.fake_mail.queues[INTAKE].clear()
    assert failure(bench, DB).waits_for == ()

    assert beat(bench) == [IntakeOutcome.STARTED]
    assert running(bench) == [NET, DB]


def test_what_heals_without_a_recovery_is_seen_by_the_heartbeat(bench: BenchRuntime) -> None:
    """A person was quicker; nothing of ours settles."""
    tell(bench, NET)
    tell(bench, DB, NET)
    net, db = fail(bench, NET, DB)
    assert take(bench, db) is IntakeOutcome.PARKED

    bench.cloudformation.someone_continues(net)
    bench.cloudformation.end_operation(net, well=True)

    assert beat(bench) == [IntakeOutcome.STARTED]


def test_the_heartbeat_leaves_a_parked_stack_alone_while_what_it_needs_is_repaired(bench: BenchRuntime) -> None:
    """Or it would be looked at every minute for nothing."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)

    assert beat(bench) == []


def test_a_lost_cause_takes_everything_behind_it_along_as_one_incident(bench: BenchRuntime) -> None:
    """One alert, which names the root and all that wait for it in vain."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)

    assert give_up(bench, stacks[NET]) is CloseOutcome.CLOSED

    (alert,) = bench.fake_alerts.raised
    assert "app-net needs a person" in alert[0]
    assert "Behind it: 2 failed stacks that need it (app-db, app-web)" in alert[1]
    (body,) = bench.fake_mail.queues["stackmend-test-escalation"]
    assert json.loads(body)["dependents"] == [DB, WEB]
    lost = [failure(bench, name) for name in (DB, WEB)]
    assert {(each.state, each.outcome, each.root) for each in lost} == {
        (FailureState.ESCALATED, "dependency_given_up", str(key(NET)))
    }
    assert running(bench) == [NET]


def test_who_fails_after_the_root_was_given_up_belongs_to_its_incident(bench: BenchRuntime) -> None:
    """Directly behind it or behind another that was lost; nobody is called again."""
    stacks = chain(bench)
    take(bench, stacks[NET])
    give_up(bench, stacks[NET])

    assert [take(bench, stacks[name]) for name in (DB, WEB)] == [IntakeOutcome.BEHIND_GIVEN_UP] * 2
    assert failure(bench, WEB).root == str(key(NET))
    assert len(bench.fake_alerts.raised) == 1


def test_once_the_root_is_healthy_those_behind_it_go_on_by_themselves(bench: BenchRuntime) -> None:
    """In their order; a person has to put one stack right, not four hundred."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)
    give_up(bench, stacks[NET])
    assert beat(bench) == []

    bench.cloudformation.someone_continues(stacks[NET])
    bench.cloudformation.end_operation(stacks[NET], well=True)

    assert beat(bench) == [IntakeOutcome.STARTED]
    settle_(bench, stacks[DB])
    deliver(bench)
    assert IntakeOutcome.STARTED in beat(bench)
    assert running(bench) == [NET, DB, WEB]


def test_a_death_between_the_alert_and_the_dependents_is_made_good(bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heartbeat finds stacks that are parked behind a lost cause, and intake gives them up."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)
    monkeypatch.setattr(escalate, "give_up_behind", lambda *_: None)
    give_up(bench, stacks[NET])

    assert beat(bench) == [IntakeOutcome.BEHIND_GIVEN_UP]
    assert beat(bench) == [IntakeOutcome.BEHIND_GIVEN_UP]
    assert failure(bench, WEB).root == str(key(NET))


def test_a_ring_is_untangled_by_the_rule(bench: BenchRuntime) -> None:
    """An import is surer than a tag: the tag is not waited for, and each is started once."""
    tell(bench, NET, DB)
    tell(bench, DB, WEB)
    tell(bench, WEB, tags={TAG: NET})
    net, db, web = fail(bench, NET, DB, WEB)
    assert [take(bench, each) for each in (net, db, web)] == [IntakeOutcome.PARKED] * 3

    assert beat(bench) == [IntakeOutcome.STARTED]
    assert running(bench) == [WEB]
    for stack in (web, db, net):
        settle_(bench, stack)
        deliver(bench)
    assert running(bench) == [WEB, DB, NET]


def test_a_stack_that_is_paused_meanwhile_waits_for_people_then(bench: BenchRuntime) -> None:
    """What it needs has been recovered; now it is its own turn to wait."""
    stacks = chain(bench)
    for each in stacks.values():
        take(bench, each)
    bench.people.pause(key(DB), WORD, until=None)

    settle_(bench, stacks[NET])

    assert deliver(bench) == [IntakeOutcome.PAUSED]
    assert beat(bench) == []
    bench.people.resume(key(DB), WORD)
    assert beat(bench) == [IntakeOutcome.STARTED]


def test_more_dependents_than_escalate_has_time_for_are_given_up_over_some_beats(
    bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Escalate gives up as many as its time allows, the heartbeat the others; one alert in all."""
    monkeypatch.setattr("handlers.parking.MOST_GIVEN_UP", 3)
    tell(bench, NET)
    names = [f"app-web-{number}" for number in range(8)]
    for name in names:
        tell(bench, name, NET)
    net, *webs = fail(bench, NET, *names)
    for each in (net, *webs):
        take(bench, each)

    give_up(bench, net)
    beat(bench)

    assert {failure(bench, name).outcome for name in names} == {"dependency_given_up"}
    assert len(bench.fake_alerts.raised) == 1


def test_a_forged_word_starts_nothing(bench: BenchRuntime) -> None:
    """A message in the queue is only a hint: what is in the way is looked at anew."""
    stacks = chain(bench)
    take(bench, stacks[DB])
    stack = stacks[DB]
    word = FoundStack(stack_id=stack.stack_id, reported=stack.status, found_at=bench.clock() + timedelta(seconds=1))

    assert intake.handle(word.model_dump_json(), bench) is IntakeOutcome.PARKED


def limited(bench: BenchRuntime, limit: int) -> None:
    """Let the cell have room for so many recoveries."""
    bench.cell = bench.cell.model_copy(update={"recoveries_at_once": limit})


def test_no_more_recoveries_run_than_the_cell_allows(bench: BenchRuntime) -> None:
    """A further one is parked, and started when one of them has ended, whichever way."""
    limited(bench, 2)
    stacks = fail(bench, NET, DB, WEB, "app-more")

    assert [take(bench, each) for each in stacks] == [IntakeOutcome.STARTED] * 2 + [IntakeOutcome.NO_ROOM] * 2
    settle_(bench, stacks[0])
    assert deliver(bench) == [IntakeOutcome.STARTED]
    give_up(bench, stacks[1])
    assert deliver(bench) == [IntakeOutcome.STARTED]
    assert sorted(running(bench)) == sorted([NET, DB, WEB, "app-more"])


def test_the_longest_chain_behind_a_stack_decides_who_is_next(bench: BenchRuntime) -> None:
    """Not who failed first."""
    limited(bench, 1)
    tell(bench, NET)
    tell(bench, DB, NET)
    tell(bench, WEB, DB)
    first, alone, net, db, web = fail(bench, "app-first", "app-alone", NET, DB, WEB)
    for each in (first, alone, web, db, net):
        take(bench, each)

    for each in (first, net, db, alone, web):
        settle_(bench, each)
        deliver(bench)

    assert running(bench)[:3] == ["app-first", NET, DB]
    assert set(running(bench)[3:]) == {"app-alone", WEB}


def test_two_that_end_together_start_two(bench: BenchRuntime) -> None:
    """Both see the same line; an offer is a conditional write, and the second goes to the next."""
    limited(bench, 2)
    one, two, *others = fail(bench, "app-a", "app-b", "app-c", "app-d")
    for each in (one, two, *others):
        take(bench, each)

    settle_(bench, one)
    settle_(bench, two)

    deliver(bench)
    assert running(bench) == ["app-a", "app-b", "app-c", "app-d"]


def test_room_that_came_while_a_stack_was_parked_is_taken(bench: BenchRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recovery that ended had seen nobody to offer its place to."""
    limited(bench, 1)
    one, two = fail(bench, "app-a", "app-b")
    take(bench, one)
    rest = bench.ledger.rest

    def slow(waiting: Failure) -> bool:
        settle_(bench, one)
        return rest(waiting)

    monkeypatch.setattr(bench.ledger, "rest", slow)

    assert take(bench, two) is IntakeOutcome.STARTED


def test_an_offer_that_was_lost_is_made_again_by_the_heartbeat(bench: BenchRuntime) -> None:
    """For as many as there is room, and no more."""
    limited(bench, 1)
    stacks = fail(bench, "app-a", "app-b", "app-c")
    for each in stacks:
        take(bench, each)
    settle_(bench, stacks[0])
    bench.fake_mail.queues[INTAKE].clear()

    assert beat(bench) == [IntakeOutcome.STARTED]
    assert beat(bench) == []


def test_a_place_is_free_as_soon_as_its_recovery_is_closed(bench: BenchRuntime) -> None:
    """Both are one write: no place is lost, whoever dies when."""
    limited(bench, 1)
    (stack,) = fail(bench, "app-a")
    take(bench, stack)
    assert len(bench.ledger.taken_slots()) == 1

    settle_(bench, stack)
    settle_(bench, stack)

    assert bench.ledger.taken_slots() == frozenset()
