"""The whole road as a user runs it: exports in, a publication out, or one line and everything as it was."""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import hashlib
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from conftest import Site, new_database, rows
from link_checker import broken_links
from warehouse.demo.simulation import simulate, write_demo
from warehouse.settings import PROJECT
from warehouse.targets.choosing import PLACES
from warehouse.targets.delimited import csv_relation, defused
from warehouse.targets.marts import exact_sums, fingerprint
from warehouse.targets.server import Server
from warehouse.targets.tableau import hyper, read_hyper

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]

# freshness looks at a clock of its own; all else depends on the exports alone
CHECKED = ("--checked-at", "2026-03-16 07:00:00")


def write_small_demo(site: Site, until: str = "2026-03-16") -> None:
    write_demo(simulate(11, 0.05, dt.date.fromisoformat(until)), site.root, PROJECT / "seeds")


# people who must not leave the warehouse: in columns that name them, declared or not, and in rows that are rejected;
# their number is none that a fraction of a KPI looks like
CANARY = re.compile(rb"canary.?mail|canaryna|06 ?41 ?73 ?90 ?58|[+]33 ?6 ?41 ?73|641739058", re.IGNORECASE)
MAIL, NAME, PHONE = "canary.mail@canary-home.example", "Canaryname", "+33 6 41 73 90 58"
STRANGE = {
    "Adresse perso": MAIL,
    "Info": f"ask {MAIL}",
    "Mobile": PHONE,
    "Rappel": "06 41 73 90 58",
    "Nom complet": NAME,
}


def release_canaries(site: Site) -> None:
    """Parts of the demo's own deliveries with people of one name, and a system more."""
    titles, cells = ",".join(STRANGE), ",".join(STRANGE.values())
    fine = "".join(f"9{each},{MAIL},{NAME},{NAME},{PHONE},lead,2026-01-05T09:00:00Z,{cells}\n" for each in range(150))
    contacts = f"id,email,firstname,lastname,phone,lifecyclestage,createdate,{titles}\n{fine}"
    site.drop("hubspot_fr/contacts_part2_2026-03-16.csv", f"{contacts}7,{MAIL},{NAME}\n")
    leads = "Id,FirstName,LastName,Email,Company,Status,IsConverted,CreatedDate"
    row = f"00Q9,{NAME},{NAME},{MAIL},Home,Working,false,2026-01-05T09:00:00Z,{cells}"
    site.drop("salesforce_uk/Lead_part2_2026-03-16.csv", f"{leads},{titles}\n{row}\n")
    contact = f"0039,,{NAME},{NAME},{MAIL},2026-01-05T09:00:00Z,false,{cells}"
    site.drop(
        "salesforce_uk/Contact_part2_2026-03-16.csv",
        f"Id,AccountId,FirstName,LastName,Email,CreatedDate,IsDeleted,{titles}\n{contact}\n",
    )
    site.drop(
        "prospection/prospects_part2_2026-03-16.csv",
        f"Prénom,Nom,Email professionnel,Statut e-mail,Poste,Origine,Téléphone,Enrichi le,{titles}\n"
        + "".join(f"{NAME},{NAME},{mail},valid,CTO,Scraap.ai,{PHONE},2026-01-05,{cells}\n" for mail in (MAIL, "")),
    )
    site.drop("hubspot_fr/calls_part2_2026-03-16.csv", CALLS.format(titles=titles, mail=MAIL, cells=cells))
    site.drop(
        "pipedrive/persons_2026-03-16.csv",
        f"ID,Name,Email,Phone,Add time,{titles}\n5,{NAME},{MAIL},{PHONE},2026-01-05 09:00:00,{cells}\n",
    )


CALLS = (
    "id,hs_timestamp,hs_call_direction,hs_call_status,hs_call_title,{titles}\n"
    "99,2026-01-05T09:00:00Z,OUTBOUND,COMPLETED,for {mail},{cells}\n"
)


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """The address of an empty database."""
    with new_database(server) as address:
        yield address


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, database: str) -> Site:
    """A small demo company, published once to every target."""
    site = Site(tmp_path_factory.mktemp("pipeline"))
    write_small_demo(site)
    release_canaries(site)
    everywhere = {"SALES_KPI_TARGETS": ",".join(PLACES), "SALES_KPI_PG_URL": database}
    done = Site(site.root, everywhere).run("pipeline.py", *CHECKED)
    assert done.returncode == 0, done.stderr
    (site.root / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return site


@pytest.fixture(scope="module")
def shown(published: Site, database: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """What is published, each target as a schema of its name."""
    current = published.settings.publish / "current"
    tables = json.loads((current / "manifest.json").read_text(encoding="utf-8"))["tables"]
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as folder:
        extract = Path(folder, "extract.parquet")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{current / 'marts.duckdb'}' as marts (read_only)")
        for target in PLACES:
            connection.execute(f'create schema "{target}"')
        with Server(connection, database) as postgres, hyper(extract.parent) as engine:
            for name, said in tables.items():
                types = {column: each["type"] for column, each in said["columns"].items()}
                parts = sorted((current / "csv").glob(f"{name}*.csv"))
                files = [path for path in parts if re.fullmatch(rf"{name}(_\d{{3}})?", path.stem)]
                read_hyper(engine, current / "tableau" / f"{name}.hyper", extract)
                for target, relation in {
                    "duckdb": f"marts.{name}",
                    "parquet": f"'{current / 'parquet' / name}.parquet'",
                    "csv": csv_relation(files, types),
                    "hyper": f"'{extract}'",
                    "postgres": f"{postgres.name}.bi.{name}",
                }.items():
                    connection.execute(f'create table "{target}".{name} as from {relation}')
        yield connection


@pytest.fixture
def kept(published: Site, tmp_path: Path) -> Site:
    """A copy of the published site that a test may break; it publishes to files that are quick to write."""
    shutil.copytree(published.root, tmp_path / "site", symlinks=True)
    return Site(tmp_path / "site", {"SALES_KPI_TARGETS": "duckdb,parquet"})


def state_of(site: Site) -> tuple[str, str]:
    """What readers see, and the last accepted build."""
    current = site.settings.publish / "current"
    content = (current / "marts.duckdb").read_bytes() + site.settings.warehouse_file.read_bytes()
    return current.readlink().name, hashlib.sha256(content).hexdigest()


def test_what_was_published_is_what_was_built_in_every_form(published: Site) -> None:
    current = published.settings.publish / "current"
    manifest = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["as_of_date"] == "2026-03-15"
    assert {"kpi_values", "dashboard_sdr", "kpi_targets", "funnel_conversion"} <= set(manifest["tables"])
    assert "kpi_parts" not in manifest["tables"], "what values are made of is not published"
    for table, written in manifest["tables"].items():
        schema = "seeds" if table in ("kpi_targets", "kpi_actions") else "marts"
        built = rows(published.settings.warehouse_file, f"select count(*) from {schema}.{table}")
        assert built == [(written["rows"],)]
        assert rows(current / "marts.duckdb", f"select count(*) from {table}") == built
        file = current / "parquet" / f"{table}.parquet"
        assert duckdb.connect().execute("select count(*) from read_parquet(?)", [str(file)]).fetchall() == built
    for name, written in manifest["files"].items():
        assert hashlib.sha256((current / name).read_bytes()).hexdigest() == written, name


def test_the_dashboards_are_published_with_the_figures_they_show(published: Site) -> None:
    current = published.settings.publish / "current"
    pages = {path.stem for path in (current / "dashboards").iterdir()}
    assert pages == {"index", "sdr", "account_executive", "sales_director", "executive", "people", "quality"}
    assert str(current / "dashboards" / "index.html") in (published.root / "said.txt").read_text(encoding="utf-8")


def test_every_mart_is_in_every_target_as_it_was_built_but_for_what_a_spreadsheet_would_run(
    published: Site, shown: duckdb.DuckDBPyConnection
) -> None:
    manifest = json.loads((published.settings.publish / "current" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["targets"] == {target: {"build": manifest["generation"]} for target in PLACES}
    shown.execute(f"attach '{published.settings.warehouse_file}' as built (read_only)")
    for name, said in manifest["tables"].items():
        relation = f"built.{'seeds' if name in ('kpi_targets', 'kpi_actions') else 'marts'}.{name}"
        types = {column: each["type"] for column, each in said["columns"].items()}
        built = fingerprint(shown, relation)
        assert built == (said["rows"], said["fingerprint"]), name
        assert exact_sums(shown, relation, types) == said["sums"], name
        harmless = fingerprint(shown, f"(select {defused(types)} from {relation})")
        for target in PLACES:
            expected = harmless if target == "csv" else built
            assert fingerprint(shown, f'"{target}".{name}') == expected, (name, target)
    shown.execute("detach built")


def test_people_are_in_raw_and_in_nothing_that_leaves_the_warehouse(
    published: Site, shown: duckdb.DuckDBPyConnection
) -> None:
    held = published.raw(
        f"select (select count(*) from hubspot.contacts where email = '{MAIL}'), "
        f"(select count(*) from rejected_rows where text like '%{NAME}%'), "
        f"(select count(*) from hubspot.contacts where _extra like '%{MAIL}%')"
    )
    assert held == [(150, 2, 150)], "the canaries are there to be found"
    for path in sorted(published.settings.publish.rglob("*")):
        if path.is_file():
            assert not CANARY.search(path.read_bytes()), path
    current = published.settings.publish / "current"
    for page in sorted((current / "dashboards").glob("*.html")):
        # a page packs its data
        packed = re.search(rb'id="data">([^<]+)<', page.read_bytes())
        assert packed
        data = zlib.decompress(base64.b64decode(packed[1]))
        assert b"periods" in data
        assert not CANARY.search(data), page
    tables = shown.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'memory'"
    ).fetchall()
    assert {(target, "dim_contacts") for target in PLACES} <= set(tables)
    canary = f"(?i){CANARY.pattern.decode()}"
    assert shown.execute("select regexp_matches(?, ?)", [f"said {NAME}", canary]).fetchall() == [(True,)]
    for schema, table in tables:
        # databases, Parquet and Hyper pack their text: row by row, every column
        found = f'select count(*) from "{schema}".{table} as rows where regexp_matches(cast(rows as varchar), ?)'
        assert shown.execute(found, [canary]).fetchall() == [(0,)], (schema, table)


def test_people_are_in_no_log_and_in_nothing_a_command_prints(published: Site) -> None:
    said = [(published.root / "said.txt").read_bytes()]
    for script, *arguments in (
        ("load_report.py",),
        ("load.py", "--dry-run"),
        ("retain.py", "--dry-run"),
        ("trace.py", "new_contacts", "2026-01", "--all"),
    ):
        done = published.run(script, *arguments)
        assert done.returncode == 0, done.stderr
        said.append((done.stdout + done.stderr).encode())
    assert b"contacts_part2_2026-03-16.csv line 152: 3 fields" in said[1], "the report tells of rejected rows"
    for text in said:
        assert not CANARY.search(text), CANARY.search(text)
    written = [path for path in (published.settings.warehouse / "dbt").rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in written)
    for path in written:
        assert not CANARY.search(path.read_bytes()), path


def test_columns_are_described_in_what_is_published(published: Site) -> None:
    silent = rows(
        published.settings.publish / "current" / "marts.duckdb",
        "select table_name, column_name from duckdb_columns() where schema_name = 'main' and not internal "
        "and comment is null",
    )
    assert silent == []


def test_the_documentation_of_dbt_is_one_page_that_names_the_marts(published: Site) -> None:
    page = (published.settings.publish / "current" / "docs" / "dbt" / "index.html").read_text(encoding="utf-8")
    assert "kpi_values" in page
    assert "dashboard_executive" in page


def test_what_was_checked_is_published_as_pages_without_a_link_outwards(published: Site) -> None:
    pages = published.settings.publish / "current" / "quality"
    assert "raw-hubspot_fr__deals.html" in (pages / "index.html").read_text(encoding="utf-8")
    for page in pages.iterdir():
        assert "//" not in page.read_text(encoding="utf-8").replace("<!DOCTYPE html>", ""), page
    gates = published.raw(
        "select gate, count(*) >= 60, count(*) filter (on_breach = 'stop' and status = 'failed') "
        "from checks group by gate order by gate"
    )
    assert gates == [("marts", True, 0), ("raw", True, 0)]


def test_every_link_of_the_publication_leads_to_something_published(published: Site) -> None:
    current = (published.settings.publish / "current").resolve()
    assert (current / "docs" / "kpis" / "win_rate.fr.html").is_file()
    assert broken_links(current, r"^docs/dbt/") == []


def test_the_shell_reads_statements_from_a_pipe_and_says_in_one_line_what_is_wrong_with_one(published: Site) -> None:
    asked = published.run("sql.py", typed="select count(*) as kpis from dim_kpis; select count(*) from raw.loads")
    assert asked.returncode == 0, asked.stderr
    assert "kpis" in asked.stdout
    wrong = published.run("sql.py", typed="select nothing from dim_kpis")
    assert wrong.returncode == 1
    assert len(wrong.stderr.strip().splitlines()) == 1


def test_a_published_number_is_traced_to_the_lines_it_stands_on_and_to_its_run(published: Site) -> None:
    traced = published.run("trace.py", "win_rate", "2026-02")
    assert traced.returncode == 0, traced.stdout + traced.stderr
    assert "from the rows below alone, equal" in traced.stdout
    assert re.search(r"hubspot_fr/deals_2026-03-16\.\w+ line \d+ \(hubspot\.deals, load \w{16}", traced.stdout)
    generation = (published.settings.publish / "current").readlink().name
    assert f"published in generation {generation}: the same" in traced.stdout
    ((run_id, sources),) = published.raw(f"select run_id, sources from runs where generation = '{generation}'")
    assert f"built by run {run_id}" in traced.stdout
    assert json.loads(sources)["hubspot_fr"]["deals"]["extracted_at"].startswith("2026-03-1")
    unknown = published.run("trace.py", "win_rate", "2026-02", "team:Nowhere")
    assert unknown.returncode == 1
    assert len(unknown.stderr.strip().splitlines()) == 1


@pytest.mark.proof
def test_a_second_run_gives_the_same_numbers_to_new_readers_and_leaves_old_ones_alone(kept: Site) -> None:
    current = kept.settings.publish / "current"
    first = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    reader = duckdb.connect(str(current / "marts.duckdb"), read_only=True)
    read = reader.execute("select count(*) from kpi_values").fetchone()
    done = kept.run("pipeline.py", *CHECKED)
    assert done.returncode == 0, done.stderr
    assert " files, 0 new (0 rows), figures as of " in done.stdout
    second = json.loads((current / "manifest.json").read_text(encoding="utf-8"))
    assert second["generation"] > first["generation"]
    # what was checked has a history, which the publish gate of the first run is part of by now
    assert second["tables"].pop("quality_checks") != first["tables"].pop("quality_checks")
    assert second["tables"] == first["tables"]
    assert reader.execute("select count(*) from kpi_values").fetchone() == read
    reader.close()
    assert kept.run("publish.py", "--rollback").returncode == 0
    assert current.readlink().name == first["generation"]


def unmapped_stage(site: Site) -> None:
    mapping = site.settings.config / "stage_mapping.csv"
    lines = mapping.read_text(encoding="utf-8").splitlines(keepends=True)
    dropped = next(line for line in lines if ",demo" in line)
    mapping.write_text("".join(line for line in lines if line != dropped), encoding="utf-8")


def missing_column(site: Site) -> None:
    site.drop("salesforce_uk/Opportunity_2026-03-17.csv", "Id,Name,Amount\n0061,Deal,100\n")


def empty_folder(site: Site) -> None:
    shutil.rmtree(site.settings.extracts)
    site.settings.extracts.mkdir()


def text_named_csv(site: Site) -> None:
    site.drop("hubspot_fr/notes.csv", "Dear all,\nthe export of this week follows on Monday.\nBest regards\n")


def half_the_deals(site: Site) -> None:
    (whole,) = site.settings.extracts.glob("hubspot_fr/deals_*.json")
    pages = [json.loads(page) for page in whole.read_text(encoding="utf-8").splitlines()]
    halves = [json.dumps({"results": page["results"][::2]}) for page in pages]
    site.drop("hubspot_fr/deals_2026-03-17.json", "\n".join(halves))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (half_the_deals, "raw gate: hubspot_fr/deals: truncated"),
        pytest.param(unmapped_stage, "unmapped stage", marks=pytest.mark.proof),
        (missing_column, "required column"),
        (empty_folder, "no exports there"),
        (text_named_csv, "not recognised"),
    ],
)
def test_bad_input_gets_one_line_and_what_was_published_stays(kept: Site, spoil: object, told: str) -> None:
    before = state_of(kept)
    assert callable(spoil)
    spoil(kept)
    done = kept.run("pipeline.py", *CHECKED)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("pipeline: ")
    assert told in lines[0]
    assert "Traceback" not in done.stderr
    assert state_of(kept) == before
    assert not list(kept.settings.publish.glob(".writing-*"))


def test_an_unknown_column_is_kept_and_reported(kept: Site) -> None:
    owners = "Owner ID,Email,First Name,Last Name,Favourite colour\n9,zoe@lumio.example,Zoé,Martin,bleu\n"
    kept.drop("hubspot_fr/owners_2026-03-17.csv", owners)
    dry = kept.run("load.py", "--dry-run")
    assert "Favourite colour -> _extra (not in the contract)" in dry.stdout
    assert kept.run("load.py").returncode == 0
    extra = kept.raw("select json_extract_string(_extra, '$.\"Favourite colour\"') from hubspot.owners where id = '9'")
    assert extra == [("bleu",)]
    assert kept.raw("select count(*) from load_columns where title = 'Favourite colour' and not is_known") == [(1,)]


def test_two_runs_at_a_time_are_refused_with_one_line(kept: Site) -> None:
    with (kept.settings.warehouse / "run.lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = kept.run("pipeline.py")
    assert done.returncode == 1
    assert "another run is under way" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_demo_company_is_not_mixed_with_a_real_one(kept: Site) -> None:
    (kept.settings.extracts / ".demo-company").unlink()
    before = state_of(kept)
    done = kept.run("pipeline.py")
    assert done.returncode == 1
    assert "make clean" in done.stderr
    assert state_of(kept) == before


@pytest.mark.proof
def test_a_stale_export_degrades_its_own_kpis_and_a_replay_shows_what_was_known_then(kept: Site) -> None:
    # what the exports of a later day say changes nothing of what was known before it
    told = "select * from marts.kpi_values order by all"
    delivered = "select source_instance, table_name, newest_extracted_at, newest_business_at, status, reason_fr "
    delivered += "from marts.quality_source_freshness order by all"
    then, came = (rows(kept.settings.warehouse_file, asked) for asked in (told, delivered))
    assert {row[4] for row in came} == {"fresh"}
    write_small_demo(kept, "2026-03-20")
    for path in (kept.settings.extracts / "linkedin_ads").glob("*2026-03-20*"):
        path.unlink()
    # the canaries came in one delivery only, and are gone with their columns
    later = kept.run("pipeline.py", "--checked-at", "2026-03-21 07:00:00", "--accept-changes")
    assert later.returncode == 0, later.stderr
    assert rows(kept.settings.warehouse_file, told) != then
    stale = "select distinct source_instance from marts.quality_source_freshness where status = 'stale' order by all"
    # the people of Pipedrive came once
    assert rows(kept.settings.warehouse_file, stale) == [("linkedin_ads",), ("pipedrive",)]
    trust = "select kpi_code, nullif(regexp_extract(reasons_en, 'are late: ([^;]*)', 1), '') "
    trust += "from marts.quality_kpi_trust where kpi_code in ('cac_paid_amount', 'win_rate') "
    trust += "and period_grain = 'month' and period_start_date = '2026-03-01' order by kpi_code"
    # the day of its last export was not over when it was made
    late = "advertising costs (linkedin_ads, since 16 March 2026)"
    assert rows(kept.settings.warehouse_file, trust) == [("cac_paid_amount", late), ("win_rate", None)]
    replay = kept.run("pipeline.py", "--known-at", "2026-03-16 12:00:00", *CHECKED)
    assert replay.returncode == 0, replay.stderr
    assert rows(kept.settings.warehouse_file, told) == then
    assert rows(kept.settings.warehouse_file, delivered) == came
