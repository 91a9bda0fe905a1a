"""`{% kept seen place %}...{% endkept %}`: a part of the frame of every page, drawn once for what it shows."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 4_000
# Of the forms' token: no other text of a page has a NUL in it
PLACE = "\0csrf\0"


class Drawing:
    """What a part with one key looks like; empty until it is drawn."""

    __slots__ = ("text",)

    def __init__(self) -> None:
        self.text: str | None = None


@lru_cache(maxsize=MOST, typed=True)
def _drawing(_node: KeptNode, _language: str | None, *_facts: object) -> Drawing:
    return Drawing()


class KeptNode(template.Node):
    """Keeps what its nodes draw in the memory of the process, by the values of its keys and the language.

    All that they draw must follow from the keys; the first, `seen`, is the digest of all that was read of the member,
    with rights and organization. The token of the forms is another one in each answer, and put in then. Where a key is
    empty or missing nothing is kept.
    """

    def __init__(self, nodelist: NodeList, keys: list[FilterExpression]) -> None:
        self.nodelist, self.keys = nodelist, keys

    def render(self, context: template.Context) -> SafeString:
        facts = [key.resolve(context, ignore_failures=True) for key in self.keys]
        if any(fact is None or fact == "" for fact in facts):
            return self.nodelist.render(context)
        drawing = _drawing(self, get_language(), *facts)
        if drawing.text is None:
            with context.push(csrf_token=PLACE):
                drawing.text = self.nodelist.render(context)
        if PLACE not in drawing.text:
            return SafeString(drawing.text)
        return SafeString(drawing.text.replace(PLACE, str(context["csrf_token"])))


@register.tag
def kept(parser: Parser, token: Token) -> KeptNode:
    """Draw what stands inside once for the values of the keys."""
    _name, *keys = token.split_contents()
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return KeptNode(nodelist, [parser.compile_filter(key) for key in keys])
