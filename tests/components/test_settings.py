"""Settings that describe nothing deployable are refused at once, each problem in one line that says what to write instead."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from components.settings import Mode, Settings, SettingsError
from components.settings_checks import OWNED_PREFIXES, problems_of
from handlers.domain.cell import Pattern
from handlers.domain.patterns import match

ROOT = Path(__file__).parents[2]
STACK_FILES = [ROOT / "Pulumi.prod.yaml", ROOT / "Pulumi.staging.yaml", ROOT / "sandbox" / "Pulumi.sandbox.yaml"]

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def valid() -> dict[str, Any]:
    """The smallest complete settings: two accounts, three cells."""
    place = {"deploy_role": "deploy", "external_id": "our-id"}
    return {
        "environment": "test",
        "hub": {"account": "111111111111", "control_regions": ["us-east-1", "us-east-2", "us-west-2"], **place},
        "accounts": [
            {
                "id": "222222222222",
                "name": "one",
                **place,
                "regions": [
                    {"region": "us-east-1", "partner": "us-west-2"},
                    {"region": "us-west-2", "partner": "us-east-1"},
                ],
            },
            {
                "id": "333333333333",
                "name": "two",
                **place,
                "regions": [{"region": "eu-west-1", "partner": "eu-west-2", "partner_pending": True}],
            },
        ],
        "patterns": [{"pattern": "app-*"}],
        "runbook_url": "https://runbooks.example.com",
    }


def refusal(config: dict[str, Any]) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        Settings.load(config)
    return str(refused.value).splitlines()


def put(path: str, value: Any) -> Change:
    """A change that writes *value* at the dotted *path*."""

    def change(config: dict[str, Any]) -> None:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        inner: Any = config
        for part in way:
            inner = inner.setdefault(part, {}) if isinstance(inner, dict) else inner[part]
        inner[last] = value

    return change


SETS = (
    "US: us-east-1, us-east-2, us-west-2; EU: eu-central-1, eu-west-1, eu-west-2, eu-west-3; "
    "AP: ap-northeast-1, ap-northeast-2, ap-northeast-3"
)
PATTERN_REMEDY = (
    "EventBridge, IAM and Stackmend read this differently; write letters, digits, hyphens and single *, a letter or * first"
)
NOT_AN_ACCOUNT = "not an AWS account id; write all 12 digits, in quotes"
NO_REGION = "AWS has no such region; write one of components/regions.json"

ONE_PROBLEM: list[tuple[str, Change, str]] = [
    ("an account id of eleven digits", put("accounts.0.id", "22222222222"), f'accounts[0].id is "22222222222": {NOT_AN_ACCOUNT}'),
    ("an account id with a letter", put("hub.account", "11111111111x"), f'hub.account is "11111111111x": {NOT_AN_ACCOUNT}'),
    ("an account id without quotes", put("accounts.0.id", 222222222222), "accounts[0].id is 222222222222: write text, in quotes"),
    (
        "a digit of another script",
        put("hub.account", "11111111111\u0661"),
        f'hub.account is "11111111111\u0661": {NOT_AN_ACCOUNT}',
    ),
    (
        "an unknown region",
        put("accounts.1.regions.0.region", "eu-west-9"),
        f'accounts[1].regions[0].region is "eu-west-9": {NO_REGION}',
    ),
    (
        "an unknown partner",
        put("accounts.1.regions.0.partner", "Europe"),
        f'accounts[1].regions[0].partner is "Europe": {NO_REGION}',
    ),
    (
        "an unknown partition",
        put("partition", "azure"),
        (
            'partition is "azure": AWS has no such partition; write one of aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, '
            "aws-iso-f, aws-us-gov"
        ),
    ),
    (
        "a region of another partition",
        put("accounts.1.regions.0.region", "cn-north-1"),
        'accounts[1].regions[0].region is "cn-north-1": this region is in partition aws-cn; write one of aws, or change partition',
    ),
    (
        "no partner",
        lambda config: config["accounts"][0]["regions"][0].pop("partner"),
        "accounts[0].regions[0].partner: missing; add the key partner",
    ),
    (
        "a region that is its own partner",
        put("accounts.1.regions.0.partner", "eu-west-1"),
        'accounts[1].regions[0].partner is "eu-west-1": a region cannot take over from itself; write another region',
    ),
    (
        "a partner without a cell",
        put("accounts.0.regions.0.partner", "us-east-2"),
        (
            'accounts[0].regions[0].partner is "us-east-2": this account has no cell there; add that region to the account, or set '
            "partner_pending: true until it has one"
        ),
    ),
    (
        "two cells alike",
        lambda config: config["accounts"][0]["regions"].append({"region": "us-east-1", "partner": "us-west-2"}),
        'accounts[0].regions[2].region is "us-east-1": this account has a cell there already; remove one of the two',
    ),
    (
        "two accounts with one id",
        put("accounts.1.id", "222222222222"),
        'accounts[1].id is "222222222222": accounts[0] has it already; join the two, or correct one',
    ),
    (
        "two accounts with one name",
        put("accounts.1.name", "one"),
        'accounts[1].name is "one": accounts[0] has it already; join the two, or correct one',
    ),
    (
        "the hub's account with another external id",
        lambda config: config["accounts"][0].update(id="111111111111", external_id="other"),
        'accounts[0].external_id is "other": this account is the hub too; write hub.external_id here',
    ),
    (
        "two control regions",
        put("hub.control_regions", ["us-east-1", "us-east-2"]),
        (
            'hub.control_regions is ["us-east-1", "us-east-2"]: write three different regions of one strongly consistent set '
            f"({SETS})"
        ),
    ),
    (
        "a control region twice",
        put("hub.control_regions", ["us-east-1", "us-east-2", "us-east-1"]),
        (
            'hub.control_regions is ["us-east-1", "us-east-2", "us-east-1"]: write three different regions of one strongly '
            f"consistent set ({SETS})"
        ),
    ),
    (
        "control regions of two sets",
        put("hub.control_regions", ["us-east-1", "us-east-2", "eu-west-1"]),
        (
            'hub.control_regions is ["us-east-1", "us-east-2", "eu-west-1"]: write three different regions of one strongly '
            f"consistent set ({SETS})"
        ),
    ),
    (
        "a control region in no set",
        put("hub.control_regions", ["us-east-1", "us-east-2", "us-west-1"]),
        (
            'hub.control_regions is ["us-east-1", "us-east-2", "us-west-1"]: write three different regions of one strongly '
            f"consistent set ({SETS})"
        ),
    ),
    (
        "a lease shorter than what must fit in it",
        put("hub.lease_seconds", 120),
        "hub.lease_seconds is 120: a lease must outlive a heartbeat, its function, an acting function and the skew; write at least 155",
    ),
    ("a question mark", put("patterns.0.pattern", "app-?"), f'patterns[0].pattern is "app-?": {PATTERN_REMEDY}'),
    ("two stars in a row", put("patterns.0.pattern", "app-**"), f'patterns[0].pattern is "app-**": {PATTERN_REMEDY}'),
    ("a set of characters", put("patterns.0.pattern", "app-[ab]"), f'patterns[0].pattern is "app-[ab]": {PATTERN_REMEDY}'),
    ("a slash", put("patterns.0.pattern", "app/*"), f'patterns[0].pattern is "app/*": {PATTERN_REMEDY}'),
    (
        "a variable of IAM",
        put("patterns.0.pattern", "${aws:username}"),
        f'patterns[0].pattern is "${{aws:username}}": {PATTERN_REMEDY}',
    ),
    ("a digit first", put("patterns.0.pattern", "1app"), f'patterns[0].pattern is "1app": {PATTERN_REMEDY}'),
    ("a hyphen first", put("patterns.0.pattern", "-app"), f'patterns[0].pattern is "-app": {PATTERN_REMEDY}'),
    ("an empty pattern", put("patterns.0.pattern", ""), f'patterns[0].pattern is "": {PATTERN_REMEDY}'),
    ("a line break", put("patterns.0.pattern", "app\n"), f'patterns[0].pattern is "app\\n": {PATTERN_REMEDY}'),
    ("a letter of another script", put("patterns.0.pattern", "äpp"), f'patterns[0].pattern is "äpp": {PATTERN_REMEDY}'),
    (
        "everything",
        put("patterns.0.pattern", "*"),
        'patterns[0].pattern is "*": this matches every stack; name some, or set manage_every_stack: true if that is meant',
    ),
    (
        "everything with a hyphen",
        put("patterns.0.pattern", "*-*"),
        'patterns[0].pattern is "*-*": this matches every stack; name some, or set manage_every_stack: true if that is meant',
    ),
    (
        "stacks of Stackmend",
        put("patterns.0.pattern", "st*"),
        (
            'patterns[0].pattern is "st*": this can match stackmend*, which others repair; begin it otherwise, or set '
            "manage_owned_stacks: true"
        ),
    ),
    (
        "stacks of others by their end",
        put("patterns.0.pattern", "*-prod"),
        (
            'patterns[0].pattern is "*-prod": this can match stackmend*, StackSet-*, SC-*, AWSControlTower*, which others repair; begin '
            "it otherwise, or set manage_owned_stacks: true"
        ),
    ),
    (
        "a stack of Service Catalog by name",
        put("patterns.0.pattern", "SC-123-pp"),
        (
            'patterns[0].pattern is "SC-123-pp": this can match SC-*, which others repair; begin it otherwise, or set '
            "manage_owned_stacks: true"
        ),
    ),
    (
        "a pattern that never has its turn",
        lambda config: config["patterns"].append({"pattern": "app-db-*", "mode": "off"}),
        'patterns[1].pattern is "app-db-*": nothing is left for it, app-* comes first and matches all of it; put the narrower one first',
    ),
    (
        "an unknown tier",
        put("patterns.0.tier", "gold"),
        'patterns[0].tier is "gold": no such tier; write one of standard, or add it under tiers',
    ),
    (
        "a freeze that ends before it starts",
        put("freezes", [{"name": "night", "zone": "UTC", "days": ["mon"], "start": "22:00", "end": "06:00"}]),
        (
            'freezes[0] is {"name": "night", "zone": "UTC", "days": ["mon"], "start": …: freeze \'night\' ends at 06:00, not after '
            "its start 22:00: a window lies within one day; write two for one that spans midnight"
        ),
    ),
    (
        "a freeze in no zone",
        put("freezes", [{"name": "night", "zone": "Mars", "days": ["mon"]}]),
        (
            'freezes[0] is {"name": "night", "zone": "Mars", "days": ["mon"]}: '
            "'Mars' is no zone of the time-zone database: write one such as Europe/Berlin or UTC"
        ),
    ),
    (
        "a freeze of an unknown tier",
        put("freezes", [{"name": "night", "zone": "UTC", "days": ["mon"], "tiers": ["gold"]}]),
        'freezes[0].tiers is "gold": no such tier; write some of standard, or none for all',
    ),
    (
        "a freeze of all the week",
        put("freezes", [{"name": "never", "zone": "UTC", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}]),
        'freezes is "standard": they leave this tier no minute of the week to act in; free some, or set its mode: observe',
    ),
    (
        "a criterion that is not a tier's to choose",
        put("tiers", {"standard": {"criteria": {"rests_healthy": "off"}}}),
        'tiers.standard.criteria.rests_healthy is "off": this one is not for a tier to choose; write some of exports_kept, alarms_quiet',
    ),
    (
        "a skip policy that loosens",
        put("skip_policy", {"AWS::RDS::*": "may"}),
        'skip_policy.AWS::RDS::* is "may": settings only make the policy stricter; write ask or never, or leave it out',
    ),
    (
        "a skip policy of no type",
        put("skip_policy", {"AWS RDS": "ask"}),
        (
            'skip_policy.AWS RDS is "AWS RDS": not a name of resource types; write one as a template does, `*` standing for any '
            "characters"
        ),
    ),
    (
        "two freezes of one name",
        put("freezes", [{"name": "x", "zone": "UTC", "days": ["mon"]}, {"name": "x", "zone": "UTC", "days": ["tue"]}]),
        'freezes[1].name is "x": another freeze has this name; people read it, so give each its own',
    ),
    (
        "a grace without end",
        put("tiers", {"standard": {"grace_seconds": 86400}}),
        "tiers.standard.grace_seconds is 86400: write 3600 or less",
    ),
    (
        "an unknown mode",
        put("patterns.0.mode", "fix"),
        "patterns[0].mode is \"fix\": write one of 'off', 'observe', 'propose' or 'act'",
    ),
    ("a mistyped key", put("acounts", []), "acounts is []: unknown key; did you mean accounts?"),
    (
        "a mistyped key of a tier",
        put("tiers", {"standard": {"max_atempts": 1}}),
        "tiers.standard.max_atempts is 1: unknown key; did you mean max_attempts?",
    ),
    (
        "a key from elsewhere",
        put("retention.colour", "red"),
        (
            'retention.colour is "red": unknown key; '
            "remove it or write one of log_days, ledger_days, superseded_days, message_days, key_deletion_days"
        ),
    ),
    (
        "a number as text",
        put("tiers", {"standard": {"max_attempts": "3"}}),
        'tiers.standard.max_attempts is "3": write a whole number, without quotes',
    ),
    ("a switch as text", put("manage_every_stack", "yes"), 'manage_every_stack is "yes": write true or false, without quotes'),
    (
        "a half second",
        put("limits.act_timeout_seconds", 90.5),
        "limits.act_timeout_seconds is 90.5: write a whole number, without quotes",
    ),
    (
        "true for a number",
        put("limits.act_timeout_seconds", True),
        "limits.act_timeout_seconds is true: write a whole number, without quotes",
    ),
    ("text for a list", put("accounts", "all"), 'accounts is "all": write a list'),
    ("a list for a section", put("hub", []), "hub is []: write keys and values"),
    ("nothing for a section", put("limits", None), "limits is null: write keys and values"),
    ("no accounts", put("accounts", []), "accounts is []: write at least one"),
    ("no environment", lambda config: config.pop("environment"), "environment: missing; add the key environment"),
    (
        "a hyphen in the environment",
        put("environment", "my-env"),
        'environment is "my-env": write 1 to 16 lowercase letters and digits, a letter first, no hyphen',
    ),
    (
        "an unknown retention of logs",
        put("retention.log_days", 100),
        (
            "retention.log_days is 100: CloudWatch Logs keeps logs only for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, "
            "731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days; write one of them"
        ),
    ),
    ("messages longer than SQS keeps them", put("retention.message_days", 15), "retention.message_days is 15: write 14 or less"),
    ("a key gone too soon", put("retention.key_deletion_days", 6), "retention.key_deletion_days is 6: write 7 or more"),
    (
        "an ARN for a role name",
        put("patterns.0.repair_role", "arn:aws:iam::222222222222:role/repair"),
        (
            'patterns[0].repair_role is "arn:aws:iam::222222222222:role/repair": not a name that IAM takes; write the name, with its '
            "path before it where it has one, and no ARN"
        ),
    ),
    (
        "a path without its end",
        put("role_path", "/acme"),
        'role_path is "/acme": not a path that IAM takes; begin and end it with /',
    ),
    (
        "an organization's name",
        put("organization_id", "acme"),
        'organization_id is "acme": not an organization id; write o- and 10 to 32 lowercase letters and digits',
    ),
    (
        "a tag key that AWS keeps for itself",
        put("tags", {"AWS:owner": "me"}),
        'tags.AWS:owner is "AWS:owner": write 1 to 128 letters, digits, spaces and any of . : / = + - @ _, neither aws: nor stackmend: first',
    ),
    (
        "runbooks in the clear",
        put("runbook_url", "http://x"),
        'runbook_url is "http://x": write an address that begins with https://',
    ),
    (
        "another processor",
        put("functions", {"architecture": "mips"}),
        "functions.architecture is \"mips\": write one of 'arm64' or 'x86_64'",
    ),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in ONE_PROBLEM], ids=[case[0] for case in ONE_PROBLEM])
def test_bad_settings_are_refused_with_field_value_and_remedy(valid: dict[str, Any], change: Change, expected: str) -> None:
    """One thing wrong gives one line, and no resource."""
    change(valid)

    assert refusal(valid) == [f"stackmend:settings.{expected}"]


def test_all_problems_come_in_one_message(valid: dict[str, Any]) -> None:
    """Nobody has to deploy five times to learn of five mistakes."""
    put("accounts.0.regions.0.partner", "us-east-1")(valid)
    put("patterns.0.tier", "gold")(valid)
    put("hub.lease_seconds", 130)(valid)

    assert [line.split(" ", 1)[0] for line in refusal(valid)] == [
        "stackmend:settings.hub.lease_seconds",
        "stackmend:settings.accounts[0].regions[0].partner",
        "stackmend:settings.patterns[0].tier",
    ]


def test_long_values_are_shortened(valid: dict[str, Any]) -> None:
    """A whole section in the wrong place does not bury its remedy."""
    valid["hubs"] = copy.deepcopy(valid["accounts"])

    (line,) = refusal(valid)
    assert line.endswith("…: unknown key; did you mean hub?")
    assert len(line) < 130


def test_what_is_said_on_purpose_is_taken(valid: dict[str, Any]) -> None:
    """Each guard has its own switch, and only that one."""
    put("patterns.0.pattern", "*")(valid)
    valid["manage_every_stack"] = True
    assert refusal(valid)[0].startswith('stackmend:settings.patterns[0].pattern is "*": this can match stackmend*')

    valid["manage_owned_stacks"] = True
    assert Settings.load(valid).patterns[0].pattern == "*"


def test_partition_without_a_strongly_consistent_set_cannot_hold_a_hub(valid: dict[str, Any]) -> None:
    """GovCloud's two regions are refused for the lease table before DynamoDB refuses them."""
    valid["partition"] = "aws-us-gov"
    put("hub.control_regions", ["us-gov-east-1", "us-gov-west-1"])(valid)
    valid["accounts"] = valid["accounts"][:1]
    put("accounts.0.regions", [{"region": "us-gov-east-1", "partner": "us-gov-west-1", "partner_pending": True}])(valid)

    (line,) = refusal(valid)
    assert line.startswith("stackmend:settings.hub.control_regions")


def test_defaults_change_nothing(valid: dict[str, Any]) -> None:
    """Who only names stacks gets a cell that observes."""
    settings = Settings.load(valid)

    assert settings.patterns[0].mode is Mode.OBSERVE
    assert settings.patterns[0].repair_role is None
    assert settings.protect_data


def test_settings_stay_as_they_were_read(valid: dict[str, Any]) -> None:
    """No component can change what the others see."""
    settings = Settings.load(valid)

    with pytest.raises(ValueError, match="frozen"):
        settings.hub.lease_seconds = 1  # type: ignore[misc]  # what the test is about


def test_cells_and_places_follow_the_settings(valid: dict[str, Any]) -> None:
    """Every account and region is deployed to once, the hub's control regions first; a pending partner is not."""
    settings = Settings.load(valid)

    assert [(cell.account.name, cell.region, cell.partner) for cell in settings.cells] == [
        ("one", "us-east-1", "us-west-2"),
        ("one", "us-west-2", "us-east-1"),
        ("two", "eu-west-1", "eu-west-2"),
    ]
    assert [(place.account_name, place.region) for place in settings.places] == [
        ("hub", "us-east-1"),
        ("hub", "us-east-2"),
        ("hub", "us-west-2"),
        ("one", "us-east-1"),
        ("one", "us-west-2"),
        ("two", "eu-west-1"),
    ]
    assert {place.deploy_role_arn for place in settings.places if place.account_name == "two"} == {
        "arn:aws:iam::333333333333:role/deploy"
    }


def test_hub_that_holds_cells_is_deployed_to_once(valid: dict[str, Any]) -> None:
    """A small organisation may use one account for both, with one provider per region."""
    put("accounts.0.id", "111111111111")(valid)
    places = Settings.load(valid).places

    assert [(place.account_name, place.account, place.region) for place in places] == [
        ("hub", "111111111111", "us-east-1"),
        ("hub", "111111111111", "us-east-2"),
        ("hub", "111111111111", "us-west-2"),
        ("two", "333333333333", "eu-west-1"),
    ]


def test_three_regions_form_a_ring(valid: dict[str, Any]) -> None:
    """Partners are directed."""
    ring = ["eu-west-1", "eu-central-1", "eu-west-3"]
    put("accounts.1.regions", [{"region": a, "partner": b} for a, b in zip(ring, ring[1:] + ring[:1], strict=True)])(valid)

    assert [(cell.region, cell.partner) for cell in Settings.load(valid).cells][2:] == [
        ("eu-west-1", "eu-central-1"),
        ("eu-central-1", "eu-west-3"),
        ("eu-west-3", "eu-west-1"),
    ]


def test_arns_carry_the_partition(valid: dict[str, Any]) -> None:
    """Roles and boundary are named once and found in every account."""
    valid["permissions_boundary"] = "acme/boundary"
    settings = Settings.load(valid)

    assert settings.role_arn("222222222222", "acme/repair") == "arn:aws:iam::222222222222:role/acme/repair"
    assert settings.boundary_arn("222222222222") == "arn:aws:iam::222222222222:policy/acme/boundary"


@pytest.mark.parametrize("file", STACK_FILES, ids=lambda file: file.name)
def test_stack_files_are_valid_and_refuse_default_providers(file: Path) -> None:
    """What is shipped can be deployed, and nothing can land where no provider was named."""
    config = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]

    assert config["pulumi:disable-default-providers"] == ["*"]
    assert Settings.load(config["stackmend:settings"]).environment == file.suffixes[0][1:]


def test_prod_has_a_ring_of_three_and_several_accounts() -> None:
    """The model already says what later deployments need."""
    config = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8"))["config"]
    settings = Settings.load(config["stackmend:settings"])

    assert len(settings.accounts) >= 3
    assert {(cell.region, cell.partner) for cell in settings.cells if cell.account.name == "payments"} == {
        ("us-east-1", "us-east-2"),
        ("us-east-2", "us-west-2"),
        ("us-west-2", "us-east-1"),
    }
    assert settings.organization_id is not None
    assert settings.permissions_boundary is not None


def test_settings_are_read_from_pulumi(valid: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine hands the object over as JSON."""
    monkeypatch.setattr(pulumi.Config, "get_object", lambda _config, key: {"settings": valid}[key])

    assert Settings.from_pulumi() == Settings.load(valid)


@pytest.mark.parametrize("found", [None, "prod", ["prod"]])
def test_missing_settings_are_refused(found: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack without settings learns where to look."""
    monkeypatch.setattr(pulumi.Config, "get_object", lambda _config, _key: found)

    with pytest.raises(SettingsError) as refused:
        Settings.from_pulumi()
    assert str(refused.value) == "stackmend:settings: missing or not an object; Pulumi.staging.yaml shows what belongs there"


def test_plain_text_settings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that is no object is told apart from nothing at all."""

    def get_object(_config: pulumi.Config, key: str) -> None:
        raise pulumi.ConfigTypeError(key, "prod", "object")

    monkeypatch.setattr(pulumi.Config, "get_object", get_object)

    with pytest.raises(SettingsError) as refused:
        Settings.from_pulumi()
    assert str(refused.value) == "stackmend:settings: not an object; write keys and values under it"


def test_every_setting_says_what_it_is_for() -> None:
    """docs/settings.md is generated from the model, so each key needs its sentence."""
    schema = Settings.model_json_schema()
    sections = [schema, *schema["$defs"].values()]

    assert [
        f"{section['title']}.{key}"
        for section in sections
        for key, value in section.get("properties", {}).items()
        if not value.get("description") and "$ref" not in value
    ] == []


stack_patterns = st.from_regex(r"[A-Za-z*][A-Za-z0-9*-]{0,12}", fullmatch=True).filter(lambda pattern: "**" not in pattern)
short_names = st.from_regex(r"[SCAs][A-Ctac-]{0,12}", fullmatch=True)


@settings(deadline=None)  # how fast the machine is decides nothing
@given(pattern=stack_patterns, owner=st.sampled_from(OWNED_PREFIXES), rest=st.from_regex(r"[a-z-]{0,6}", fullmatch=True))
def test_guarded_stacks_are_never_matched_by_a_pattern_that_passes(pattern: str, owner: str, rest: str) -> None:
    """What settings let through cannot match a stack of Stackmend, StackSets, Service Catalog or Control Tower."""
    managed = Pattern(pattern=pattern)
    config = _minimal(pattern)

    try:
        Settings.load(config)
    except SettingsError:
        return
    assert match(owner + rest, [managed]) is None


@settings(deadline=None)
@given(first=stack_patterns, second=stack_patterns, name=short_names)
def test_refused_order_really_leaves_nothing(first: str, second: str, name: str) -> None:
    """A pattern is called unreachable only if the earlier one matches whatever it matches."""
    config = {**_minimal(first), "manage_every_stack": True, "manage_owned_stacks": True}
    config["patterns"].append({"pattern": second})

    try:
        Settings.load(config)
    except SettingsError as refused:
        assert "nothing is left for it" in str(refused)  # noqa: PT017 - most examples are taken
        if match(name, [Pattern(pattern=second)]):
            assert match(name, [Pattern(pattern=first)])


def _minimal(pattern: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(STACK_FILES[2].read_text(encoding="utf-8"))["config"]["stackmend:settings"]
    return {**config, "patterns": [{"pattern": pattern}]}


def test_checks_find_nothing_in_what_was_taken(valid: dict[str, Any]) -> None:
    """Settings that exist agree with themselves."""
    assert list(problems_of(Settings.load(valid))) == []
