# SPDX-License-Identifier: Apache-2.0

"""A plan that somebody else approves: its file, to JSON and back.

Nothing here opens a file. doc/source/reference/plan-file.rst describes the
format.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar, Union

from osc_hwmt.destination.approved import Approved
from osc_hwmt.destination.match import Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal.format import Header, Input
from osc_hwmt.model.changes import Change, Write

_Kind = TypeVar('_Kind')
Option = Union[None, bool, str, Sequence[str]]

#: Of the format, not of the tool: it changes when a reader has to.
VERSION = 1
_KEY = 'osc_hwmt_plan'
#: What every plan begins with, and no other file.
MARK = f'{{\n "{_KEY}": '
#: More than 100,000 servers take.
MAX_BYTES = 256 * 1024 * 1024
SET = 'set'
_RULES = {rule.name.lower(): rule for rule in Rule}
#: What a message quotes at most.
_QUOTED = 80


@dataclasses.dataclass(frozen=True)
class Planned:
    """What was planned for one server of a manifest, in one word.

    ``approved`` is its write, where ``word`` says that there is one.
    """

    server_id: str
    server: str
    word: str
    approved: Approved | None = None

    @classmethod
    def of(cls, step: Step) -> Planned:
        """Return a step of a plan as its file has it."""
        return cls(
            step.entry.server_id,
            step.entry.name,
            _word(step),
            Approved.of(step) if isinstance(step, Set) else None,
        )


@dataclasses.dataclass(frozen=True)
class Plan:
    """A whole plan; ``header`` is that of a journal of the same run.

    ``project`` is the name of the session's, None where it may not be read.
    """

    header: Header
    project: str | None
    created: datetime.datetime
    steps: tuple[Planned, ...]


def text(plan: Plan) -> str:
    """Return a plan's file."""
    header = plan.header
    data = {
        _KEY: VERSION,
        'tool': header.tool,
        'created': plan.created.isoformat(),
        'cloud': header.cloud,
        'auth_url': header.auth_url,
        'region': header.region,
        'project_id': header.project_id,
        'project': plan.project,
        'manifests': [dataclasses.asdict(one) for one in header.inputs],
        'options': dict(header.options),
        'steps': [_to_json(one) for one in plan.steps],
    }
    return json.dumps(data, indent=1) + '\n'


def read(content: str, path: str) -> Plan:
    """Return what a plan's file says; ``path`` is for messages.

    Raises FileError, which names the place, for everything that text() does
    not write.
    """
    place = _Place(path)
    try:
        data = json.loads(
            content, object_pairs_hook=_without_twins, parse_int=_integer
        )
    except (RecursionError, ValueError) as exc:
        place.refuse(_('not a plan: %s') % printable(str(exc)[:_QUOTED]))
    if not isinstance(data, dict) or _KEY not in data:
        place.refuse(_('not a plan of apply --save-plan'))
    if data[_KEY] != VERSION or data[_KEY] is True:
        place.below(_KEY).expected(_('version %d') % VERSION, data[_KEY])
    top = _Members(data, place)
    steps = tuple(_step(one) for one in top.members('steps'))
    seen: set[str] = set()
    for number, one in enumerate(steps):
        if one.server_id in seen:
            place.below(f'steps[{number}].server_id').expected(
                _('each server once'), one.server_id
            )
        seen.add(one.server_id)
    return Plan(
        Header(
            tool=top.text('tool'),
            command='apply',
            cloud=top.text('cloud'),
            auth_url=top.optional_text('auth_url'),
            region=top.optional_text('region'),
            project_id=top.text('project_id'),
            inputs=tuple(
                Input(one.word('path'), one.text('sha256'))
                for one in top.members('manifests')
            ),
            options=_options(top.mapping('options')),
        ),
        top.optional_text('project'),
        top.time('created'),
        steps,
    )


def _word(step: Step) -> str:
    if isinstance(step, Set):
        return SET
    if isinstance(step, Unchanged):
        return 'unchanged'
    if isinstance(step, LeftToDestination):
        return 'left-to-destination'
    if isinstance(step, Undecided):
        return 'undecided'
    return step.refusal.value


def _to_json(planned: Planned) -> dict[str, Any]:
    data: dict[str, Any] = {
        'server_id': planned.server_id,
        'server': planned.server,
        'step': planned.word,
    }
    one = planned.approved
    if one is None:
        return data
    return {
        **data,
        'volume': {
            'id': one.write.volume_id,
            'name': one.name,
            'size': one.size,
            'bootable': one.bootable,
            'project_id': one.write.project_id,
            'attached_to': list(one.servers),
        },
        'found_by': one.rule.name.lower(),
        'existing_server': one.server,
        'changes': {
            change.key: {'old': change.old, 'new': change.new}
            for change in one.write.changes
        },
    }


def _step(members: _Members) -> Planned:
    server_id, server = members.text('server_id'), members.text('server')
    word = members.text('step')
    if word != SET:
        return Planned(server_id, server, word)
    volume = members.mapping('volume')
    found_by = members.text('found_by')
    if found_by not in _RULES:
        members.place.below('found_by').expected(', '.join(_RULES), found_by)
    changes = members.mapping('changes')
    if not changes.data:
        members.place.below('changes').expected(_('a change'), {})
    return Planned(
        server_id,
        server,
        word,
        Approved(
            Write(
                volume_id=volume.text('id'),
                project_id=volume.optional_text('project_id'),
                server_id=server_id,
                server=server,
                changes=tuple(
                    Change(
                        key,
                        changes.mapping(key).optional_text('old'),
                        changes.mapping(key).optional_text('new'),
                    )
                    for key in changes.data
                ),
            ),
            name=volume.text('name'),
            size=volume.number('size'),
            bootable=volume.truth('bootable'),
            servers=volume.texts('attached_to'),
            rule=_RULES[found_by],
            server=members.optional_text('existing_server'),
        ),
    )


def _options(members: _Members) -> dict[str, Option]:
    """Return options of a command line, of which none is anything else."""
    found: dict[str, Option] = {}
    for key, value in members.data.items():
        if isinstance(value, list):
            found[key] = members.words(key)
        elif isinstance(value, str):
            found[key] = members.word(key)
        elif value is None or isinstance(value, bool):
            found[key] = value
        else:
            members.place.below(key).expected(
                _('true, false, null, a string or a list of strings'), value
            )
    return found


@dataclasses.dataclass(frozen=True)
class _Place:
    """A place in a plan's file, for messages."""

    path: str
    within: str = ''

    def below(self, name: str) -> _Place:
        dot = '.' if self.within else ''
        return _Place(self.path, f'{self.within}{dot}{name}')

    def expected(self, what: str, found: object) -> NoReturn:
        self.refuse(
            _('expected %(what)s, found %(found)s')
            % {
                'what': what,
                'found': printable(json.dumps(found)[:_QUOTED]),
            }
        )

    def refuse(self, why: str) -> NoReturn:
        parts = (self.path, printable(self.within[:_QUOTED]), why)
        raise FileError(': '.join(filter(None, parts)))


@dataclasses.dataclass(frozen=True)
class _Members:
    """The members of a JSON object, each of the kind that is asked for."""

    data: Mapping[str, Any]
    place: _Place

    def text(self, name: str) -> str:
        return self._of(name, str, _('a string'))

    def optional_text(self, name: str) -> str | None:
        if name in self.data and self.data[name] is None:
            return None
        return self._of(name, str, _('a string or null'))

    def truth(self, name: str) -> bool:
        return self._of(name, bool, _('true or false'))

    def number(self, name: str) -> int:
        if isinstance(self.data.get(name), bool):
            self.place.below(name).expected(_('a number'), self.data[name])
        return self._of(name, int, _('a number'))

    def time(self, name: str) -> datetime.datetime:
        given = self.text(name)
        try:
            found = datetime.datetime.fromisoformat(given)
        except ValueError:
            found = datetime.datetime.min
        if found.tzinfo is None:
            self.place.below(name).expected(
                _('a time with a time zone'), given
            )
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        given = self._of(name, list, _('a list of strings'))
        for one in given:
            if not isinstance(one, str):
                self.place.below(name).expected(_('a list of strings'), given)
        return tuple(given)

    def word(self, name: str) -> str:
        """Return a text that a command line can have."""
        return self._word(name, self.text(name))

    def words(self, name: str) -> list[str]:
        return [self._word(name, one) for one in self.texts(name)]

    def mapping(self, name: str) -> _Members:
        given = self._of(name, dict, _('an object'))
        return _Members(given, self.place.below(name))

    def members(self, name: str) -> Iterable[_Members]:
        for number, one in enumerate(self._of(name, list, _('a list'))):
            place = self.place.below(f'{name}[{number}]')
            if not isinstance(one, dict):
                place.expected(_('an object'), one)
            yield _Members(one, place)

    def _word(self, name: str, given: str) -> str:
        try:
            if b'\0' not in given.encode('utf-8', 'surrogateescape'):
                return given
        except UnicodeEncodeError:
            pass
        self.place.below(name).expected(_('a command line argument'), given)

    def _of(self, name: str, kind: type[_Kind], what: str) -> _Kind:
        place = self.place.below(name)
        if name not in self.data:
            place.refuse(_('expected %s, found nothing') % what)
        value = self.data[name]
        if not isinstance(value, kind):
            place.expected(what, value)
        return value


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises ValueError where a member is there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_('a member appears twice'))
    return found


def _integer(digits: str) -> int:
    """Return an integer; raises ValueError where it takes long to read."""
    if len(digits) > 20:
        raise ValueError(_('a number of %d digits') % len(digits))
    return int(digits)
