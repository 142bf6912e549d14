"""The documents Great Expectations makes of a validation, as pages that open without a network.

Its own pages load sixteen files from content networks. These take what its renderers wrote and stand on one
stylesheet.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warehouse.expectations.checks import Gate, Result
from warehouse.expectations.engine import Run

PAGES = Path(__file__).parent / "pages"
STYLE = "quality.css"


def write_data_docs(folder: Path, runs: Mapping[Gate, Run]) -> dict[str, Path]:
    """Writes the pages of some gates to a folder made anew; files by the name they are published under."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    view: Any = DefaultJinjaPageView(custom_views_directory=str(PAGES))
    renderer: Any = ValidationResultsPageRenderer()
    assets = []
    for gate, run in runs.items():
        for asset, validated in run.documents.items():
            file = f"{gate}-{re.sub(r'[^a-z0-9_]+', '-', asset.casefold())}.html"
            made = [result for result in run.results if result.check.asset == asset]
            counts = {"checks": len(made), "failed": sum(result.status == "failed" for result in made)}
            learnt = [_told(result) for result in made if result.check.is_learnt]
            page = view.render(renderer.render(validated), template="asset.j2", asset=asset, learnt=learnt, **counts)
            # its headings begin at the fifth, below a title of its own
            (folder / file).write_text(re.sub(r"(</?)h5\b", r"\1h2", page), encoding="utf-8")
            assets.append({"gate": gate, "asset": asset, "file": file, **counts})
    index = view.env.get_template("index.j2").render(
        assets=assets,
        total=sum(len(run.results) for run in runs.values()),
        failed=[_told(result) for run in runs.values() for result in run.failed],
        accepted=[_told(result) for run in runs.values() for result in run.results if result.status == "accepted"],
    )
    (folder / "index.html").write_text(index, encoding="utf-8")
    shutil.copyfile(PAGES / STYLE, folder / STYLE)
    return {f"quality/{path.name}": path for path in sorted(folder.iterdir())}


def _told(result: Result) -> dict[str, Any]:
    check = result.check
    first, last = check.from_date, check.to_date
    return {
        "where": f"{check.subject} {check.column or ''}".strip(),
        "rule": check.rule,
        "observed": result.observed,
        "measures": check.measures,
        "expected": check.expected,
        "days": "all" if first is None else f"{first} to {last or 'now'}",
        "owner": check.subject.owner,
        "passed": result.passed,
    }
