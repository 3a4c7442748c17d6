"""Names are within AWS's limits, legal, distinct and never change."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.names import ENVIRONMENT_PATTERN, RULES, Kind, NameRefusedError, name
from components.regions import partitions
from components.settings_checks import OWNED_PREFIXES

LEGAL = {
    Kind.BUCKET: r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",  # and dots, which break TLS on virtual hosts
    Kind.KEY_ALIAS: r"alias/(?!aws/)[A-Za-z0-9/_-]+",
    Kind.FUNCTION_LOG_GROUP: r"[A-Za-z0-9_/.#-]+",
    Kind.STATE_MACHINE_LOG_GROUP: r"/aws/vendedlogs/[A-Za-z0-9_/.#-]+",
}
LEGAL_ELSEWHERE = r"[A-Za-z0-9_-]{3,}"  # the characters that all other kinds share; DynamoDB wants three

words = st.from_regex(r"[a-z]{1,40}(-[a-z]{1,40}){0,4}", fullmatch=True)
inputs = st.fixed_dictionaries(
    {
        "environment": st.from_regex(ENVIRONMENT_PATTERN, fullmatch=True),
        "role": words,
        "account": st.none() | st.from_regex(r"[0-9]{12}", fullmatch=True),
        "region": st.none() | st.sampled_from([region for known in partitions().values() for region in known]),
    }
)


def complete(kind: Kind, asked: dict[str, Any]) -> dict[str, Any]:
    """Add what *kind* cannot do without."""
    rules = RULES[kind]
    return {
        **asked,
        "region": asked["region"] or ("eu-west-1" if rules.needs_region else None),
        "account": asked["account"] or ("000000000000" if rules.needs_account else None),
    }


@given(kind=st.sampled_from(Kind), asked=inputs)
def test_name_is_legal_and_within_the_limit(kind: Kind, asked: dict[str, Any]) -> None:
    """Whatever is asked for, AWS takes the name."""
    made = name(kind, **complete(kind, asked))

    assert len(made) <= RULES[kind].limit
    assert re.fullmatch(LEGAL.get(kind, LEGAL_ELSEWHERE), made)
    assert made.startswith(f"{RULES[kind].prefix}stackmend-")


@given(kind=st.sampled_from(Kind), one=inputs, other=inputs)
def test_distinct_inputs_have_distinct_names(kind: Kind, one: dict[str, Any], other: dict[str, Any]) -> None:
    """No two things can be given the same name, however their parts are joined or cut."""
    one, other = complete(kind, one), complete(kind, other)

    assert (name(kind, **one) == name(kind, **other)) == (one == other)


@given(role=words, cut=st.integers(1, 40))
def test_words_that_join_alike_stay_apart(role: str, cut: int) -> None:
    """A part that moves from the environment to the role makes another name."""
    head, tail = role[:cut].replace("-", "")[:16], role[cut:].strip("-")
    if not tail or "--" in tail:
        return

    assert name(Kind.QUEUE, head, tail) != name(Kind.QUEUE, head[:1], f"{head[1:] or 'x'}-{tail}")


@pytest.mark.parametrize(
    ("kind", "role", "place", "expected"),
    [
        (Kind.FUNCTION, "act-roll", {}, "stackmend-prod-act-roll"),
        (Kind.TABLE, "ledger", {"region": "eu-west-1"}, "stackmend-prod-ledger-eu-west-1"),
        (Kind.SHARED_TABLE, "leases", {}, "stackmend-prod-leases"),
        (Kind.ROLE, "intake", {"region": "us-east-1"}, "stackmend-prod-intake-us-east-1"),
        (Kind.KEY_ALIAS, "cell", {}, "alias/stackmend-prod-cell"),
        (Kind.FUNCTION_LOG_GROUP, "intake", {}, "/aws/lambda/stackmend-prod-intake"),
        (
            Kind.BUCKET,
            "vault",
            {"account": "123456789012", "region": "ap-southeast-1"},
            "stackmend-prod-vault-123456789012-ap-southeast-1",
        ),
        (
            Kind.ROLE,
            "escalate-execution-status",
            {"account": "123456789012", "region": "ap-southeast-1"},
            "stackmend-prod-escalate-execution-status-123456789012-8a55cf6088",
        ),
    ],
)
def test_names_never_change(kind: Kind, role: str, place: dict[str, str], expected: str) -> None:
    """These names are deployed: a change here replaces tables and buckets."""
    assert name(kind, "prod", role, **place) == expected


@pytest.mark.parametrize(
    ("kind", "environment", "role", "place", "message"),
    [
        (Kind.QUEUE, "my-env", "intake", {}, "environment 'my-env': give 1 to 16 lowercase letters and digits, a letter first"),
        (
            Kind.QUEUE,
            "prod",
            "intake2",
            {},
            "role 'intake2': give lowercase words joined by single hyphens, without digits",
        ),
        (Kind.QUEUE, "prod", "intake", {"account": "12"}, "account '12': give the 12 digits of an AWS account id"),
        (
            Kind.QUEUE,
            "prod",
            "intake",
            {"region": "eu-west-9"},
            "region 'eu-west-9': AWS has no such region; see components/regions.json",
        ),
        (
            Kind.ROLE,
            "prod",
            "intake",
            {},
            "role 'intake': say the region, for names of this kind are seen in more than one",
        ),
        (
            Kind.BUCKET,
            "prod",
            "vault",
            {"region": "eu-west-1"},
            "bucket 'vault': say the account, for names of this kind are seen in more than one",
        ),
    ],
)
def test_ambiguous_parts_are_refused(kind: Kind, environment: str, role: str, place: dict[str, str], message: str) -> None:
    """What could make two names alike is refused with the remedy."""
    with pytest.raises(NameRefusedError) as refused:
        name(kind, environment, role, **place)

    assert str(refused.value) == message


def test_every_kind_has_rules_with_a_source() -> None:
    """A limit without its source cannot be checked again."""
    assert set(RULES) == set(Kind)
    assert all(rules.source for rules in RULES.values())


def test_no_managed_pattern_can_mean_what_we_deploy() -> None:
    """Settings guard the prefix that every name of ours has."""
    assert name(Kind.QUEUE, "prod", "intake").startswith(OWNED_PREFIXES[0])
