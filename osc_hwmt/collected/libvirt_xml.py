# SPDX-License-Identifier: Apache-2.0

"""The XML documents in a text, which may have anything around them.

What is collected from hosts is one document after another, with prompts,
comments and messages in between, and may end in the midst of one.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from osc_hwmt.collected import capabilities, domain
from osc_hwmt.collected.place import (
    Found,
    Lines,
    Place,
    Record,
    Span,
    named_apart,
)
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _

#: What the attributes of a root element have at most.
_LONGEST_TAG = 500
#: How much of a damaged document is searched for the name of its server.
_SEARCHED = 20_000
#: Far above what libvirt writes: a domain has about 5 KB, capabilities of a
#: host with many architectures a few hundred.
MAX_CHARACTERS = 8 * 1024 * 1024
#: Documents that are read, and documents of libvirt that tell nothing here.
#: A snapshot has the domain as it once was.
READ = ('domain', 'capabilities', 'domainCapabilities')
PASSED_OVER = (
    'domainsnapshot',
    'domaincheckpoint',
    'domainbackup',
    'network',
    'networkport',
    'pool',
    'volume',
    'secret',
    'filter',
    'filterbinding',
    'sysinfo',
    'storagepoolCapabilities',
)
_OPENING = re.compile(
    rf'<(?:!--|({"|".join((*READ, *PASSED_OVER))})(?=[\s/>]))'
)
_NEXT_READ = re.compile(rf'<(?:{"|".join(READ)})(?=[\s/>])')
#: By document name, what ends it: its end, or that the next one begins.
_END_OR_NEXT = {
    name: re.compile(rf'</{name}\s*>|<{name}(?=[\s/>])')
    for name in (*READ, *PASSED_OVER)
}


@dataclasses.dataclass(frozen=True)
class Part:
    """A part of a text: a document, or with ``name`` None what is between.

    ``start`` and ``end`` count characters. ``whole`` is false for a document
    that has no end; its ``end`` is then where the next one may begin.
    """

    name: str | None
    start: int
    end: int
    whole: bool = True


class NotXmlError(Error):
    """A document is no XML that is read here; ``line`` counts from 0."""

    def __init__(self, text: str, line: int = 0) -> None:
        super().__init__(text)
        self.line = line


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
    return Found((*records, *named_apart(hosts)), tuple(rest), understood)


def split(text: str) -> Iterator[Part]:
    """Yield the documents of a text and what is between, comments left out.

    It takes time in proportion to the text, whatever that is.
    """
    position = 0
    last_comment_end = text.rfind('-->')
    opening = _OPENING.search(text)
    while opening:
        start = opening.start()
        if start > position:
            yield Part(None, position, start)
        position = opening.end()
        if opening[1]:
            document = _document(text, opening)
            position = document.end
            yield document
        elif start < last_comment_end:
            position = text.index('-->', start) + len('-->')
        opening = _OPENING.search(text, position)
    if position < len(text):
        yield Part(None, position, len(text))


def parse(text: str) -> ElementTree.Element:
    """Return the root element of a document; raises NotXmlError.

    No document type is accepted, and with it no entity: nothing is expanded
    and nothing is loaded.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotXmlError(
            _('expected at most %(limit)d characters, found %(n)d')
            % {'limit': MAX_CHARACTERS, 'n': len(text)}
        )
    if '<!DOCTYPE' in text:
        raise NotXmlError(_('document types (<!DOCTYPE) are not allowed'))
    try:
        return ElementTree.fromstring(text)  # noqa: S314
    except ElementTree.ParseError as exc:
        line, _column = exc.position
        reason = str(exc).partition(':')[0]
        raise NotXmlError(_('not valid XML: %s') % reason, line - 1) from exc


def _record(text: str, part: Part, place: Place) -> Record | None:
    """Return what a document says; None for one that tells nothing here."""
    if not part.whole:
        return place.problem(_('%s: cut off, not read') % _label(text, part))
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


def _document(text: str, opening: re.Match[str]) -> Part:
    name, start = opening[1], opening.start()
    bracket = text.find('>', opening.end(), opening.end() + _LONGEST_TAG)
    if text[bracket - 1 : bracket] == '/':
        return Part(name, start, bracket + 1)
    found = _END_OR_NEXT[name].search(text, opening.end())
    if found and found[0].startswith('</'):
        return Part(name, start, found.end())
    following = _NEXT_READ if name in READ else _END_OR_NEXT[name]
    found = following.search(text, opening.end())
    return Part(name, start, found.start() if found else len(text), False)
