"""What a rule is: its metadata, the resources it judges, and a function that yields what it finds wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import partial

from pulumi_policy import (
    EnforcementLevel,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies.documents import NoDocumentError
from policies.waivers import Waivers

ALL_OF_AWS = "aws:*"
PROVIDER = "pulumi:providers:aws"
NONE = Waivers((), date.min)
"""Nothing is waived."""


@dataclass(frozen=True, kw_only=True)
class _Metadata:
    name: str
    description: str
    severity: Severity
    url: str
    remedy: str
    resource_types: tuple[str, ...]

    def judges(self, resource_type: str) -> bool:
        return any(fnmatchcase(resource_type, wanted) for wanted in self.resource_types)


@dataclass(frozen=True, kw_only=True)
class Rule(_Metadata):
    """A rule about one resource at a time."""

    judge: Callable[[ResourceValidationArgs], Iterator[str]]

    def policy(self, waivers: Waivers = NONE) -> ResourceValidationPolicy:
        """The rule as the engine takes it, mandatory but for what is waived."""
        return ResourceValidationPolicy(
            name=self.name,
            description=self.description,
            validate=partial(self._validate, waivers),
            enforcement_level=EnforcementLevel.MANDATORY,
            severity=self.severity,
            remediation_steps=self.remedy,
            url=self.url,
        )

    def _validate(self, waivers: Waivers, args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        if not self.judges(args.resource_type):
            return
        try:
            for finding in self.judge(args):
                if not waivers.let_pass(args.urn, self.name, args.name):
                    report_violation(f"{args.name} {finding}: {self.remedy}", None)
        except NoDocumentError as error:
            report_violation(f"{args.name} {error}: write one that IAM takes", None)
        except UnknownValueError as unknown:
            waivers.not_judged(args.urn, self.name, args.name)
            args.not_applicable(f"{args.name}: {'.'.join(unknown.props)} is not known before the deployment, which judges it")


@dataclass(frozen=True, kw_only=True)
class StackRule(_Metadata):
    """A rule about resources together; it yields what it finds with the resource's URN."""

    judge: Callable[[StackValidationArgs], Iterator[tuple[str, str]]]

    def policy(self, waivers: Waivers = NONE) -> StackValidationPolicy:
        """The rule as the engine takes it, mandatory but for what is waived."""
        return StackValidationPolicy(
            name=self.name,
            description=self.description,
            validate=partial(self._validate, waivers),
            enforcement_level=EnforcementLevel.MANDATORY,
            severity=self.severity,
            remediation_steps=self.remedy,
            url=self.url,
        )

    def _validate(self, waivers: Waivers, args: StackValidationArgs, report_violation: ReportViolation) -> None:
        for finding, urn in self.judge(args):
            if not waivers.let_pass(urn, self.name, urn.rsplit("::", 1)[-1]):
                report_violation(f"{finding}: {self.remedy}", urn)
