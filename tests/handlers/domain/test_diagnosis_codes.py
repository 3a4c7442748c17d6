"""Error codes are classed by what AWS's models and their own words say."""

import pytest

from handlers.domain.diagnosis_codes import GENERIC, class_of_code, class_of_status, class_of_words, known_codes, words_of
from handlers.domain.failure_class import FailureClass


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("ThrottlingException", FailureClass.THROTTLING),
        ("RequestLimitExceeded", FailureClass.THROTTLING),
        ("ProvisionedThroughputExceededException", FailureClass.THROTTLING),
        ("InsufficientInstanceCapacity", FailureClass.CAPACITY),
        ("InsufficientDBInstanceCapacity", FailureClass.CAPACITY),
        ("VcpuLimitExceeded", FailureClass.QUOTA),
        ("TooManyBuckets", FailureClass.QUOTA),
        ("DBClusterQuotaExceededFault", FailureClass.QUOTA),
        ("InvalidSubnetID.NotFound", FailureClass.NOT_FOUND),
        ("NoSuchHostedZone", FailureClass.NOT_FOUND),
        ("InvalidPermission.Duplicate", FailureClass.ALREADY_EXISTS),
        ("BucketAlreadyOwnedByYou", FailureClass.ALREADY_EXISTS),
        ("DependencyViolation", FailureClass.DEPENDENCY_IN_USE),
        ("DeleteConflict", FailureClass.DEPENDENCY_IN_USE),
        ("HostedZoneNotEmpty", FailureClass.DEPENDENCY_IN_USE),
        ("InvalidDBInstanceState", FailureClass.DRIFT_OR_CONFLICT),
        ("InvalidVPCNetworkStateFault", FailureClass.INVALID_INPUT),
        ("UnauthorizedOperation", FailureClass.PERMISSION),
        ("OptInRequired", FailureClass.PERMISSION),
        ("MalformedPolicyDocument", FailureClass.INVALID_INPUT),
        ("InternalServerException", FailureClass.TRANSIENT),
        ("SomethingOdd", None),
    ],
)
def test_code_is_classed_by_its_words(code: str, expected: FailureClass | None) -> None:
    """Codes of services that have no model, EC2's above all, go by their words."""
    assert expected == class_of_words(code)


def test_words_are_split_as_people_read_them() -> None:
    """Humps, dots and runs of capitals; the closing Exception says nothing."""
    assert words_of("InvalidAMIID.NotFound") == " invalid amiid not found "
    assert words_of("KMSAccessDeniedException") == " kms access denied "


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, None),
        (400, None),
        (403, FailureClass.PERMISSION),
        (404, FailureClass.NOT_FOUND),
        (409, FailureClass.DRIFT_OR_CONFLICT),
        (429, FailureClass.THROTTLING),
        (503, FailureClass.TRANSIENT),
    ],
)
def test_status_says_little(status: int | None, expected: FailureClass | None) -> None:
    """400 says only that the request is at fault."""
    assert expected == class_of_status(status)


def test_models_know_codes_that_no_collection_holds() -> None:
    """More than two thousand codes, none of them one that only a server's status made transient."""
    known = known_codes()

    assert len(known) > 2000
    assert "KMSDisabledException" not in known
    assert FailureClass.NOT_FOUND is class_of_code("PipelineNotFoundException")


def test_generic_codes_are_known_to_be_vague() -> None:
    """What services use for everything must not outrank the wording beside it."""
    assert {"ValidationException", "InvalidParameterValue", "ConflictException", "LimitExceededException"} <= GENERIC
