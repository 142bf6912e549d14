"""What became of the files of a load, in the lines that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.delivery import is_increment
from warehouse.landing import Landed
from warehouse.tabular import Reject

STATES = ("loaded", "unchanged", "known", "would load", "ignored", "refused", "not recognised")
UNFINISHED_TOLD = "an unfinished download, or the mark of an open workbook"
SHOWN_REJECTS = 20


@dataclass(frozen=True)
class FileReport:
    """What became of a file."""

    path: str
    state: str
    message: str = ""
    landed: tuple[Landed, ...] = ()
    rejects: tuple[Reject, ...] = ()

    def explanation(self) -> Iterator[str]:
        """Lines that say what the file is taken for, title by title."""
        yield f"{self.path}: {self.state}"
        for landed in self.landed:
            mode = "increment" if is_increment(Path(self.path), landed.table) else landed.table.mode
            made = f", extract time {landed.extracted_at:%Y-%m-%d %H:%M} UTC" if landed.extracted_at else ""
            yield f"  taken for {landed.table.system}.{landed.table.name} ({mode}){made}"
            columns = landed.match.columns if landed.match else ()
            for title, column in zip(landed.titles, columns, strict=True):
                known = column is not None or landed.table.keeps(title)
                target = column.name if column else "_extra" + ("" if known else " (not in the contract)")
                yield f"    {title} -> {target}"


@dataclass
class LoadReport:
    """What became of every file of a folder."""

    files: list[FileReport] = field(default_factory=list)

    @property
    def failures(self) -> list[FileReport]:
        """Files that were refused or not recognised."""
        return [file for file in self.files if file.state in ("refused", "not recognised")]

    @property
    def rows(self) -> int:
        """Rows stored."""
        return sum(landed.rows for file in self.files for landed in file.landed if landed.state == "loaded")

    def count(self, state: str) -> int:
        """Files in a state."""
        return sum(file.state == state for file in self.files)

    def summary(self, *, explain: bool = False) -> str:
        """Lines that say what became of the files; with `explain`, of each title. No value of a file is in them."""
        lines = [line for file in self.files for line in file.explanation()] if explain else []
        for file in self.files:
            if file.state == "ignored" and file.message == UNFINISHED_TOLD:
                lines.append(f"{file.path}: ignored, {file.message}")
            lines += [f"{file.path} line {each.line}: {each.reason}" for each in file.rejects[:SHOWN_REJECTS]]
            if len(file.rejects) > SHOWN_REJECTS:
                lines.append(f"{file.path}: and {len(file.rejects) - SHOWN_REJECTS:,} more rows like that")
            for landed in file.landed:
                if landed.rejected and landed.state == "loaded":
                    kept = f"{landed.rows:,} rows stored, {landed.rejected:,} rejected"
                    lines.append(f"{file.path}: {kept}, each with its line and reason in raw.rejected_rows")
        counts = [f"{count} {state}" for state in STATES if (count := self.count(state))]
        lines.append(f"{len(self.files)} files: {', '.join(counts)}; {self.rows:,} rows stored")
        return "\n".join(lines)
