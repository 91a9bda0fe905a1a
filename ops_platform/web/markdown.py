"""Text that people write with Markdown, as harmless HTML: headings, lists, emphasis, links, tables. No HTML of theirs."""

from __future__ import annotations

from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
# The page has its own h1, and the panel's title is an h2
HEADINGS = {f"h{level}": f"h{min(level + 2, 6)}" for level in range(1, 7)}


def rendered(text: str) -> SafeString:
    """The HTML of a text. Tags that people wrote come out as text; links open with no opener and give no referrer.

    Two walls: the parser makes no HTML of HTML, and what it made is cleaned again by a list of what is allowed.
    """
    tokens = _parser().parse(text)
    for token in tokens:
        token.tag = HEADINGS.get(token.tag, token.tag)
    made = _parser().renderer.render(tokens, _parser().options, {})
    allowed = {"a": {"href"}, "ol": {"start"}}
    clean = nh3.clean(made, tags=TAGS, attributes=allowed, url_schemes=SCHEMES, link_rel="noopener noreferrer")
    return SafeString(clean)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")
