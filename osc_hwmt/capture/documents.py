# SPDX-License-Identifier: Apache-2.0

"""The XML documents of libvirt in a text, as servers and hosts."""

from __future__ import annotations

from osc_hwmt.capture import capabilities, domain
from osc_hwmt.capture.place import (
    Found,
    Lines,
    Place,
    Record,
    Span,
    told_apart,
)
from osc_hwmt.capture.xml_documents import (
    READ,
    NotXmlError,
    Part,
    parse,
    split,
)
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _

#: How much of a damaged document is searched for the name of its server.
_SEARCHED = 20_000


def read(text: str, first: Place) -> Found:
    """Return the servers and hosts of a text's documents."""
    records: list[Record] = []
    hosts: list[Host] = []
    rest: list[Span] = []
    understood = False
    lines = Lines(text, first)
    for part in split(text):
        if part.name is None:
            rest.append((part.start, part.end))
            continue
        understood = True
        record = _record(text, part, lines.place(part.start))
        if isinstance(record, Host) and not record.partial:
            hosts.append(record)
        elif record is not None:
            records.append(record)
    return Found((*records, *told_apart(hosts)), tuple(rest), understood)


def _record(text: str, part: Part, place: Place) -> Record | None:
    """Return what a document says; None for one that tells nothing here."""
    if not part.whole:
        return place.problem(
            _('%s: cut off, and so not read') % _label(text, part)
        )
    if part.name not in READ:
        return None
    try:
        root = parse(text[part.start : part.end])
        if part.name == 'domain':
            return domain.guest(root, place)
        if part.name == 'capabilities':
            return capabilities.capabilities(root, place)
        return capabilities.domain_capabilities(root, place)
    except NotXmlError as exc:
        why = _('%(what)s: %(why)s') % {'what': _label(text, part), 'why': exc}
        return place.at(place.line + exc.line).problem(why)
    except Error as exc:
        return place.problem(str(exc))


def _label(text: str, part: Part) -> str:
    """Return what to call a document that can't be read."""
    if part.name != 'domain':
        return str(part.name)
    return domain.label(text[part.start : part.end][:_SEARCHED])
