"""What is kept of stacks, when, and what may be called good."""

import json

import pytest

from handlers.capture import handle
from handlers.domain.errors import TransientError
from handlers.domain.events import ForeignEventError, MalformedEventError, RecoveredStack
from handlers.domain.outcome import CaptureOutcome
from handlers.domain.records import ClaimState
from handlers.domain.secrecy import Hidden
from handlers.domain.version import StackVersion, Text, VersionState
from tests.handlers.bench import KEY, BenchRuntime
from tests.handlers.fake_cloudformation import FakeStack
from tests.handlers.journey import broken, claimed, settle_as

TOPIC = "arn:aws:sns:us-east-1:222222222222:told"


def event_of(bench: BenchRuntime, stack: FakeStack, status: str) -> str:
    """The newest event of the stack with this status, as it lies in the queue."""
    return json.dumps(
        next(
            event
            for event in reversed(bench.cloudformation.published)
            if event["detail"]["stack-id"] == stack.stack_id and event["detail"]["status-details"]["status"] == status
        )
    )


def good(bench: BenchRuntime) -> StackVersion:
    """The last good version of app-one."""
    found = bench.vault.last_good(KEY)
    assert isinstance(found, StackVersion)
    return found


def candidate(bench: BenchRuntime) -> StackVersion:
    """The candidate of app-one."""
    found = bench.vault.candidate(KEY)
    assert isinstance(found, StackVersion)
    return found


def deployed(bench: BenchRuntime) -> FakeStack:
    """App-one, healthy and captured."""
    stack = bench.cloudformation.create("app-one")
    assert handle(bench.event_of(stack), bench) is CaptureOutcome.GOOD
    return stack


def update(bench: BenchRuntime, stack: FakeStack, body: str) -> str:
    """Begin an update to another template; returns its first event."""
    bench.templates.bodies[stack.name] = body
    bench.cloudformation.begin_update(stack)
    return bench.event_of(stack)


def recovered(bench: BenchRuntime, stack: FakeStack, outcome: str = "recovered") -> str:
    """The word that Settle sends when it has closed a recovery so; by then CloudFormation has rolled the stack back."""
    state = claimed(bench, stack)
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=True)
    settle_as(bench, outcome)
    return RecoveredStack(stack_id=stack.stack_id, recovery_id=state["recovery_id"]).model_dump_json()


def test_a_stack_that_rests_healthy_is_good(bench: BenchRuntime) -> None:
    """With everything that makes it, under its own digest."""
    stack = bench.cloudformation.create("app-one")
    bench.templates.policies["app-one"] = '{"Statement": []}'
    bench.templates.shown["app-one"] = {
        "Parameters": [
            {"ParameterKey": "Size", "ParameterValue": "2"},
            {"ParameterKey": "Hidden", "ParameterValue": "****"},
            {"ParameterKey": "DatabasePassword", "ParameterValue": "correct horse"},
        ],
        "Tags": [{"Key": "team", "Value": "web"}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "NotificationARNs": [TOPIC],
        "RollbackConfiguration": {
            "MonitoringTimeInMinutes": 5,
            "RollbackTriggers": [{"Arn": "arn:aws:cloudwatch:x:1:alarm:a", "Type": "AWS::CloudWatch::Alarm"}],
        },
        "EnableTerminationProtection": True,
        "DisableRollback": True,
        "TimeoutInMinutes": 30,
        "DeploymentConfig": {"Mode": "EXPRESS"},
    }

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.GOOD

    version, made = good(bench), good(bench).made
    assert (version.state, version.status, version.token) == (VersionState.LAST_KNOWN_GOOD, "CREATE_COMPLETE", "deploy-0")
    assert (version.stack, version.stack_id, version.captured_at) == (KEY, stack.stack_id, bench.clock())
    assert bench.vault.template(version) == "# app-one"
    assert {each.name: each.value for each in made.parameters} == {"DatabasePassword": None, "Hidden": None, "Size": "2"}
    assert made.hidden == {"DatabasePassword": Hidden.LOOKS_SECRET, "Hidden": Hidden.NO_ECHO}
    assert (made.tags, made.capabilities, made.notification_arns) == ({"team": "web"}, ("CAPABILITY_NAMED_IAM",), (TOPIC,))
    assert (made.monitoring_minutes, made.rollback_triggers[0].type) == (5, "AWS::CloudWatch::Alarm")
    assert (made.stack_policy, made.is_protected, made.disables_rollback) == ('{"Statement": []}', True, True)
    assert (made.timeout_minutes, made.deployment_mode, made.role_arn) == (30, "EXPRESS", stack.role_arn)
    assert b"correct horse" not in b"".join(bench.bucket.objects.values())


def test_what_is_being_deployed_is_a_candidate(bench: BenchRuntime) -> None:
    """The last good version stays what it was."""
    stack = deployed(bench)

    assert handle(update(bench, stack, "# second"), bench) is CaptureOutcome.CANDIDATE

    assert candidate(bench).token == stack.token
    assert bench.vault.template(candidate(bench)) == "# second"
    assert bench.vault.template(good(bench)) == "# app-one"


def test_an_update_that_ends_well_becomes_good(bench: BenchRuntime) -> None:
    """And is told from the one before by its content."""
    stack = deployed(bench)
    update(bench, stack, "# second")
    bench.cloudformation.tell(stack, "Chaos", "UPDATE_COMPLETE", "", stack.token)
    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token=stack.token)

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.GOOD
    assert bench.vault.template(good(bench)) == "# second"


def test_a_failed_update_leaves_both_versions(bench: BenchRuntime) -> None:
    """What was to be deployed, and what was good; CloudFormation itself shows only the old one by then."""
    stack = deployed(bench)
    handle(update(bench, stack, "# second"), bench)
    bench.templates.bodies["app-one"] = "# app-one"
    bench.cloudformation.fail_update(stack)

    assert handle(event_of(bench, stack, "UPDATE_ROLLBACK_FAILED"), bench) is CaptureOutcome.EVIDENCE
    assert bench.vault.template(candidate(bench)) == "# second"
    assert bench.vault.template(good(bench)) == "# app-one"


def test_a_failure_keeps_its_evidence_whole(bench: BenchRuntime) -> None:
    """Under the failure's own id, by which the ledger knows it."""
    reason = "Received response status [FAILED] from custom resource. " + "x" * 2000
    stack = broken(bench, reason=reason)
    state = claimed(bench, stack)
    handle(event_of(bench, stack, "UPDATE_ROLLBACK_FAILED"), bench)
    kept = json.loads(bench.bucket.objects[f"evidence/{KEY.account}/{KEY.region}/app-one/{state['failure_id']}"])

    assert reason in {event["ResourceStatusReason"] for event in kept}
    assert kept[-1]["ResourceStatus"] == "UPDATE_IN_PROGRESS"


def test_a_late_event_does_not_take_the_old_version_for_the_new(bench: BenchRuntime) -> None:
    """When it is read the stack rolls back, and shows who knows which template."""
    stack = deployed(bench)
    event = update(bench, stack, "# second")
    bench.cloudformation.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "", token=stack.token)

    assert handle(event, bench) is CaptureOutcome.MOVED_ON
    assert bench.vault.template(candidate(bench)) == "# app-one"


def test_a_stack_that_moves_while_it_is_read_is_not_kept(bench: BenchRuntime) -> None:
    """Its parts may be of two versions; what it becomes has an event of its own."""
    stack = deployed(bench)
    event = update(bench, stack, "# second")
    bench.templates.while_read = lambda: bench.cloudformation.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "", token=stack.token)

    assert handle(event, bench) is CaptureOutcome.MOVED_ON
    assert bench.vault.template(candidate(bench)) == "# app-one"


def test_a_rollback_is_not_called_good_by_its_event(bench: BenchRuntime) -> None:
    """Resources may have been skipped, and then the stack only looks healthy."""
    stack = broken(bench)
    bench.cloudformation.someone_continues(stack)
    bench.cloudformation.end_operation(stack, well=True)

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.MOVED_ON
    assert bench.vault.last_good(KEY) is None


def test_our_own_operations_end_is_not_good_yet(bench: BenchRuntime) -> None:
    """Its recovery has criteria to look at first."""
    stack = bench.cloudformation.create("app-one")
    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token="sm-1")

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.WITHHELD
    assert candidate(bench).token == "sm-1"
    assert bench.vault.last_good(KEY) is None


def test_a_stack_that_a_recovery_holds_is_not_good_yet(bench: BenchRuntime) -> None:
    """Whoever was quicker: the recovery will say so when it has looked."""
    stack = broken(bench)
    claimed(bench, stack)
    bench.cloudformation.tell(stack, "Chaos", "UPDATE_COMPLETE", "", "person")
    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token="person")

    assert [claim.state for claim in bench.claims()] == [ClaimState.HELD]
    assert handle(bench.event_of(stack), bench) is CaptureOutcome.WITHHELD


def test_what_a_recovery_has_proven_is_good(bench: BenchRuntime) -> None:
    """Also where the stack was rolled back to it."""
    stack = broken(bench)

    assert handle(recovered(bench, stack), bench) is CaptureOutcome.GOOD
    assert good(bench).status == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize("outcome", ["healed_elsewhere", "in_other_hands"])
def test_a_word_that_the_ledger_does_not_confirm_is_not_believed(bench: BenchRuntime, outcome: str) -> None:
    """Whoever may send to the queue may not say what is good."""
    assert handle(recovered(bench, broken(bench), outcome), bench) is CaptureOutcome.WITHHELD
    assert bench.vault.last_good(KEY) is None


def test_nothing_is_good_while_a_skip_is_not_reconciled(bench: BenchRuntime) -> None:
    """Neither by a recovery's word nor by a later update of other resources."""
    stack = broken(bench)
    bench.table.items[(f"STACK#{KEY.account}#{KEY.region}#{KEY.name}", "SKIPPED")] = {"resources": ["Chaos"]}

    assert handle(recovered(bench, stack), bench) is CaptureOutcome.WITHHELD
    bench.cloudformation.say(stack, "UPDATE_COMPLETE", "", token="deploy-9")
    assert handle(bench.event_of(stack), bench) is CaptureOutcome.WITHHELD
    assert bench.vault.last_good(KEY) is None


def test_an_incomplete_resource_is_not_good(bench: BenchRuntime) -> None:
    """Whatever the stack says of itself."""
    stack = bench.cloudformation.create("app-one")
    stack.resources["Queue"] = "UPDATE_FAILED"

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.WITHHELD


def test_nested_stacks_are_kept_with_their_root(bench: BenchRuntime) -> None:
    """Their templates at rest, by where they stand; their own events are their root's business."""
    inner = bench.cloudformation.create("app-one-Inner-1A2B", parent_id="arn:aws:cloudformation:x")
    stack = bench.cloudformation.create("app-one")
    bench.templates.nested["app-one"] = {"Inner": inner.name}

    assert handle(event_of(bench, inner, "CREATE_COMPLETE"), bench) is CaptureOutcome.NESTED
    assert handle(bench.event_of(stack), bench) is CaptureOutcome.GOOD
    (nested,) = good(bench).made.nested
    assert (nested.path, nested.stack_id) == (("Inner",), inner.stack_id)
    assert bench.vault.template(good(bench), nested.template) == f"# {inner.name}"


def test_a_nested_resource_that_is_incomplete_is_not_good(bench: BenchRuntime) -> None:
    """The root's own resources may all be complete."""
    inner = bench.cloudformation.create("app-one-Inner-1A2B", parent_id="arn:aws:cloudformation:x")
    stack = bench.cloudformation.create("app-one")
    bench.templates.nested["app-one"] = {"Inner": inner.name}
    inner.resources["Queue"] = "UPDATE_FAILED"

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.WITHHELD


def test_a_repeat_writes_nothing(bench: BenchRuntime) -> None:
    """Events come twice."""
    stack = deployed(bench)
    before = list(bench.bucket.puts)
    bench.time.pass_seconds(60)

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.GOOD
    assert bench.bucket.puts == before
    assert len(before) == 3  # one template, candidate, last known good


def test_an_altered_version_is_reported_and_replaced(bench: BenchRuntime) -> None:
    """CloudFormation still knows the true one."""
    stack = deployed(bench)
    place = f"stacks/{KEY.account}/{KEY.region}/app-one"
    for where in (f"{place}/last-known-good", f"{place}/texts/{Text.of('# app-one').digest}"):
        bench.bucket.objects[where] = bench.bucket.objects[where].replace(b"role/service", b"role/admin") + b" "

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.GOOD
    assert good(bench).made.role_arn == stack.role_arn
    assert bench.vault.findings(good(bench)) == ()


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("alien-one", CaptureOutcome.UNMANAGED), ("off-one", CaptureOutcome.MODE_OFF), ("shadow-one", CaptureOutcome.GOOD)],
)
def test_a_pattern_that_is_watched_is_captured(bench: BenchRuntime, name: str, outcome: CaptureOutcome) -> None:
    """Reading changes nothing, so `observe` is enough; `off` is off."""
    assert handle(bench.event_of(bench.cloudformation.create(name)), bench) is outcome


def test_a_stack_that_is_gone_is_no_error(bench: BenchRuntime) -> None:
    """Its events may come after it."""
    stack = bench.cloudformation.create("app-one")
    gone = event_of(bench, stack, "CREATE_COMPLETE").replace(stack.stack_id, stack.stack_id[:-1] + "9")

    assert handle(gone, bench) is CaptureOutcome.VANISHED


def test_what_is_no_event_is_refused(bench: BenchRuntime) -> None:
    """By name, so that the queue's dead letters say what they are."""
    found = json.dumps({"kind": "stackmend.found_stack", "stack_id": "x", "reported": "x", "found_at": "2026-03-04T12:00:00Z"})
    for body in ("no json", "{}", found):
        with pytest.raises(MalformedEventError):
            handle(body, bench)
    foreign = RecoveredStack(stack_id="arn:aws:cloudformation:us-east-1:333333333333:stack/app-one/1", recovery_id="r-1")
    with pytest.raises(ForeignEventError):
        handle(foreign.model_dump_json(), bench)


def test_events_that_lag_behind_are_waited_for(bench: BenchRuntime) -> None:
    """The message comes again."""
    stack = bench.cloudformation.create("app-one")
    event = bench.event_of(stack)
    stack.events.pop()

    with pytest.raises(TransientError, match="its events do not say so yet"):
        handle(event, bench)


def test_settle_sends_word_of_what_it_has_proven(bench: BenchRuntime) -> None:
    """Once more by a repeat, since the first may have died before it could; and of nothing else."""
    recovered(bench, broken(bench))
    (word,) = bench.fake_mail.queues[bench.cell.capture_queue]

    assert handle(word, bench) is CaptureOutcome.GOOD
    settle_as(bench, "recovered")
    assert bench.fake_mail.queues[bench.cell.capture_queue] == [word, word]


def test_settle_sends_no_word_of_what_others_did(bench: BenchRuntime) -> None:
    """Nobody has looked at it."""
    recovered(bench, broken(bench), "healed_elsewhere")

    assert bench.cell.capture_queue not in bench.fake_mail.queues


def test_a_stack_that_rests_healthy_tells_what_it_needs(bench: BenchRuntime) -> None:
    """And what others may need of it: the graph is refreshed where the template is read anyway."""
    stack = bench.cloudformation.create("app-one")
    bench.templates.bodies["app-one"] = "Value: !ImportValue Vpc\nName: '{{resolve:ssm:/net/id}}'"
    bench.templates.shown["app-one"] = {
        "Outputs": [{"OutputKey": "Url", "ExportName": "Url"}, {"OutputKey": "Own"}],
        "Tags": [{"Key": "stackmend:depends-on", "Value": "app-two"}, {"Key": "team", "Value": "web"}],
    }

    handle(bench.event_of(stack), bench)

    facts = bench.graph.facts(KEY)
    assert facts is not None
    assert (facts.imports, facts.exports, facts.template) == (("Vpc",), ("Url",), "{{resolve:ssm:/net/id}}")
    assert facts.tags == {"stackmend:depends-on": "app-two"}
    assert facts.resource_types == ("AWS::SQS::Queue",)


def test_a_stack_that_is_gone_leaves_the_graph(bench: BenchRuntime) -> None:
    """Its deletion has an event as everything has."""
    stack = deployed(bench)
    assert bench.graph.facts(KEY) is not None

    bench.cloudformation.delete(stack)

    assert handle(bench.event_of(stack), bench) is CaptureOutcome.VANISHED
    assert bench.graph.facts(KEY) is None


def test_a_failure_leaves_the_graph_as_it_was(bench: BenchRuntime) -> None:
    """What a stack needs on a bad day is what it needed when it worked."""
    stack = deployed(bench)
    before = bench.graph.facts(KEY)
    bench.templates.bodies["app-one"] = "Value: !ImportValue Other"
    bench.cloudformation.fail_and_stay(stack, "broken")

    handle(bench.event_of(stack), bench)

    assert bench.graph.facts(KEY) == before
