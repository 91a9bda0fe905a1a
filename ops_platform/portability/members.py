"""What a zip says about its members, judged before a byte of them is unpacked: an archive may come from anybody."""

from __future__ import annotations

import zipfile
from collections import Counter

from django.utils.translation import gettext_lazy as _

from organization.errors import DomainError

MOST_MEMBERS = 1_000_000
MOST_BYTES = 256 << 30
MOST_RATIO = 300  # a table of equal rows is packed 60:1, a bomb 1000:1
FREE_OF_RATIO = 8 << 20  # what is smaller than this harms nobody, however well it is packed
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
LOCKED = 0x1


class ArchiveRefused(DomainError):
    """The file cannot be imported; the message says why."""


def examine(members: list[zipfile.ZipInfo]) -> None:
    """Raise ArchiveRefused, naming the member, for an archive that would do harm or that we never write."""
    if len(members) > MOST_MEMBERS:
        raise ArchiveRefused(
            _("The archive has %(count)s parts; at most %(most)s can be imported.")
            % {"count": len(members), "most": MOST_MEMBERS}
        )
    twice = [name for name, count in Counter(info.filename for info in members).items() if count > 1]
    if twice:
        raise ArchiveRefused(_("The archive holds the part %(member)s twice.") % {"member": shown(twice[0])})
    for info in members:
        _examine_one(info)
    if sum(info.file_size for info in members) > MOST_BYTES:
        raise ArchiveRefused(_("Unpacked, the archive is larger than %(most)s GB.") % {"most": MOST_BYTES >> 30})


def shown(name: str) -> str:
    """The name of a member as it can be shown: without what would steer a terminal, and not endless."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name[:120])


def _examine_one(info: zipfile.ZipInfo) -> None:
    facts = {"member": shown(info.orig_filename)}
    if not _is_plain(info.orig_filename):
        raise ArchiveRefused(_("The part %(member)s of the archive has a name that leads elsewhere.") % facts)
    if info.flag_bits & LOCKED:
        raise ArchiveRefused(_("The part %(member)s is encrypted. Archives are imported unencrypted.") % facts)
    if info.compress_type not in METHODS:
        raise ArchiveRefused(_("The part %(member)s is packed in a way that archives never are.") % facts)
    if info.file_size > FREE_OF_RATIO and info.file_size > info.compress_size * MOST_RATIO:
        raise ArchiveRefused(
            _("The part %(member)s would grow more than %(most)s times when unpacked. No archive of ours does.")
            % (facts | {"most": str(MOST_RATIO)})
        )


def _is_plain(name: str) -> bool:
    return (
        name.isprintable()
        and "\\" not in name
        and ":" not in name
        and all(step not in ("", ".", "..") for step in name.split("/"))
    )
