"""What a diagnosis rule is, and when one fires."""

from collections.abc import Collection
from dataclasses import dataclass

from handlers.domain.diagnosis_codes import GENERIC, class_of_code, known_codes
from handlers.domain.diagnosis_text import Reading
from handlers.domain.diagnosis_types import Confidence
from handlers.domain.failure_class import FailureClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of message and the class it means. Every condition that is given must hold.

    A phrase matches whole words. "…" stands for up to `diagnosis_phrases.GAP` characters, "*" for the rest of a word.
    """

    id: str
    failure_class: FailureClass
    why: str
    source: str
    confidence: Confidence = Confidence.HIGH
    phrases: Collection[str] = ()
    """Any one of them."""
    unless: Collection[str] = ()
    starts: tuple[str, ...] = ()
    """The message begins with one of them."""
    code_class: FailureClass | None = None
    """The text carries an error code of this class."""
    generic_code: bool = False
    """`code_class` looks at the codes that services use for everything, which come last."""
    handlers: tuple[str, ...] = ()
    """HandlerErrorCode is one of them."""
    http: tuple[int, ...] = ()
    not_http: tuple[int, ...] = ()
    types: tuple[str, ...] = ()
    """The resource type begins with one of them."""
    services: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    """The event's status begins with one of them."""
    custom: bool = False
    """Holds for the words of custom resources, too, which mean AWS only where they quote it."""
    custom_only: bool = False

    def __post_init__(self) -> None:
        """Phrases are asked for as sets: few are found, and many are looked for."""
        object.__setattr__(self, "phrases", frozenset(self.phrases))
        object.__setattr__(self, "unless", frozenset(self.unless))


@dataclass(frozen=True, slots=True)
class Signs:
    """What was found in a reading, once, for all rules."""

    phrases: frozenset[str]
    codes: frozenset[FailureClass]
    """Classes of the error codes in it."""
    generic_codes: frozenset[FailureClass]
    """Classes of those codes that services use for everything."""


def signs_of(reading: Reading, phrases: frozenset[str]) -> Signs:
    """Look up every error code in *reading*; what only looks like one, or stands in somebody's own words, AWS must know."""
    codes: set[FailureClass] = set()
    generic: set[FailureClass] = set()
    for number, code in enumerate(reading.codes):
        is_named = number < reading.marked or code.endswith("Exception")
        if (is_named and reading.quotes_aws) or code in known_codes():
            failure_class = class_of_code(code)
            if failure_class is not None:
                (generic if code in GENERIC else codes).add(failure_class)
    return Signs(phrases, frozenset(codes), frozenset(generic))


def _fits_circumstances(reading: Reading, rule: Rule) -> bool:
    return not (
        (rule.types and not reading.resource_type.startswith(rule.types))
        or (rule.services and reading.service not in rule.services)
        or (rule.operations and not reading.status.startswith(rule.operations))
        or (rule.http and reading.http not in rule.http)
        or (rule.not_http and reading.http in rule.not_http)
        or (rule.handlers and reading.handler_code not in rule.handlers)
    )


def _fits_speaker(reading: Reading, rule: Rule) -> bool:
    if rule.custom_only:
        return reading.is_custom
    return rule.custom or reading.quotes_aws


def fires(rule: Rule, reading: Reading, signs: Signs) -> bool:
    """Do all of the rule's conditions hold?"""
    if rule.phrases and signs.phrases.isdisjoint(rule.phrases):
        return False
    if rule.code_class is not None and rule.code_class not in (signs.generic_codes if rule.generic_code else signs.codes):
        return False
    return (
        signs.phrases.isdisjoint(rule.unless)
        and (not rule.starts or reading.words.startswith(rule.starts))
        and _fits_speaker(reading, rule)
        and _fits_circumstances(reading, rule)
    )
