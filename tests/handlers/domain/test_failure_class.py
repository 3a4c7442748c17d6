"""The classes say what they mean."""

from handlers.domain.failure_class import MAY_PASS_BY_ITSELF, FailureClass


def test_every_class_is_explained_to_an_engineer() -> None:
    """The docstring has one line per class, in the class's own spelling."""
    lines = [line.strip().split(None, 1) for line in (FailureClass.__doc__ or "").splitlines()]
    explained = [line[0] for line in lines if len(line) == 2 and line[0] in set(FailureClass)]

    assert explained == [each.value for each in FailureClass]


def test_only_three_classes_pass_by_themselves() -> None:
    """Retrying is planned for these and for nothing permanent."""
    assert {FailureClass.TRANSIENT, FailureClass.THROTTLING, FailureClass.CAPACITY} == MAY_PASS_BY_ITSELF
