"""The stand-in for the AWS provider: the same Pulumi program, deployed into the sandbox with boto3."""

from sandbox.provider.echoed import ECHOED, Echo

__all__ = ["ECHOED", "Echo"]
