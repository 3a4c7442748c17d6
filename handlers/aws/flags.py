"""The regions' serving flags in the hub's table: one item, changed by one conditional write in the first region that answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from handlers.aws.calls import Client, ask, code_of
from handlers.aws.lease import LOST_RACES, TABLE_CALL
from handlers.aws.table import marshal, unmarshal
from handlers.domain.errors import TransientError
from handlers.domain.moment import epoch_ms, iso
from handlers.domain.outcome import Reason
from handlers.domain.serving import Change, Partners, Serving, SwitchOutcome, switch

_TRIES = 3
"""Of one change in one region: whoever loses a race decides anew, and a change that lost twice is nearly always superseded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsAddress:
    """Where the flags are, and which regions they are for."""

    environment: str
    table: str
    control_regions: tuple[str, ...]
    partners: Partners


class FlagsUnreadableError(Exception):
    """No control region says what the flags are; the message says what each of them answered."""


class Flags:
    """The flags, through the control regions in their order. *client_in* gives a client for a region."""

    def __init__(self, address: FlagsAddress, client_in: Callable[[str], Client], clock: Callable[[], datetime]) -> None:
        self._address = address
        self._client_in = client_in
        self._clock = clock
        self._key = f"SERVING#{address.environment}"

    def read(self) -> Serving:
        """The flags as the first control region that answers has them."""
        errors: list[str] = []
        for region in self._address.control_regions:
            try:
                return self._read(self._client_in(region))
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
        raise FlagsUnreadableError("; ".join(errors))

    def switch(self, change: Change) -> Serving | Reason:
        """Bring *change* about, or say why not. The same change asked for again is found to have been made."""
        errors: list[str] = []
        was_sent = False
        for region in self._address.control_regions:
            try:
                return self._switch_in(self._client_in(region), change)
            except _SentError as error:
                was_sent = True
                errors.append(f"{region}: {error}")
            except (ClientError, BotoCoreError, TransientError) as error:
                errors.append(f"{region}: {error}")
        outcome = SwitchOutcome.UNSURE if was_sent else SwitchOutcome.UNREADABLE
        return Reason(code=outcome, sentence=f"no control region answered: {'; '.join(errors)}")

    def _read(self, client: Client) -> Serving:
        key = marshal({"pk": self._key})
        answer = ask(client.get_item, TableName=self._address.table, Key=key, ConsistentRead=True, **TABLE_CALL)
        return Serving.model_validate(unmarshal(answer.get("Item", {})))

    def _switch_in(self, client: Client, change: Change) -> Serving | Reason:
        """Read, decide, write on what was read; whoever loses a race reads again and decides again."""
        for _ in range(_TRIES):
            now = self._read(client)
            if now.change_id == change.change_id:
                return now
            then = switch(now, change, self._address.partners, epoch_ms(self._clock()))
            if isinstance(then, Reason) or self._written(client, now, then):
                return then
        raise TransientError(f"the flags changed under {_TRIES} writes")

    def _written(self, client: Client, now: Serving, then: Serving) -> bool:
        try:
            ask(client.update_item, **self._write(now, then))
        except ClientError as error:
            if code_of(error) in LOST_RACES:
                return False
            raise
        except TransientError as error:
            raise _SentError(str(error)) from error
        return True

    def _write(self, now: Serving, then: Serving) -> dict[str, object]:
        """One update that holds only on the version that was read, and only while another region serves."""
        staying = [region for region, flag in then.regions.items() if flag.serving]
        names = {f"#stays{number}": region for number, region in enumerate(staying)}
        another = " OR ".join(f"regions.{name}.serving = :yes" for name in names)
        is_first = now.version == 0
        condition = "attribute_not_exists(pk)" if is_first else f"version = :seen AND ({another})"
        new = then.model_dump(mode="json")
        values = {":version": then.version, ":regions": new["regions"], ":change": then.change_id, ":at": iso(self._clock())}
        seen = {} if is_first else {":seen": now.version, ":yes": True}
        return {
            "TableName": self._address.table,
            "Key": marshal({"pk": self._key}),
            "UpdateExpression": "SET version = :version, regions = :regions, change_id = :change, changed_at = :at",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": marshal({**values, **seen}),
            **({} if is_first else {"ExpressionAttributeNames": names}),
            **TABLE_CALL,
        }


class _SentError(Exception):
    """The write was sent and no answer came: it may have been done."""
