"""Pulling instances: whole tables, or what changed since the last delivery; an instance is delivered whole or not."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.contract import System, load_contract
from warehouse.errors import UserError
from warehouse.extracting import airtable, hubspot, pipedrive, salesforce, stripe
from warehouse.extracting.client import Client
from warehouse.extracting.orders import Order, read_order
from warehouse.extracting.pages import CursorExpired, Unit, Window, stamp
from warehouse.extracting.run import FOLDER, Progress, Run, moment_of, read_state, write_state
from warehouse.instances import SOURCE_FILE, Instance, read_instance
from warehouse.locking import only_run

OVERLAP = dt.timedelta(minutes=10)  # an index of changes lags, and so may this machine's clock
RESUMABLE = dt.timedelta(hours=24)
PACE = {"hubspot": 0.21, "salesforce": 0.0, "pipedrive": 0.1, "stripe": 0.02, "airtable": 0.21}  # seconds


@dataclass(frozen=True)
class Delivered:
    """What was delivered of an instance."""

    instance: str
    folder: Path
    rows: Mapping[str, int]
    changes: tuple[str, ...]

    def __str__(self) -> str:
        counts = ", ".join(
            f"{table} {rows:,}{' changed' if table in self.changes else ''}" for table, rows in self.rows.items()
        )
        return f"{self.instance}/{self.folder.name}: {counts}"


def orders(extracts: Path, names: Sequence[str]) -> list[Instance]:
    """Instances to pull: those named, else all whose source.yml has an `extract:` block. Raises UserError for none."""
    systems = load_contract()
    for name in names:
        if not (extracts / name / SOURCE_FILE).is_file():
            raise UserError(f"{extracts / name}: no {SOURCE_FILE} there; make one that says `extract: {{}}`")
    found = [
        read_instance(path.parent, systems)
        for path in sorted(extracts.glob(f"*/{SOURCE_FILE}"))
        if not names or path.parent.name in names
    ]
    wanted = [each for each in found if each.extract is not None]
    missing = sorted(set(names) - {each.name for each in wanted})
    if missing:
        raise UserError(f"{missing[0]}/{SOURCE_FILE}: no extract block; add `extract: {{}}` or what it has to say")
    if not wanted:
        raise UserError(f"{extracts}: no instance to pull; say `extract:` in <instance>/{SOURCE_FILE}")
    return wanted


def pull(
    instance: Instance,
    *,
    full: bool = False,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> Delivered:
    """Pulls an instance and delivers it as one folder of files.

    Goes on from the last whole page of a pull that was interrupted less than a day ago. Raises UserError; what was
    pulled until then is kept, and nothing of it is seen by the loader.
    """
    systems = load_contract()
    order = read_order(instance, systems)
    client = connect(order, sleep)
    units = _units(order, client, systems)
    folder = instance.folder / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    with only_run(folder):
        state = read_state(folder)
        before = Run.resume(folder)
        if before and before.target.exists():  # delivered, and stopped before it was noted
            _note(before, state)
            before = None
        run = _begin(before, folder, order, units, state, full, now(), systems)
        for unit in units:
            _pull_unit(run, unit, client, order, state)
        target = run.deliver()
        _note(run, state)
    rows = {
        table: sum(part.rows for part in parts)
        for progress in run.units.values()
        for table, parts in progress.parts.items()
    }
    changes = tuple(name for name, progress in run.units.items() if progress.since)
    return Delivered(instance.name, target, rows, changes)


def _note(run: Run, state: dict[str, dict[str, str]]) -> None:
    """Moves the state on: only now, as a delivery that stands is what the next changes are asked from."""
    for name, progress in run.units.items():
        whole = run.started if progress.since is None else state.get(name, {}).get("whole", run.started)
        state[name] = {"until": run.started, "whole": whole}
    write_state(run.folder, state)
    run.clear()


def connect(order: Order, sleep: Callable[[float], None] = time.sleep) -> Client:
    """A client with the token of an order in the header its system wants."""
    client = Client(
        order.instance.name,
        order.base_url,
        order.token_env,
        tuple(each for each in (order.token, *(order.client or ())) if each),
        {},
        PACE[order.system],
        sleep,
    )
    token = order.token
    if order.client:
        token = salesforce.sign_in(client, order.client)
        client.secrets += (token,)
    client.headers = {"x-api-token": token} if order.system == "pipedrive" else {"Authorization": f"Bearer {token}"}
    if order.system == "stripe":
        client.headers |= stripe.HEADERS
    return client


def _units(order: Order, client: Client, systems: Mapping[str, System]) -> list[Unit]:
    tables = dict(systems["custom" if order.system == "airtable" else order.system].tables)
    if order.system == "airtable":
        found = airtable.units(client, order.base, order.tables)
        unknown = [unit.name for unit in found if unit.name not in tables]
        if unknown:
            raise UserError(f"{order.where}: unknown table {unknown[0]!r}; tables of airtable are {', '.join(tables)}")
        return found
    found = {
        "hubspot": lambda: hubspot.units(client, tables, order.properties),
        "salesforce": lambda: salesforce.units(client, tables, order.properties),
        "pipedrive": lambda: pipedrive.units(client),
        "stripe": lambda: stripe.units(client),
    }[order.system]()
    names = [unit.name for unit in found]
    for name in order.tables:
        if name not in names:
            raise UserError(f"{order.where}: extract cannot pull {name!r}; it can pull {', '.join(names)}")
    return [unit for unit in found if not order.tables or unit.name in order.tables]


def _begin(
    before: Run | None,
    folder: Path,
    order: Order,
    units: Sequence[Unit],
    state: Mapping[str, Mapping[str, str]],
    full: bool,
    now: dt.datetime,
    systems: Mapping[str, System],
) -> Run:
    """The run that was interrupted, with the units wanted now, else a new one."""
    if before and before.full == full and now - moment_of(before.started) < RESUMABLE:
        run = before
        run.units = {unit.name: run.units[unit.name] for unit in units if unit.name in run.units}
    else:
        last = max((moment_of(each["until"]) for each in state.values()), default=now - dt.timedelta(seconds=1))
        started = max(now.replace(microsecond=0), last + dt.timedelta(seconds=1))
        run = Run(folder, stamp(started), full)
        run.clear()
    tables = systems["custom" if order.system == "airtable" else order.system].tables
    for unit in units:
        if unit.name not in run.units:
            run.units[unit.name] = Progress(None if full else _since(unit, order, state, run, tables[unit.name].mode))
    run.save()
    return run


def _since(unit: Unit, order: Order, state: Mapping[str, Mapping[str, str]], run: Run, mode: str) -> str | None:
    """From when on changes of a unit are asked for; None when it is to be pulled whole.

    A table whose records can vanish without a word is pulled whole again from time to time; a history only grows.
    """
    known = state.get(unit.name)
    if not unit.changes or not known:
        return None
    age = moment_of(run.started) - moment_of(known["whole"])
    if mode == "snapshot" and age >= dt.timedelta(days=order.full_every) - OVERLAP:
        return None
    return stamp(moment_of(known["until"]) - OVERLAP)


def _pull_unit(
    run: Run, unit: Unit, client: Client, order: Order, state: Mapping[str, Mapping[str, str]], *, again: bool = True
) -> None:
    progress = run.units[unit.name]
    if progress.done:
        return
    client.name, client.scope = f"{order.instance.name}/{unit.name}", unit.scope
    known = state.get(unit.name)
    window = Window(
        moment_of(progress.since) if progress.since else None,
        order.since if unit.dated else None,
        moment_of(known["until"]) - OVERLAP if known and not run.full else None,
    )
    # what holds only changes says so in its name; histories are increments by their contract
    names = {table: table for table in unit.tables}
    names[unit.name] += "_increment" if progress.since else ""
    seen = {json.dumps(progress.cursor, sort_keys=True)}
    try:
        for page in unit.pull(window, progress.cursor):
            cursor = json.dumps(page.cursor, sort_keys=True)
            if cursor in seen:
                raise UserError(
                    f"{client.name}: the system gives the same page again ({page.rows[unit.name]} rows); nothing was "
                    "delivered, run it again later"
                )
            seen.add(cursor)
            run.add(unit.name, page, names)
    except CursorExpired:
        if not again:
            raise UserError(f"{client.name}: the system forgets its cursor each time; run it again later") from None
        run.restart(unit.name)
        _pull_unit(run, unit, client, order, state, again=False)
