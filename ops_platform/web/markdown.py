"""Text that people write with Markdown, as harmless HTML: headings, lists, emphasis, links, tables. No HTML of theirs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import nh3
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
# The page has its own h1, and the panel's title is an h2
HEADINGS = {f"h{level}": f"h{min(level + 2, 6)}" for level in range(1, 7)}


def rendered(text: str, *, picture: Callable[[str], str] | None = None) -> SafeString:
    """The HTML of a text. Tags that people wrote come out as text; links open with no opener and give no referrer.

    picture: the address of ours for what the text names as a picture's source, empty for none; without it there are none.
    Two walls: the parser makes no HTML of HTML, and what it made is cleaned again by a list of what is allowed.
    """
    parser = _parser(has_pictures=picture is not None)
    tokens = parser.parse(text)
    for token in tokens:
        for inner in token.children or ():
            if inner.type == "image" and picture is not None:
                _place_picture(inner, picture(str(inner.attrs.get("src", ""))))
        token.tag = HEADINGS.get(token.tag, token.tag)
    made = parser.renderer.render(tokens, parser.options, {})
    allowed = {"a": {"href"}, "ol": {"start"}, "img": {"src", "alt", "loading"}}
    clean = nh3.clean(
        made,
        tags=TAGS | ({"img"} if picture else set()),
        attributes=allowed,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )
    return SafeString(clean)


def _place_picture(token: Token, address: str) -> None:
    """The picture at its address; where there is none, its words alone."""
    if address:
        token.attrs = {"src": address, "alt": token.content, "loading": "lazy"}
    else:
        token.type, token.tag = "text", ""


@cache
def _parser(*, has_pictures: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    return parser if has_pictures else parser.disable("image")
