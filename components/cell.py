"""One recovery cell: everything that recovers the stacks of one account in one region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi import ComponentResource, Output, ResourceOptions

from components.addresses import ROLES, Role
from components.alarms import Alarms, AlarmsArgs
from components.blueprint import Blueprint
from components.dashboard import Dashboard, DashboardArgs
from components.function_code import archive
from components.functions import CellFunction, FunctionFrame
from components.heartbeat import Heartbeat, HeartbeatArgs
from components.intake import Intake, IntakeArgs
from components.keys import RegionKey
from components.layer import FunctionLayer, LayerArgs
from components.ledger import Ledger, LedgerArgs, Replica
from components.names import Kind
from components.recovery import Recovery, RecoveryArgs
from components.vault import Vault, VaultArgs, VaultCopies, VaultCopiesArgs
from layer.build import Platform


@dataclass(frozen=True, kw_only=True)
class RecoveryCellArgs:
    """What stands where is the blueprint's; which build the functions' libraries are, the deployment's."""

    blueprint: Blueprint
    layer: Platform


class RecoveryCell(ComponentResource):
    """A cell in the making: its key, then ledger and vault, then the rest, because partners need each other's keys and data."""

    key: RegionKey
    ledger: Ledger
    vault: Vault
    copied_to: tuple[str, ...] = ()
    """The regions that hold this vault's copies."""

    def __init__(self, name: str, args: RecoveryCellArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:RecoveryCell", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self._name = name
        self._args = args
        self.blueprint = args.blueprint

    def build_key(self) -> None:
        """The first pass."""
        self.key = RegionKey(f"{self._name}-key", self.blueprint.key, self._child)

    def build_ledger(self, replica: Replica | None) -> None:
        """The second pass, when the partner has its key."""
        arguments = LedgerArgs(
            table_name=self.blueprint.addresses.ledger_table,
            key_arn=self.key.arn,
            is_protected=self.blueprint.settings.protect_data,
            replica=replica,
        )
        self.ledger = Ledger(f"{self._name}-ledger", arguments, self._child)

    def build_vault(self) -> None:
        """In the second pass too: copies go from one vault to another, so all stand first."""
        settings = self.blueprint.settings
        arguments = VaultArgs(
            cell=self.blueprint.addresses,
            key_arn=self.key.arn,
            superseded_days=settings.retention.superseded_days,
            evidence_days=settings.retention.ledger_days,
            is_protected=settings.protect_data,
        )
        self.vault = Vault(f"{self._name}-vault", arguments, self._child)

    def copy_vault(self, others: Sequence[Vault]) -> None:
        """When all vaults stand; a cell that is nobody's partner yet, and has none, keeps its vault to itself."""
        self.copied_to = tuple(other.cell.region for other in others)
        if others:
            arguments = VaultCopiesArgs(source=self.vault, others=others, frame=self.blueprint.role_frame)
            VaultCopies(f"{self._name}-vault-copies", arguments, self._child)

    def build_rest(self) -> Mapping[str, Any]:
        """The last pass: what runs. Returns what an operator needs to find the cell by."""
        frame = self._frame()
        intake = Intake(f"{self._name}-intake", self._intake(frame), self._child)
        recovery = Recovery(f"{self._name}-recovery", self._recovery(frame), self._child)
        heartbeat = Heartbeat(f"{self._name}-heartbeat", self._heartbeat(frame), self._child)
        Alarms(f"{self._name}-alarms", self._alarms(recovery), self._child)
        Dashboard(f"{self._name}-dashboard", self._dashboard(), self._child)
        functions: dict[Role, CellFunction] = {
            "intake": intake.intake,
            "notice": intake.notice,
            "capture": intake.capture,
            **recovery.functions,
            "heartbeat": heartbeat.function,
        }
        outputs = self._outputs(recovery.machine_arn, {role: functions[role].function_name for role in ROLES})
        self.register_outputs(outputs)
        return outputs

    def _frame(self) -> FunctionFrame:
        blueprint, chosen = self.blueprint, self.blueprint.settings.functions
        layer = LayerArgs(
            layer_name=blueprint.addresses.named(Kind.LAYER, "libraries"),
            platform=self._args.layer,
            architecture=chosen.architecture,
        )
        return FunctionFrame(
            reach=blueprint.reach,
            code=archive(blueprint.cell),
            layer_arn=FunctionLayer(f"{self._name}-layer", layer, self._child).arn,
            key_arn=self.key.arn,
            role_frame=blueprint.role_frame,
            architecture=chosen.architecture,
            log_days=blueprint.settings.retention.log_days,
        )

    def _intake(self, frame: FunctionFrame) -> IntakeArgs:
        settings = self.blueprint.settings
        return IntakeArgs(
            frame=frame,
            timeout_seconds=settings.limits.function_seconds,
            message_days=settings.retention.message_days,
            reserves_concurrency=settings.functions.reserve_concurrency,
        )

    def _recovery(self, frame: FunctionFrame) -> RecoveryArgs:
        settings = self.blueprint.settings
        return RecoveryArgs(
            frame=frame,
            spans=self.blueprint.spans,
            machine_timeout_seconds=self.blueprint.machine_timeout_seconds,
            message_days=settings.retention.message_days,
            reserves_concurrency=settings.functions.reserve_concurrency,
        )

    def _heartbeat(self, frame: FunctionFrame) -> HeartbeatArgs:
        settings = self.blueprint.settings
        return HeartbeatArgs(
            frame=frame,
            timeout_seconds=settings.limits.function_seconds,
            message_days=settings.retention.message_days,
            reserves_concurrency=settings.functions.reserve_concurrency,
        )

    def _alarms(self, recovery: Recovery) -> AlarmsArgs:
        settings = self.blueprint.settings
        return AlarmsArgs(
            cell=self.blueprint.addresses,
            limits=settings.alarms,
            tiers=settings.tiers,
            topic_arn=recovery.alerts.arn,
            runbook_url=settings.runbook_url,
        )

    def _dashboard(self) -> DashboardArgs:
        settings = self.blueprint.settings
        return DashboardArgs(cell=self.blueprint.addresses, limits=settings.alarms, tiers=settings.tiers)

    def _outputs(self, machine_arn: Output[str], functions: Mapping[str, Output[str]]) -> dict[str, Any]:
        cell = self.blueprint.addresses
        return {
            "account": cell.account,
            "region": cell.region,
            "digest": self.blueprint.cell.digest,
            "machine_arn": machine_arn,
            "ledger_table": self.ledger.table_name,
            "vault_bucket": self.vault.bucket_name,
            "vault_copied_to": list(self.copied_to),
            "queues": {
                "intake": cell.queue_name("intake"),
                "notice": cell.queue_name("notice"),
                "escalation": cell.queue_name("escalation"),
            },
            "functions": dict(functions),
        }
