"""Links of a folder of pages: which lead to nothing, and which would leave the folder for the network."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# what a browser fetches by itself, as against what a reader clicks on
FETCHED = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.anchors.add(value)
            if (tag, name) in FETCHED or (tag, name) == ("a", "href"):
                self.links.append((value or "", (tag, name) in FETCHED))


def broken_links(folder: Path, made_elsewhere: str = r"^$") -> list[str]:
    """One line for each link that fails, over all pages below a folder.

    Pages whose address matches `made_elsewhere` are led to and not looked into: their anchors are made by scripts.
    """
    paths = sorted(folder.rglob("*.html"))
    pages = {
        path.resolve(): _Page(path.read_text(encoding="utf-8"))
        for path in paths
        if not re.search(made_elsewhere, path.relative_to(folder).as_posix())
    }
    found = []
    for path, page in pages.items():
        for address, is_fetched in page.links:
            parts = urlsplit(address)
            told = f"{path.relative_to(folder.resolve())}: {address or 'an empty link'}"
            if parts.scheme or parts.netloc:
                if is_fetched and parts.scheme != "data":
                    found.append(f"{told} is fetched from elsewhere")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not address or not target.is_file() or not target.is_relative_to(folder.resolve()):
                found.append(f"{told} is not there")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{told} has no such place")
    return found
