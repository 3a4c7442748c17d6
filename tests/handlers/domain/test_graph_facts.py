"""What facts become edges, and what every bad fact is called."""

from typing import Any

import pytest

from handlers.domain.dynamic_references import references
from handlers.domain.graph import EdgeKind
from handlers.domain.graph_facts import Facts, Known, Trouble, known
from tests.handlers.domain.graphs import CELL

ACCOUNT, REGION = CELL.split("/")
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:app/db-AbC123"


def stack(name: str, account: str = ACCOUNT, region: str = REGION, **facts: Any) -> dict[str, Any]:
    return {"stack": {"account": account, "region": region, "name": name}, **facts}


def build(*stacks: dict[str, Any], **more: Any) -> Known:
    return known(Facts.model_validate({"stacks": stacks, **more}))


def told(found: Known) -> list[str]:
    """Every edge in one line, without the cell that most have in common."""
    return [str(edge).replace(f"{CELL}/", "") for edge in found.graph.edges]


def troubles(found: Known) -> list[tuple[Trouble, str]]:
    return [(one.trouble, str(one).replace(f"{CELL}/", "")) for one in found.findings]


def stated(consumer: str, producer: str) -> dict[str, Any]:
    return {"consumer": stack(consumer)["stack"], "producer": stack(producer)["stack"], "reason": "by hand"}


def test_an_import_is_an_edge_to_the_exporter_of_the_same_region() -> None:
    """CloudFormation's own dependency."""
    found = build(stack("web", imports=["Vpc"]), stack("net", exports=["Vpc"]), stack("net", region="eu-west-1", exports=["Vpc"]))

    assert told(found) == ["web needs net: imports Vpc"]
    assert found.findings == ()


@pytest.mark.parametrize(
    ("text", "owned"),
    [
        ("{{resolve:secretsmanager:app/db}}", {"secrets": [SECRET_ARN]}),
        ("{{resolve:secretsmanager:app/db:SecretString:password::}}", {"secrets": ["app/db"]}),
        (f"{{{{resolve:secretsmanager:{SECRET_ARN}:SecretString:password}}}}", {"secrets": [SECRET_ARN]}),
        ("{{resolve:ssm:/app/db:3}}", {"parameters": ["/app/db"]}),
        ("{{resolve:ssm-secure:/app/db}}", {"parameters": ["/app/db"]}),
        (f"{{{{resolve:ssm:arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/app/db}}}}", {"parameters": ["/app/db"]}),
        ("{{resolve:ssm:/${AWS::Region}/db}}", {"parameters": [f"/{REGION}/db"]}),
        ("{{resolve:ssm:/of/${AWS::StackName}}}", {"parameters": ["/of/web"]}),
    ],
)
def test_a_dynamic_reference_is_an_edge_to_the_owner(text: str, owned: dict[str, Any]) -> None:
    """By name or ARN, with or without what stands behind it."""
    found = build(stack("web", template=f'{{"Password": "{text}"}}'), stack("db", **owned))

    assert told(found) == [f"web needs db: reads {text}"]


def test_a_reference_to_another_account_is_an_edge_across() -> None:
    """An ARN says where."""
    arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:shared-AbC123"
    found = build(
        stack("web", template=f"x: '{{{{resolve:secretsmanager:{arn}}}}}'"),
        stack("vault", account="444455556666", region="eu-west-1", secrets=[arn]),
    )

    assert [edge.producer for edge in found.graph.edges] == ["444455556666/eu-west-1/vault"]


def test_what_no_stack_owns_is_no_edge_and_no_trouble() -> None:
    """Parameters made by hand are ordinary; a stack that reads its own does not need itself."""
    found = build(stack("web", template="{{resolve:ssm:/by/hand}} {{resolve:ssm:/own}}", parameters=["/own"]))

    assert (told(found), found.findings) == ([], ())


def test_stacks_of_a_set_come_one_behind_the_other_in_its_region_order() -> None:
    """Account by account."""
    places = [(account, region) for account in (ACCOUNT, "444455556666") for region in ("eu-west-1", "us-east-1")]
    found = build(
        *(stack("StackSet-x", account, region, stack_set="x") for account, region in places),
        stack_sets=[{"name": "x", "region_order": ["us-east-1", "ap-south-1", "eu-west-1"]}],
    )

    assert [(edge.consumer, edge.producer, edge.kind) for edge in found.graph.edges] == [
        (f"{account}/eu-west-1/StackSet-x", f"{account}/us-east-1/StackSet-x", EdgeKind.STACK_SET)
        for account in (ACCOUNT, "444455556666")
    ]


def test_tags_name_stacks_here_or_elsewhere() -> None:
    """A second tag goes on where the first is full."""
    tags = {"stackmend:depends-on": "net eu-west-1/db", "stackmend:depends-on:2": "444455556666/eu-west-1/hub", "Name": "nobody"}
    found = build(
        stack("web", tags=tags),
        stack("net"),
        stack("db", region="eu-west-1"),
        stack("hub", account="444455556666", region="eu-west-1"),
    )

    assert [edge.producer for edge in found.graph.edges] == [
        f"{CELL}/net", f"{ACCOUNT}/eu-west-1/db", "444455556666/eu-west-1/hub",
    ]  # fmt: skip


def test_settings_state_edges() -> None:
    """Across whatever they like."""
    assert told(build(stack("a"), stack("b"), stated=[stated("b", "a")])) == ["b needs a: the settings say: by hand"]


BAD = [
    (
        Trouble.TWICE,
        [stack("a"), stack("a", exports=["X"])],
        "a: is listed twice; what the first entry says is believed (twice)",
    ),
    (Trouble.UNKNOWN_STACK, [stack("a", tags={"stackmend:depends-on": "x"})], "a: its tag names x, which nobody has seen (unknown_stack)"),
    (Trouble.UNKNOWN_EXPORT, [stack("a", imports=["X"])], "a: imports X, which no known stack of its region exports (unknown_export)"),
    (
        Trouble.UNRESOLVED,
        [stack("a", template="{{resolve:ssm:/${Stage}/db}}")],
        "a: reads {{resolve:ssm:/${Stage}/db}}, whose name is not known before it is deployed (unresolved)",
    ),
    (
        Trouble.SELF_EDGE,
        [stack("a", tags={"stackmend:depends-on": "a"})],
        "a: is said to need itself: tag stackmend:depends-on names a (self_edge)",
    ),
    (Trouble.SELF_EDGE, [stack("a", exports=["X"], imports=["X"])], "a: is said to need itself: imports X (self_edge)"),
    (
        Trouble.MALFORMED_TAG,
        [stack("a", tags={"stackmend:depends-on": "w/x/y/z"})],
        "a: its tag says 'w/x/y/z': use NAME, REGION/NAME or ACCOUNT/REGION/NAME (malformed_tag)",
    ),
    (
        Trouble.MALFORMED_TAG,
        [stack("a", tags={"stackmend:depends-on": "9"})],
        "a: its tag says '9': use NAME, REGION/NAME or ACCOUNT/REGION/NAME (malformed_tag)",
    ),
    (
        Trouble.UNORDERED_SET,
        [stack("a", stack_set="s")],
        "a: is of StackSet s, which states no place for its region (unordered_set)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("trouble", "stacks", "said"), BAD)
def test_a_bad_fact_is_named_and_makes_no_edge(trouble: Trouble, stacks: list[dict[str, Any]], said: str) -> None:
    """And does not stop the rest."""
    found = build(*stacks, stack("rest", imports=["R"]), stack("of-it", exports=["R"]))

    assert troubles(found) == [(trouble, said)]
    assert told(found) == ["rest needs of-it: imports R"]


def test_settings_that_name_a_stranger_are_told() -> None:
    """A typo in the settings is not silence."""
    assert troubles(build(stack("a"), stated=[stated("a", "x")])) == [
        (Trouble.UNKNOWN_STACK, "a: the settings say that it needs x, but nobody has seen x (unknown_stack)")
    ]


def test_a_stack_that_nobody_manages_is_shown_and_not_waited_for() -> None:
    """It would never be released."""
    found = build(stack("web", imports=["Vpc"]), stack("net", exports=["Vpc"], managed=False))

    assert told(found) == ["web needs net: imports Vpc"]
    assert list(found.managed) == [f"{CELL}/web"]
    assert [trouble for trouble, _ in troubles(found)] == [Trouble.UNMANAGED]


@pytest.mark.parametrize(
    ("first", "second"),
    [({"exports": ["X"]}, {"exports": ["X"]}), ({"secrets": [SECRET_ARN]}, {"secrets": ["app/db"]})],
)
def test_what_two_stacks_claim_is_waited_for_at_both(first: dict[str, Any], second: dict[str, Any]) -> None:
    """One edge too many costs time, one too few a failure."""
    found = build(
        stack("web", imports=["X"] if "exports" in first else [], template="{{resolve:secretsmanager:app/db}}"),
        stack("a", **first), stack("b", **second),
    )  # fmt: skip

    assert [edge.producer for edge in found.graph.edges] == [f"{CELL}/a", f"{CELL}/b"]
    assert [trouble for trouble, _ in troubles(found)] == [Trouble.AMBIGUOUS]


def test_of_two_tags_that_contradict_each_other_neither_is_believed() -> None:
    """Both are named."""
    found = build(stack("a", tags={"stackmend:depends-on": "b"}), stack("b", tags={"stackmend:depends-on": "a"}))

    assert told(found) == []
    assert troubles(found) == [
        (Trouble.CONTRADICTING_TAG, f"{one}: tag stackmend:depends-on names {other}, but {other} needs {one}: tag stackmend:depends-on names {one} (contradicting_tag)")
        for one, other in (("a", "b"), ("b", "a"))
    ]  # fmt: skip


def test_a_tag_against_cloudformations_word_is_not_believed() -> None:
    """The import is."""
    found = build(stack("a", tags={"stackmend:depends-on": "b"}, exports=["X"]), stack("b", imports=["X"]))

    assert told(found) == ["b needs a: imports X"]
    assert [trouble for trouble, _ in troubles(found)] == [Trouble.CONTRADICTING_TAG]


def test_every_trouble_has_a_case() -> None:
    """A name that nothing can cause is no outcome."""
    others = {Trouble.UNMANAGED, Trouble.AMBIGUOUS, Trouble.CONTRADICTING_TAG}

    assert {trouble for trouble, *_ in BAD} | others == set(Trouble)


def test_ten_thousand_dependents_of_one_are_as_many_edges() -> None:
    """And one stack that all of them wait for."""
    found = build(stack("net", exports=["Vpc"]), *(stack(f"s{number}", imports=["Vpc"]) for number in range(10_000)))

    assert len(list(found.graph.consumers(f"{CELL}/net"))) == 10_000
    assert found.findings == ()


def test_the_order_of_the_lists_decides_nothing() -> None:
    """Pages of ListStacks come in any order."""
    stacks = [stack(f"s{number}", imports=[f"X{number - 1}"], exports=[f"X{number}"]) for number in range(9)]
    shuffled = stacks[4:][::-1] + stacks[:4]

    assert told(build(*stacks)) == told(build(*shuffled))
    assert build(*stacks).findings == build(*shuffled).findings


def test_a_reference_is_told_once_however_often_it_is_read() -> None:
    """Templates repeat themselves."""
    text = "{{resolve:ssm:/a}}" * 3

    assert len(list(references(text, account=ACCOUNT, region=REGION, partition="aws", name="web"))) == 1
