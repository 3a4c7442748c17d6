"""What may not be kept of a stack's parameters."""

import pytest

from handlers.domain.secrecy import Hidden, hidden, looks_secret, secret_places


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DatabasePassword", "correct horse"),
        ("ApiKey", "a1b2c3d4e5"),
        ("GithubToken", "x" * 12),
        ("Region", "AKIAIOSFODNN7EXAMPLE"),
        ("Certificate", "-----BEGIN RSA PRIVATE KEY-----\nMIIE"),
        ("Database", "postgres://app:hunter2@db.internal:5432/app"),
        ("Header", "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2lnbmF0dXJl"),
    ],
)
def test_a_plain_parameter_that_looks_secret_is_hidden(name: str, value: str) -> None:
    """By its name or by its form."""
    assert hidden(name, value, no_echo=False) is Hidden.LOOKS_SECRET


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("InstanceType", "t4g.small"),
        ("SecretArn", "arn:aws:secretsmanager:us-east-1:222222222222:secret:db-AbCdEf"),
        ("DatabasePassword", "{{resolve:secretsmanager:db:SecretString:password}}"),
        ("PasswordParameter", "/app/db/password"),
        ("EnableSecretRotation", "true"),
        ("TokenLifetime", "3600"),
        ("SecretName", ""),
        ("Endpoint", "https://example.com/path"),
    ],
)
def test_what_names_a_secret_is_none(name: str, value: str) -> None:
    """A reference, a switch and a number are needed to make the stack again, and give nothing away."""
    assert hidden(name, value, no_echo=False) is None


@pytest.mark.parametrize(("value", "no_echo"), [("****", False), ("*****", False), ("plain", True)])
def test_what_cloudformation_hides_is_hidden(value: str, no_echo: bool) -> None:
    """Whether the template says so or the mask does."""
    assert hidden("Anything", value, no_echo=no_echo) is Hidden.NO_ECHO


def test_texts_with_a_secrets_form_are_named() -> None:
    """A template with a key in it is kept whole, so it must be known."""
    texts = {"template": "Key: AKIAIOSFODNN7EXAMPLE", "template of Inner": "Key: !Ref Key"}

    assert secret_places(texts) == ("template",)
    assert not looks_secret("Default: t4g.small")
