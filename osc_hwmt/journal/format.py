# SPDX-License-Identifier: Apache-2.0

"""What a journal's lines say, both ways: to JSON and back.

A journal may be forged: what is in it decides what a rollback writes, and to
which volume. So nothing is read that no run of ours writes. Nothing here
opens a file. doc/source/reference/journal.rst describes the format.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from collections.abc import Mapping
from typing import Any

from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.i18n import _
from osc_hwmt.model import properties
from osc_hwmt.model.changes import SENT_RESULTS, Change, Write, WriteResult
from osc_hwmt.model.inventory import Project

#: Of the format, not of the tool: it changes when a reader has to.
VERSION = 1
#: How many characters a note may have.
MAX_NOTE = 500
#: What stands for a resource in the path of a request. Those of Cinder, Nova
#: and Keystone are UUIDs, with or without their hyphens, or a digest.
_ID = re.compile('[A-Za-z0-9][A-Za-z0-9_-]{0,254}')
#: A line that no run of ours writes; a header names all manifests.
_LINE = 1024 * 1024
#: In whole numbers; a journal's only ones are its version and a clock's.
_DIGITS = 20
#: How far a clock may be ahead, in seconds: ten years. Beyond that it says
#: nothing, and times that it is added to have to be times still.
_AHEAD = 10 * 366 * 86400.0
_YEARS = range(2000, 2201)
LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
_RESULTS = {result.value: result for result in SENT_RESULTS}


@dataclasses.dataclass(frozen=True)
class Input:
    """A file that a run was made from, with the digest of its content."""

    path: str
    sha256: str


@dataclasses.dataclass(frozen=True)
class Header:
    """What a journal begins with: the tool, the cloud, the run.

    ``clock_ahead`` is how many seconds the cloud's clock was ahead of the one
    that the journal's times are from, None where that is not known. ``plan``
    is the file that was approved, None where it was approved on the spot.
    ``note`` is the operator's, such as the number of a change.
    """

    tool: str
    command: str
    cloud: str
    auth_url: str | None
    region: str | None
    project_id: str
    inputs: tuple[Input, ...]
    options: Mapping[str, Any]
    clock_ahead: float | None = None
    plan: Input | None = None
    note: str | None = None

    def is_of(self, project: Project, region: str | None) -> bool:
        """Tell whether it is of this project of this cloud.

        Project ids are unique beyond one cloud; the regions of one cloud
        share them.
        """
        return (self.project_id, self.region) == (project.id, region)

    def refuse_stranger(
        self, what: str, cloud: str, project: Project, region: str | None
    ) -> None:
        """Raise Error where it is not of this cloud and project.

        ``what`` names what has this header.
        """
        if self.is_of(project, region):
            return
        raise Error(
            _(
                'cloud %(cloud)s is not the one that the %(what)s is for: '
                'that is %(name)s (%(url)s, region %(region)s, project '
                '%(project)s), this is region %(here_region)s, project '
                '%(here)s'
            )
            % {
                'cloud': cloud,
                'what': what,
                'name': printable(self.cloud),
                'url': printable(self.auth_url or '-'),
                'region': printable(self.region or '-'),
                'project': printable(self.project_id),
                'here_region': region or '-',
                'here': project.id,
            }
        )


@dataclasses.dataclass(frozen=True)
class Announced:
    """A write of a journal; ``result`` None means that it was under way.

    ``begun`` is just before the request and ``ended`` just after the answer,
    None where the journal does not say.
    """

    write: Write
    result: WriteResult | None
    begun: datetime.datetime | None = None
    ended: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class Record:
    """A whole journal.

    ``announced`` is in the order of the intents; the hook of a long import
    may announce a volume again. ``torn`` tells that the last line is
    incomplete and was left out, ``ended`` that the run came to its end,
    whatever became of its writes. ``begun`` is when the run began.
    """

    path: str
    header: Header
    announced: tuple[Announced, ...]
    torn: bool
    ended: bool
    begun: datetime.datetime = LONG_AGO


class _Refused(ValueError):
    """What is wrong with a value, in words."""


def clock(ahead: float | None) -> float | None:
    """Return how far a cloud's clock is ahead, None if that can't be."""
    if ahead is None or not abs(ahead) <= _AHEAD:
        return None
    return ahead


def header_line(header: Header) -> dict[str, Any]:
    """Return the first line of a journal."""
    return {'journal': VERSION, **dataclasses.asdict(header)}


def intent_line(write: Write) -> dict[str, Any]:
    """Return the line that announces a write.

    Raises ValueError for a write that could not be read again: of ids that
    are none, or of keys that are never written.
    """
    line = {
        'intent': write.volume_id,
        'project_id': write.project_id,
        'server_id': write.server_id,
        'server': write.server,
        'changes': {
            change.key: {'old': change.old, 'new': change.new}
            for change in write.changes
        },
    }
    _write(line)
    return line


def outcome_line(
    volume_id: str, result: WriteResult, error: str | None
) -> dict[str, Any]:
    """Return the line that says what became of an announced write."""
    line = {'outcome': volume_id, 'result': result.value}
    return line if error is None else {**line, 'error': error}


def end_line(reason: str) -> dict[str, Any]:
    """Return the last line of a run that was not killed."""
    return {'end': reason}


def read_journal(text: str, path: str) -> Record:
    """Return what a journal says; ``path`` is for messages.

    An incomplete last line is what a killed run or a power cut leaves: the
    write that it would have announced was not begun. Raises FileError for
    everything else that no run of ours writes.
    """
    lines = text.rstrip('\0').split('\n')
    last = lines.pop()
    if not lines and not last:
        raise _wrong(path, 1, _('the file is empty'))
    torn = last != '' and _decoded(last) is None
    if last and not torn:
        lines.append(last)
    if not lines:
        raise _wrong(path, 1, _('the first line is incomplete'))
    first = _document(lines[0], path, 1)
    header, begun = _header(first, path), _begun(first, path)
    announced: list[Announced] = []
    latest: dict[str, int] = {}
    ended = False
    for number, line in enumerate(lines[1:], 2):
        document = _document(line, path, number)
        try:
            ended = _note(document, announced, latest)
        except (AttributeError, KeyError, TypeError, ValueError) as exc:
            raise _wrong(
                path,
                number,
                _('%(why)s, found %(found)s')
                % {
                    'why': exc
                    if isinstance(exc, _Refused)
                    else _('expected an intent, its outcome or the end'),
                    'found': printable(line[:200]),
                },
            ) from exc
    return Record(path, header, tuple(announced), torn, ended, begun)


def _note(
    document: Mapping[str, Any],
    announced: list[Announced],
    latest: dict[str, int],
) -> bool:
    """Add what a line says; tell whether it is the end of a run.

    ``latest`` is where each volume was announced last.
    """
    time = _time(document.get('time'))
    if 'intent' in document:
        write = _write(document)
        latest[write.volume_id] = len(announced)
        announced.append(Announced(write, None, time))
    elif 'outcome' in document:
        place = latest[document['outcome']]
        if announced[place].result:
            raise _Refused(_('expected one outcome per write'))
        announced[place] = dataclasses.replace(
            announced[place],
            result=_RESULTS[document['result']],
            ended=time,
        )
    else:
        _text(document['end'])
        return True
    return False


def _write(document: Mapping[str, Any]) -> Write:
    changes = tuple(
        Change(_key(key), _optional(pair['old']), _optional(pair['new']))
        for key, pair in document['changes'].items()
    )
    if not changes:
        raise _Refused(_('expected a change'))
    project_id = document['project_id']
    return Write(
        volume_id=_id(document['intent']),
        project_id=None if project_id is None else _id(project_id),
        server_id=_text(document['server_id']),
        server=_text(document['server']),
        changes=changes,
    )


def _header(document: Mapping[str, Any], path: str) -> Header:
    version = document.get('journal')
    if type(version) is not int:
        raise _wrong(path, 1, _('not a journal'))
    if version != VERSION:
        raise _wrong(
            path,
            1,
            _('expected format version %(expected)d, found %(found)s')
            % {'expected': VERSION, 'found': version},
        )
    try:
        return Header(
            tool=_text(document['tool']),
            command=_text(document['command']),
            cloud=_text(document['cloud']),
            auth_url=_optional(document['auth_url']),
            region=_optional(document['region']),
            project_id=_id(document['project_id']),
            inputs=tuple(map(_input, document['inputs'])),
            options=_options(document['options']),
            clock_ahead=_seconds(document['clock_ahead']),
            plan=_input(document['plan']) if document['plan'] else None,
            note=_note_text(document['note']),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise _no_header(path, exc) from exc


def _begun(document: Mapping[str, Any], path: str) -> datetime.datetime:
    try:
        return _time(document.get('time')) or LONG_AGO
    except (TypeError, ValueError) as exc:
        raise _no_header(path, exc) from exc


def _input(document: Mapping[str, Any]) -> Input:
    return Input(_text(document['path']), _text(document['sha256']))


def _document(line: str, path: str, number: int) -> Mapping[str, Any]:
    document = _decoded(line)
    if document is None:
        raise _wrong(
            path,
            number,
            _('expected a JSON document, found %s') % printable(line[:200]),
        )
    return document


def _decoded(line: str) -> Mapping[str, Any] | None:
    """Return a line's JSON mapping, None if it is none."""
    try:
        document = _DECODER.decode(line) if len(line) <= _LINE else None
    except (RecursionError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _whole(text: str) -> int:
    # More digits take Python more than their number of steps.
    if len(text) > _DIGITS:
        raise ValueError
    return int(text)


def _no_number(text: str) -> float:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_int=_whole, parse_constant=_no_number)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    # JSON may have half a character, which can be neither sent nor printed.
    value.encode()
    return value


def _id(value: Any) -> str:
    text = _text(value)
    if not _ID.fullmatch(text):
        raise _Refused(
            _('expected the ID of a volume or project, such as a UUID')
        )
    return text


def _key(value: Any) -> str:
    text = _text(value)
    if not properties.is_property(text):
        raise _Refused(_('expected only hardware properties'))
    return text


def _note_text(value: Any) -> str | None:
    text = _optional(value)
    if text is not None and not is_note(text):
        raise _Refused(_('expected a note of printable characters'))
    return text


def is_note(text: str) -> bool:
    """Tell whether a text may be the note of a run."""
    return 1 <= len(text) <= MAX_NOTE and text.isprintable()


def expected_note(found: str) -> str:
    """Return what is said of a text that may not."""
    return _('expected 1 to %(n)d printable characters, found %(found)s') % {
        'n': MAX_NOTE,
        'found': ascii(found[:MAX_NOTE]),
    }


def _options(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _time(value: Any) -> datetime.datetime | None:
    if value is None:
        return None
    found = datetime.datetime.fromisoformat(_text(value))
    if found.tzinfo is None or found.year not in _YEARS:
        raise _Refused(_('expected a time in this century, with a time zone'))
    return found


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if type(value) not in (float, int) or clock(value) is None:
        raise _Refused(
            _('expected at most ten years between two clocks, in seconds')
        )
    return float(value)


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)


def _no_header(path: str, exc: Exception) -> FileError:
    why = exc if isinstance(exc, (_Refused, KeyError)) else _('wrong type')
    return _wrong(path, 1, _('the header is not as expected: %s') % why)


def _wrong(path: str, number: int, text: str) -> FileError:
    return FileError(
        _('journal %(path)s:%(line)d: %(text)s')
        % {'path': printable(path), 'line': number, 'text': text}
    )
