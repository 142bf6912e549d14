"""Records: JSON arrays, lines and API pages, flattened to titles and rows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from warehouse.errors import UnreadableExport
from warehouse.tabular import Cells, CountTitles, Document, Number, as_title, numbers_in

ENVELOPES = ("results", "data", "records", "value", "items")
PLAIN = re.compile(r"[a-z]+_to_[a-z]+")  # HubSpot's kind of association without a label
# what pages say beside their records, which are null where there are none
PAGING = frozenset(
    "success additional_data related_objects paging pagination has_more object url done totalSize total count offset "
    "next previous links meta".split()
)
QUERY = "QueryResponse"  # around the envelope of QuickBooks' pages


class Repeated(Exception):
    """An object says the same thing twice, and not alike."""


def read_json(name: str, text: str, encoding: str, count_titles: CountTitles = lambda _: 0) -> Document:
    """The document in a JSON text: a list, an API page, or one of these on each line.

    An object with a list in it is a page, unless it has an id or, as `count_titles` tells, titles of its own.
    Raises UnreadableExport for a text that is cut, holds no records, is nested without end, or has an object with two
    values of one name.
    """
    try:
        return _read_json(name, text, encoding, count_titles)
    except RecursionError:
        raise UnreadableExport(f"{name}: JSON that is nested too deeply to be records; export it again") from None
    except Repeated as error:
        raise UnreadableExport(
            f"{name}: an object has two values of {str(error)[:60]!r}, one would be lost; name them apart"
        ) from None


def _read_json(name: str, text: str, encoding: str, count_titles: CountTitles) -> Document:
    records: list[dict[str, Any]] = []
    try:
        documents = [_parsed(text)]
    except json.JSONDecodeError as whole:
        documents = []
        for number, line in enumerate(text.split("\n"), start=1):  # U+2028 and the like may stand in a value
            if not line.strip():
                continue
            try:
                documents.append(_parsed(line))
            except json.JSONDecodeError as error:
                where = f"line {number}" if number > 1 else f"line {whole.lineno}"
                reason = error.msg if number > 1 else whole.msg
                raise UnreadableExport(
                    f"{name}: {where} is not JSON ({reason}); the file may be cut short, export it again"
                ) from None
    for document in documents:
        records.extend(_records_of(name, document, count_titles))
    if records and not any(records):
        raise UnreadableExport(f"{name}: JSON without records; its objects are empty, export it again")
    return document_of(records, encoding, "json")


def _records_of(name: str, node: Any, count_titles: CountTitles) -> list[dict[str, Any]]:
    if isinstance(node, dict) and isinstance(node.get(QUERY), dict):  # the list is named after what was asked for
        node = next((value for value in node[QUERY].values() if isinstance(value, list)), [])
    if isinstance(node, dict):
        lists = [key for key in ENVELOPES if isinstance(node.get(key), list)]
        nulls = {key for key in ENVELOPES if key in node and node[key] is None}
        if lists and not _is_record(node, lists[0], count_titles):
            node = node[lists[0]]
        elif nulls and node.keys() - nulls <= PAGING:
            node = []
        else:
            node = [node]
    if not isinstance(node, list) or not all(isinstance(record, dict) for record in node):
        raise UnreadableExport(f"{name}: JSON without records; expected a list of objects or an API page")
    return list(node)


def _is_record(node: dict[str, Any], envelope: str, count_titles: CountTitles) -> bool:
    """Whether an object with a list is a record that holds others, such as an invoice its lines."""
    beside = [key for key in node if key != envelope]
    return any(key.casefold() == "id" for key in beside) or count_titles(beside) > 1


def document_of(records: list[dict[str, Any]], encoding: str, delimiter: str) -> Document:
    """A document of JSON records, nested objects flattened to dotted titles."""
    flat = [flatten(record) for record in records]
    titles = _settled(flat)

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, record in enumerate(flat, start=1):
            yield number, [record.get(title) for title in titles]

    numbers = numbers_in([record.get(title) for record in flat] for title in titles)
    said = [as_title(title) for title in titles]
    return Document(said, rows(), encoding, delimiter, numbers=numbers, records=records)


def _settled(flat: list[dict[str, str | None]]) -> list[str]:
    """The titles of flat records, of which each is either a value or what is in an object.

    APIs write null, or a bare id, where they have no object: null is no title then, and beside ids objects give theirs.
    """
    titles = dict.fromkeys(title for record in flat for title in record)
    objects = {title[:place] for title in titles for place, mark in enumerate(title) if mark == "."}
    for title in objects & titles.keys():
        if all(record.get(title) is None for record in flat):
            del titles[title]
            continue
        for record in flat:
            if record.get(title) is None:
                record[title] = record.get(f"{title}.value") or record.get(f"{title}.id")
    return list(titles)


def flatten(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """A record with dotted titles and text values.

    A list becomes its items joined by semicolons: of objects the `value`, `name`, `id` or `toObjectId`, primary first.
    """
    flat: dict[str, str | None] = {}
    for key, value in record.items():
        title = prefix + key
        if isinstance(value, dict):
            parts = flatten(value, f"{title}.")
        else:
            parts = {title: _joined(value) if isinstance(value, list) else _text(value)}
        for each in flat.keys() & parts.keys():  # {"a": {"b": 1}, "a.b": 2}
            if flat[each] != parts[each]:
                raise Repeated(each)
        flat |= parts
    return flat


def _joined(items: list[Any]) -> str | None:
    if not all(isinstance(item, dict) for item in items):
        return ";".join(text for item in items if (text := _text(item)) is not None) or None
    ordered = sorted(items, key=_rank)
    for key in ("value", "name", "id", "toObjectId"):
        if all(key in item for item in ordered):
            unique = dict.fromkeys(_text(item[key]) for item in ordered)
            return ";".join(text for text in unique if text is not None) or None
    return _dumped(items)


def _rank(item: dict[str, Any]) -> int:
    """Primary items before others: by a flag of their own, or as HubSpot's associations say it.

    Its pages repeat a company for each kind of association; `deal_to_company` is the primary one, or a label says so.
    """
    kinds = item.get("associationTypes")
    labels = [kind.get("label") for kind in kinds if isinstance(kind, dict)] if isinstance(kinds, list) else []
    primary = item.get("primary") or "Primary" in labels or PLAIN.fullmatch(str(item.get("type", "")))
    return 0 if primary else 2 if str(item.get("type", "")).endswith("_unlabeled") else 1


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return _dumped(value)
    return value if isinstance(value, Number) else str(value)


def _parsed(text: str) -> Any:
    """JSON with its fractions as they are written: 1500.00 is an amount, 1500.0 another text; NaN stays NaN."""
    return json.loads(
        text,
        parse_float=Number,
        parse_int=lambda digits: int(digits) if len(digits) < 40 else digits,
        parse_constant=Number,
        object_pairs_hook=_object,
    )


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        for key, value in pairs:
            if made[key] != value:
                raise Repeated(key)
    return made


def _dumped(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Number):
        return number if math.isfinite(number := float(value)) else str(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def nested_records(records: list[dict[str, Any]], path: str, keys: dict[str, str]) -> list[dict[str, Any]]:
    """Records of the lists at `path`, each with the `keys` (child title: parent title) of its parent."""
    found: list[dict[str, Any]] = []
    for record in records:
        node: Any = record
        for step in path.split("."):
            node = node.get(step) if isinstance(node, dict) else None
        inherited = {child: record.get(parent) for child, parent in keys.items()}
        found.extend({**child, **inherited} for child in node or [] if isinstance(child, dict))
    return found
