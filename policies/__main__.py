"""Serve the rules to the Pulumi engine: the constructor starts the server and does not return."""

import sys
from pathlib import Path

from pulumi_policy import EnforcementLevel, PolicyPack

sys.path.insert(0, str(Path(__file__).parents[1]))  # the engine starts the pack from its folder, which is no root of imports

from policies.pack import policies
from policies.waivers import Waivers

PolicyPack("stackmend", policies=policies(Waivers.now()), enforcement_level=EnforcementLevel.MANDATORY)
