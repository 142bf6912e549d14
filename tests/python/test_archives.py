"""An export is read alike packed or not; an archive that is not one export is one line."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from conftest import Site
from warehouse import archives
from warehouse.archives import plain_name
from warehouse.errors import UnreadableExport

OWNERS = "id,email,firstName\n1,zoe@nordlys.fr,Zoé\n2,sam@nordlys.fr,Sam\n".encode()


def unpack(content: bytes, name: str) -> bytes:
    """What is in an archive."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "packed"
        path.write_bytes(content)
        return archives.unpack(path, name, path.with_name("unpacked")).read_bytes()


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def from_a_mac(content: bytes) -> bytes:
    return zipped({"export/": b"", "export/owners.csv": content, "__MACOSX/export/._owners.csv": b"\x00\x05"})


def encrypted(content: bytes) -> bytes:
    """A zip whose only member says it is encrypted, in its own header and in the directory."""
    packed = bytearray(zipped({"owners.csv": content}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def frames(content: bytes) -> bytes:
    """Two zstd frames, the second without its size in the header."""
    streaming = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return zstandard.compress(content[:20]) + streaming.compress(content[20:]) + streaming.flush()


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "gz of two parts": lambda content: gzip.compress(content[:20]) + gzip.compress(content[20:]),
    "zst": zstandard.compress,
    "zst of two frames": frames,
    "zip": lambda content: zipped({"owners.csv": content}),
    "zip stored": lambda content: zipped({"owners.csv": content}, zipfile.ZIP_STORED),
    "zip from a Mac": from_a_mac,
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_export_is_the_same_packed_as_plain_whatever_its_name(packing: str) -> None:
    assert unpack(PACKINGS[packing](OWNERS), "hubspot/owners.csv") == OWNERS


@pytest.mark.parametrize("content", [b"", b"id,email\n", b"PAR1", b"\x1f\x8b", b"PK"])
def test_what_is_no_archive_stays_as_it_is(content: bytes) -> None:
    assert unpack(content, "hubspot/owners.csv.gz") == content


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_archive_cut_anywhere_is_one_line(packing: str) -> None:
    packed = PACKINGS[packing](OWNERS)
    whole = len(PACKINGS[packing.split()[0]](OWNERS[:20])) if "two" in packing else 0  # its first part
    for length in range(5, len(packed)):
        if length != whole:
            with pytest.raises(UnreadableExport, match=r"^hubspot/owners\.gz: the archive or workbook is cut short"):
                unpack(packed[:length], "hubspot/owners.gz")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (zipped({"a.csv": OWNERS, "b.csv": OWNERS}), "the zip holds 2 files (a.csv, b.csv), one is expected; unpack"),
        (zipped({f"{each}.csv": OWNERS for each in "abcde"}), "the zip holds 5 files (a.csv, b.csv, c.csv, ...), one"),
        (zipped({}), "the zip holds no file, one is expected"),
        (zipped({"__MACOSX/._a.csv": b"x", "a/": b""}), "the zip holds no file, one is expected"),
        (encrypted(OWNERS), "the zip asks for a password; unpack it here"),
        (zipped({"a.csv.gz": gzip.compress(OWNERS)}), "packed twice; unpack it once"),
        (gzip.compress(zipped({"a.csv": OWNERS})), "packed twice; unpack it once"),
    ],
    ids=["two", "five", "none", "only a Mac's", "encrypted", "gz in zip", "zip in gz"],
)
def test_an_archive_that_is_not_one_export_is_refused_in_one_line(content: bytes, line: str) -> None:
    with pytest.raises(UnreadableExport) as refused:
        unpack(content, "hubspot/owners.zip")
    assert str(refused.value).startswith(f"hubspot/owners.zip: {line}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("packing", ["gz", "zst", "zip", "workbook"])
def test_a_bomb_is_refused_before_it_is_unpacked(packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 64 * 1024**2
    zeros = bytes(size)
    packed = zipped({"[Content_Types].xml": zeros}) if packing == "workbook" else PACKINGS[packing](zeros)
    unpacked: list[int] = []

    def counting(unpacking: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
        def counted(*arguments: Any) -> Iterator[bytes]:
            for chunk in unpacking(*arguments):
                unpacked.append(len(chunk))
                yield chunk

        return counted

    for name in ("_gunzipped", "_unzstd", "_members"):
        monkeypatch.setattr(archives, name, counting(getattr(archives, name)))
    with pytest.raises(UnreadableExport, match=r"^hubspot/owners\.gz: unpacks to more than 200 times its size[^\n]*$"):
        unpack(packed, "hubspot/owners.gz")
    assert archives.RATIO_FREE < sum(unpacked) <= 2 * archives.RATIO_FREE


def test_an_archive_past_the_bound_in_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", len(OWNERS) - 1)
    with pytest.raises(UnreadableExport, match=r"unpacks to more than .* GiB; export less"):
        unpack(gzip.compress(OWNERS), "hubspot/owners.csv.gz")


def test_a_small_file_may_shrink_as_much_as_it_likes() -> None:
    assert len(unpack(gzip.compress(bytes(8 * 1024**2)), "x.gz")) == 8 * 1024**2


@pytest.mark.parametrize(
    ("name", "plain"),
    [("a.csv.gz", "a.csv"), ("A.CSV.ZST", "A.CSV"), ("a.zip", "a"), ("a.gz.csv", "a.gz.csv"), ("gz", "gz")],
)
def test_a_name_is_taken_without_its_packing(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_the_ledger_keeps_the_hash_of_the_file_and_the_date_in_its_name(site: Site) -> None:
    packed = gzip.compress(OWNERS, mtime=0)
    site.drop("hubspot/owners_2026-03-01.csv.gz", packed)
    site.load()
    assert site.raw("select state, sha256, bytes, rows, extracted_at from loads") == [
        ("loaded", hashlib.sha256(packed).hexdigest(), len(packed), 2, dt.datetime.fromisoformat("2026-02-28 23:00"))
    ]


@pytest.mark.parametrize("pattern", ["pipeline*.csv", "pipeline*.csv.gz"])
def test_a_mapping_names_a_packed_file_with_or_without_its_packing(site: Site, pattern: str) -> None:
    site.drop(
        "erp/source.yml", f"system: custom\ntables: {{users: {{files: ['{pattern}'], columns: {{user_id: No}}}}}}"
    )
    site.drop("erp/pipeline_nord.csv.gz", gzip.compress(b"No,name\n1,Zoe\n"))
    assert [file.state for file in site.load().files] == ["loaded"]
    assert site.raw("select user_id, name from custom.users") == [("1", "Zoe")]


def test_a_packed_file_is_ignored_as_its_plain_name_says(site: Site) -> None:
    site.drop("hubspot/source.yml", "ignore: ['*.csv']")
    site.drop("hubspot/owners.csv.zip", zipped({"owners.csv": OWNERS}))
    assert [file.state for file in site.load().files] == ["ignored"]


def test_a_packed_ledger_is_known_by_the_part_its_name_says(site: Site) -> None:
    titles = "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|EcritureLib|Debit|Credit"
    text = f"{titles}\nVE|Ventes|1|20250105|706000|Ventes|Facture|0,00|100,00\n".encode()
    site.drop("fec/552100554FEC20251231.zip", zipped({"export.txt": text}))
    assert [file.state for file in site.load().files] == ["loaded"]


def test_packed_parquet_is_read(site: Site) -> None:
    path = site.root / "owners.parquet"
    duckdb.sql(f"copy (select '1' as id, 'zoe@nordlys.fr' as email, 'Zoé' as firstName) to '{path}'")
    site.drop("hubspot/owners.parquet.zst", zstandard.compress(path.read_bytes()))
    site.load()
    assert site.raw("select first_name from hubspot.owners") == [("Zoé",)]


@pytest.mark.parametrize("content", [b"", b" \n"])
def test_an_archive_of_an_empty_file_says_so(site: Site, content: bytes) -> None:
    site.drop("hubspot/owners.csv.gz", gzip.compress(content))
    (failure,) = site.load().failures
    assert failure.message == "hubspot/owners.csv.gz: the file is empty; export it again"
