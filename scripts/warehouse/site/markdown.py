"""Markdown of the project as HTML of the site: anchors, links between pages, names that lead somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import escape

from warehouse.errors import UserError

OUTSIDE = re.compile(r"(https?|mailto):")


@dataclass(frozen=True)
class Document:
    """A Markdown file of the project and where its page is in the site."""

    source: Path
    page: str
    language: str
    title: str


def find_documents(project: Path) -> list[Document]:
    """The guides and decisions in `docs/`, and the README files and the changelog that they point to."""
    found = [
        _document(path, _page_of(path.relative_to(project / "docs")))
        for path in sorted((project / "docs").rglob("*.md"))
    ]
    apart = {"README.md": "project.html", "CHANGELOG.md": "changelog.html", "extracts/README.md": "extracts.html"}
    return found + [_document(project / name, page) for name, page in apart.items() if (project / name).exists()]


def _page_of(relative: Path) -> str:
    name = re.sub(r"README\.md$", "index.md", relative.as_posix())
    return re.sub(r"\.md$", ".html", name)


def _document(source: Path, page: str) -> Document:
    text = source.read_text(encoding="utf-8")
    heading = re.search(r"^# (.+)$", text, re.M)
    if heading is None:
        raise UserError(f"{source}: a document opens with its title, a line that begins with `# `")
    return Document(source, page, "fr" if page.endswith(".fr.html") else "en", re.sub(r"[`*]", "", heading.group(1)))


class Markdown:
    """Renders documents; links lead to pages of the site, and names of tables and KPIs to theirs.

    `documents` are all pages there are, `names` maps what stands in backticks to a page, `elsewhere` says where
    another file of the project is shown, or that it is not.
    """

    def __init__(
        self, documents: Sequence[Document], names: Mapping[str, str], elsewhere: Callable[[Path], str | None]
    ) -> None:
        self.pages = {each.source.resolve(): each.page for each in documents}
        self.names = names
        self.elsewhere = elsewhere
        self.parser = MarkdownIt("commonmark", {"html": False}).enable("table")
        self.parser.renderer.rules["code_inline"] = self._code  # type: ignore[attr-defined]

    def render(self, text: str, page: str, source: Path) -> str:
        """The HTML of a text that stands in a file and becomes a page."""
        about = {"page": page, "source": source.resolve()}
        tokens = self.parser.parse(text, about)
        slugs: dict[str, int] = {}
        for index, token in enumerate(tokens):
            if token.type == "heading_open":
                token.attrSet("id", _slug(tokens[index + 1].content, slugs))
            for child in token.children or []:
                if child.type == "link_open":
                    self._lead(child, page, source)
        html = str(self.parser.renderer.render(tokens, self.parser.options, about))
        # a wide table scrolls by itself, not the page
        html = html.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
        return html.replace("<pre>", '<pre tabindex="0">')

    def _lead(self, link: Token, page: str, source: Path) -> None:
        address = str(link.attrGet("href") or "")
        if OUTSIDE.match(address):
            link.attrSet("rel", "noreferrer")
            return
        path, _, anchor = address.partition("#")
        if path:
            target = Path(os.path.normpath(source.resolve().parent / path))
            shown = self.pages.get(target) or self.elsewhere(target)
            # a file that is in the project alone is named, and leads to the page that says what the project is
            path = relative(page, shown or "project.html")
        link.attrSet("href", path + (f"#{anchor}" if anchor else ""))

    def _code(
        self,
        tokens: Sequence[Token],
        index: int,
        options: Any,  # noqa: ARG002 (what the parser hands to a rule)
        about: MutableMapping[str, Any],
    ) -> str:
        text = tokens[index].content
        code = f"<code>{escape(text)}</code>"
        page = self.names.get(text)
        opened = sum({"link_open": 1, "link_close": -1}.get(token.type, 0) for token in tokens[:index])
        if page is None or opened or page == about["page"]:
            return code
        return f'<a class="name" href="{escape(relative(about["page"], page))}">{code}</a>'


def relative(page: str, target: str) -> str:
    """The address of a page of the site as another one has to write it."""
    path, mark, rest = target.partition("#")
    here = PurePosixPath(page).parent
    return os.path.relpath(path, here.as_posix()) + mark + rest


def _slug(heading: str, taken: dict[str, int]) -> str:
    """The anchor of a heading, by the rule of GitHub, where the same text is read too."""
    slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    taken[slug] = taken.get(slug, -1) + 1
    return f"{slug}-{taken[slug]}" if taken[slug] else slug
