# SPDX-License-Identifier: Apache-2.0

"""Cells that read differently for people and for programs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from cliff import columns

from osc_hwmt.compatibility.rules.definition import Concern
from osc_hwmt.display import exact, printable
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent, Wanted
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import MACHINE_TYPE, Image, Volume

Row = tuple[object, ...]
#: How many names a cell has room for.
_NAMED = 4
#: In a column that is 30 characters wide, more than five lines.
_LONG_REMEDY = 160


class OptionalColumn(columns.FormattableColumn):  # type: ignore[misc,type-arg,unused-ignore]
    """A text of a cloud's, where absent and empty are two different things."""

    def human_readable(self) -> str:
        """Return a dash for none, and quotes for the empty one."""
        if self._value is None:
            return '-'
        return self._value or "''"

    def machine_readable(self) -> str | None:
        """Return the value, None where there is none."""
        value: str | None = self._value
        return value


class PropertiesColumn(columns.FormattableColumn):  # type: ignore[misc,type-arg,unused-ignore]
    """Some image properties, None for one that is not there."""

    def human_readable(self) -> str:
        """Return them as key=value, with a dash for none.

        The machine type comes without its key, which every row would have.
        """
        pairs = (
            text if key == MACHINE_TYPE else f'{key}={text}'
            for key, value in self.machine_readable().items()
            for text in ('-' if value is None else value,)
        )
        return ', '.join(pairs) or '-'

    def machine_readable(self) -> dict[str, str | None]:
        """Return them as a mapping."""
        return dict(self._value)


class ListColumn(columns.FormattableColumn):  # type: ignore[misc,type-arg,unused-ignore]
    """Some texts, in their order."""

    def human_readable(self) -> str:
        """Return them with commas, a dash for none."""
        return ', '.join(self.machine_readable()) or '-'

    def machine_readable(self) -> list[str]:
        """Return them as a list."""
        return list(self._value)


class HostsColumn(ListColumn):
    """The names of hosts, of which there may be hundreds."""

    def human_readable(self) -> str:
        """Return some of them, and how many more there are."""
        names = self.machine_readable()
        if len(names) <= _NAMED:
            return ', '.join(names) or '-'
        return _('%(some)s and %(n)d more') % {
            'some': ', '.join(names[: _NAMED - 1]),
            'n': len(names) - _NAMED + 1,
        }


class YesNoColumn(columns.FormattableColumn):  # type: ignore[misc,type-arg,unused-ignore]
    """True, false, or None for not known; and where, if not everywhere."""

    def __init__(self, value: bool | None, where: str = '') -> None:
        super().__init__(value)
        self._where = where

    def human_readable(self) -> str:
        """Return yes, no, or a dash."""
        word = {True: 'yes', False: 'no', None: '-'}[self._value]
        return f'{word} ({self._where})' if self._where else word

    def machine_readable(self) -> bool | None:
        """Return the value."""
        value: bool | None = self._value
        return value


def wanted_cell(value: Wanted) -> OptionalColumn:
    """Return a wanted value as it stands in the manifest."""
    if value.intent is Intent.MISSING:
        return OptionalColumn(_('(missing)'))
    removed = value.intent is Intent.REMOVE
    return OptionalColumn('' if removed else value.value)


def with_remedy(reason: str, remedy: str, *, brief: bool) -> str:
    """Return what is wrong and what helps, if that is short or asked for."""
    if brief and len(remedy) > _LONG_REMEDY:
        remedy = _('add --long for the remedy')
    return '; '.join(filter(None, (reason, remedy)))


def concern_text(concern: Concern) -> str:
    return printable(f'{concern.rule.code}: {concern.text}')


def project_cell(entry: Entry) -> OptionalColumn:
    recorded = entry.recorded
    return OptionalColumn(recorded.project_name if recorded else None)


def volume_cell(holder: Volume | Image | None) -> OptionalColumn:
    return OptionalColumn(holder.id if isinstance(holder, Volume) else None)


def spelled(change: Change) -> str:
    """Return a change in one line, as a cloud and a file spell its values."""
    old, new = exact(change.old or '-'), exact(change.new or '-')
    return f'{change.key} {old} -> {new}'


def candidates(volumes: Sequence[Volume], text: str) -> str:
    """Return a text with the volumes behind it that it leaves open."""
    if not volumes:
        return text
    now = datetime.datetime.now(datetime.timezone.utc)
    return _('%(text)s (candidates: %(volumes)s)') % {
        'text': text,
        'volumes': ', '.join(_candidate(one, now) for one in volumes),
    }


def _candidate(volume: Volume, now: datetime.datetime) -> str:
    """Return what tells a volume from its namesakes."""
    if volume.created is None:
        return f'{volume.id} ({volume.status})'
    return _('%(id)s (%(status)s, %(age)s old)') % {
        'id': volume.id,
        'status': volume.status,
        'age': _age((now - volume.created).total_seconds()),
    }


def _age(seconds: float) -> str:
    """Return a time in its largest whole unit; clocks may be apart."""
    for unit, length in (('d', 86400), ('h', 3600), ('min', 60)):
        if seconds >= length:
            return f'{seconds // length:.0f} {unit}'
    return f'{max(0.0, seconds):.0f} s'
