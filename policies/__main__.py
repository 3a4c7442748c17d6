"""Serve the rules to the Pulumi engine: the constructor starts the server and does not return."""

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

sys.path.insert(0, str(Path(__file__).parents[1]))  # the engine starts the pack from its folder, which is no root of imports

from policies.pack import RULES

PolicyPack("stackmend", policies=[rule.policy() for rule in RULES], enforcement_level=EnforcementLevel.MANDATORY)
