"""The parts of a mail's text."""

from __future__ import annotations

from organization.engine.letters import Paragraph, paragraphs


def test_a_text_falls_into_paragraphs_addresses_and_a_foot() -> None:
    text = "Dear all,\nread this:\n\nhttps://ops.example.org/a/\n \n\nSee https://ops.example.org/b/\n\n--\nOps\nAcme\n"

    body, foot = paragraphs(text)

    assert body == [
        Paragraph(("Dear all,", "read this:")),
        Paragraph(("https://ops.example.org/a/",), "https://ops.example.org/a/"),
        Paragraph(("See https://ops.example.org/b/",)),
    ]
    assert foot == ["Ops", "Acme"]


def test_an_empty_text_has_no_parts() -> None:
    assert paragraphs("  \n\n ") == ([], [])
