"""Policy documents are read as IAM reads them."""

import json

import pytest

from policies.documents import NoDocumentError, statements


def test_short_forms_are_spelled_out() -> None:
    """One statement, one action and a bare star mean the same as their lists."""
    document = {"Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "r", "Principal": "*"}}
    (statement,) = statements(json.dumps(document))

    assert (statement.label, statement.actions, statement.resources, statement.principals) == (
        "Statement[0]",
        ["a:B"],
        ["r"],
        {"AWS": ["*"]},
    )
    assert [other.content for other in statements(document)] == [statement.content]


def test_keys_bind_only_under_operators_that_need_them() -> None:
    """A key that a request may leave out binds nothing."""
    condition = {
        "StringEquals": {"sts:ExternalId": "x"},
        "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o/*"},
        "ForAllValues:StringEquals": {"aws:TagKeys": "x"},
        "StringEqualsIfExists": {"aws:SourceAccount": "x"},
        "StringNotEquals": {"aws:SourceArn": "x"},
        "Null": {"aws:PrincipalArn": "true"},
    }
    (statement,) = statements({"Statement": [{"Condition": condition}]})

    assert statement.binding_keys == {"sts:externalid", "aws:principalorgpaths"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "holds no policy document (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        ("{}", "holds no policy document ('Statement')"),
        ("[]", "holds no policy document (list indices must be integers or slices, not str)"),
    ],
)
def test_what_is_no_document_is_refused(document: str, message: str) -> None:
    """A rule never passes what it cannot read."""
    with pytest.raises(NoDocumentError) as refused:
        list(statements(document))

    assert str(refused.value) == message
