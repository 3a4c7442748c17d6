"""The vault over moto: what is kept is found again, checked, and written once."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.aws.vault import Kept, Vault
from handlers.domain.errors import TransientError
from handlers.domain.version import Defect, Finding, NestedStack, StackMade, StackVersion, Text, VersionState
from tests.handlers.aws.conftest import client
from tests.handlers.domain.test_version import KEY, NOON, version

BUCKET = "stackmend-test-vault"
BODY, INNER = "Resources: {}", "Resources: {Queue: {Type: AWS::SQS::Queue}}"
PLACE = f"stacks/{KEY.account}/{KEY.region}/{KEY.name}"
TEXT = f"{PLACE}/texts/{Text.of(BODY).digest}"


@pytest.fixture
def s3(aws: None) -> Any:
    """A bucket as components make it."""
    made = client("s3")
    made.create_bucket(Bucket=BUCKET)
    made.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return made


@pytest.fixture
def vault(s3: Any) -> Vault:
    """An empty vault."""
    return Vault(s3, BUCKET)


def writes(s3: Any, key: str) -> int:
    """How often an object was written."""
    return len(s3.list_object_versions(Bucket=BUCKET, Prefix=key).get("Versions", []))


def alter(s3: Any, key: str, before: str, after: str) -> None:
    """Somebody changes an object by hand."""
    body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert before in body
    s3.put_object(Bucket=BUCKET, Key=key, Body=body.replace(before, after).encode())


def test_what_was_never_kept_is_none(vault: Vault) -> None:
    """And no error."""
    assert vault.last_good(KEY) is None
    assert vault.candidate(KEY) is None


def test_a_candidate_is_found_again_with_its_template(vault: Vault) -> None:
    """Whole, and as a candidate; the last good version is another matter."""
    assert vault.put_candidate(version(), [BODY]) is Kept.WRITTEN
    found = vault.candidate(KEY)

    assert found == version()
    assert isinstance(found, StackVersion)
    assert vault.template(found) == BODY
    assert vault.findings(found) == ()
    assert vault.last_good(KEY) is None


def test_a_candidate_of_another_operation_is_none(vault: Vault) -> None:
    """Who resumes an operation wants its version, and not whichever came after it."""
    vault.put_candidate(version(), [BODY])

    assert vault.candidate(KEY, stack_id="id", token="t-1") == version()
    assert vault.candidate(KEY, token="t-2") is None
    assert vault.candidate(KEY, stack_id="another generation") is None


def test_what_has_not_changed_is_not_written_again(vault: Vault, s3: Any) -> None:
    """Neither the version nor its template: each write costs, and each would be a version to keep."""
    vault.put_candidate(version(), [BODY])
    again = vault.put_candidate(version(captured_at=NOON + timedelta(hours=1)), [BODY])

    assert again is Kept.UNCHANGED
    assert writes(s3, PLACE) == 2


def test_a_template_that_comes_back_is_not_written_again(vault: Vault, s3: Any) -> None:
    """It lies under its digest already."""
    vault.put_candidate(version(), [BODY])
    tagged = version(StackMade(template=Text.of(BODY), tags={"team": "shop"}), captured_at=NOON + timedelta(hours=1))

    assert vault.put_candidate(tagged, [BODY]) is Kept.WRITTEN
    assert writes(s3, TEXT) == 1


def test_what_was_seen_earlier_does_not_replace_what_was_seen_later(vault: Vault) -> None:
    """Messages come late and twice."""
    vault.put_candidate(version(token="t-2"), [BODY])
    late = vault.put_candidate(version(captured_at=NOON - timedelta(minutes=1)), [BODY])

    assert late is Kept.OLDER
    assert vault.candidate(KEY) == version(token="t-2")


def test_of_two_captures_at_once_one_is_told_to_come_again(vault: Vault, s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing another has written: nothing is overwritten unseen."""
    honest = vault._put_texts

    def meanwhile(one: StackVersion, texts: Any) -> None:
        honest(one, texts)
        Vault(s3, BUCKET).put_candidate(version(token="faster"), [BODY])

    monkeypatch.setattr(vault, "_put_texts", meanwhile)
    with pytest.raises(TransientError, match="faster by a moment"):
        vault.put_candidate(version(), [BODY])


def test_the_last_good_version_says_what_it_is(vault: Vault) -> None:
    """And the candidate beside it stays what it was."""
    vault.put_candidate(version(token="t-2"), [BODY])
    assert vault.promote(version(), [BODY]) is Kept.WRITTEN

    found = vault.last_good(KEY)
    assert isinstance(found, StackVersion)
    assert found.state is VersionState.LAST_KNOWN_GOOD
    assert vault.candidate(KEY) == version(token="t-2")


def test_an_altered_version_is_a_finding(vault: Vault, s3: Any) -> None:
    """A role that somebody slipped in is never used."""
    made = StackMade(template=Text.of(BODY), role_arn="arn:aws:iam::222222222222:role/service")
    vault.promote(version(made), [BODY])
    alter(s3, f"{PLACE}/last-known-good", "role/service", "role/administrator")
    found = vault.last_good(KEY)

    assert isinstance(found, Finding)
    assert (found.defect, found.what, found.where) == (Defect.ALTERED, "last-known-good version", f"{PLACE}/last-known-good")
    assert found.expected == version(made).digest != found.observed


@pytest.mark.parametrize(
    ("before", "after", "defect"), [('"stack"', '"no"', Defect.UNREADABLE), (KEY.name, "app-two", Defect.ALTERED)]
)
def test_another_stacks_or_no_version_is_a_finding(vault: Vault, s3: Any, before: str, after: str, defect: Defect) -> None:
    """Whatever lies there, reading it is no error."""
    vault.promote(version(), [BODY])
    alter(s3, f"{PLACE}/last-known-good", before, after)
    found = vault.last_good(KEY)

    assert isinstance(found, Finding)
    assert found.defect is defect


def test_an_altered_template_is_a_finding(vault: Vault, s3: Any) -> None:
    """Named by what it is and where it lies, with both digests."""
    vault.promote(version(), [BODY])
    alter(s3, TEXT, "{}", "{Evil: {Type: AWS::IAM::User}}")
    (finding,) = vault.findings(version())

    assert (finding.defect, finding.what, finding.where) == (Defect.ALTERED, "template", TEXT)
    assert finding.expected == Text.of(BODY).digest != finding.observed
    assert vault.template(version()) == finding


def test_a_missing_nested_template_is_a_finding(vault: Vault) -> None:
    """The version names it, and it is not there."""
    nested = NestedStack(path=("Inner",), stack_id="inner", template=Text.of(INNER))
    whole = version(StackMade(template=Text.of(BODY), nested=(nested,)))
    vault.put_candidate(whole, [BODY])
    (finding,) = vault.findings(whole)

    assert (finding.defect, finding.what) == (Defect.MISSING, "template of Inner")
    vault.put_candidate(whole.model_copy(update={"token": "t-2"}), [BODY, INNER])
    assert vault.findings(whole) == ()
    assert vault.template(whole, nested.template) == INNER


def test_a_capture_heals_an_altered_template_and_says_so(vault: Vault, s3: Any) -> None:
    """CloudFormation still knows the true one."""
    vault.put_candidate(version(), [BODY])
    alter(s3, TEXT, "{}", "{Evil: 1}")
    vault.promote(version(), [BODY])

    assert [each.where for each in vault.take_repaired()] == [TEXT]
    assert vault.take_repaired() == ()
    assert vault.findings(version()) == ()


def test_a_long_template_is_found_by_its_address(vault: Vault, s3: Any) -> None:
    """CloudFormation fetches it where the vault has it."""
    long = "#" * 60_000
    found = version(StackMade(template=Text.of(long)))
    vault.put_candidate(found, [long])
    host, bucket, key = vault.template_url(found).removeprefix("https://").split("/", 2)

    assert not found.made.template.goes_inline
    assert host.startswith("s3.")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() == long


def test_evidence_is_kept_whole_without_the_properties(vault: Vault, s3: Any) -> None:
    """They hold resolved parameters; the reasons are what a diagnosis reads."""
    events = [
        {"EventId": "e-1", "ResourceStatusReason": "x" * 5000, "ResourceProperties": '{"Password":"hunter2"}', "Timestamp": NOON}
    ]
    where = vault.put_evidence(KEY, "f-1", events)
    body = s3.get_object(Bucket=BUCKET, Key=where)["Body"].read().decode()

    assert where == f"evidence/{KEY.account}/{KEY.region}/{KEY.name}/f-1"
    assert "x" * 5000 in body
    assert "hunter2" not in body
