# SPDX-License-Identifier: Apache-2.0

"""What export says of undecided servers: what is known, and how to decide."""

from __future__ import annotations

import collections
import dataclasses
import textwrap
from collections.abc import Iterator, Sequence

from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.compatibility.nova_releases import LearnedRelease
from osc_hwmt.compatibility.releases import Knowledge
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.pasted import Command, Given, options
from osc_hwmt.tables.summary import of_entries

_WIDTH = 79
_INDENT = ' ' * 5
#: The release that most servers move to: what it gives is told as an example.
_EXAMPLE = 'rhoso18'
#: Up to so many servers are named in a command.
_NAMED = 3
_COLLECTING = (
    'openstack migrate machine-type collector > collect.sh',
    'umask 077; mkdir -p source',
    'for host in compute-0 compute-1; do ssh $host sudo sh -s domains \\',
    '  < collect.sh > source/$host.txt; done',
)


@dataclasses.dataclass(frozen=True)
class ExportCommand:
    """The export that was run, in words, without its manifests."""

    words: Sequence[str]
    manifests: Sequence[str]
    source_hosts: bool = False
    source_release: bool = False
    inspect: bool = False

    def lines(self, *more: str) -> Iterator[str]:
        """Yield its command line with more options, to be pasted.

        An option and its value stay on one line.
        """
        command = Command(*(*self.words, *more, *map(Given, self.manifests)))
        if not command.is_safe:
            yield from _wrapped(str(command), _INDENT)
            return
        line = _INDENT
        for words in _parts(command):
            if line.strip() and len(line) + len(words) > _WIDTH - 2:
                yield f'{line}\\'
                line = f'{_INDENT}  '
            line += f'{words} '
        yield line.rstrip()


def _parts(command: Command) -> Iterator[str]:
    """Yield the words as a shell takes them, options with their values."""
    option = ''
    for word, quoted in zip(command.words, command.quoted):
        if word.startswith('--'):
            if option:
                yield option
            option = quoted
        else:
            yield f'{option} {quoted}'.lstrip()
            option = ''
    if option:
        yield option


def block(
    entries: Sequence[Entry],
    release: LearnedRelease | None,
    knowledge: Knowledge,
    computes: Computes,
    command: ExportCommand,
) -> Iterator[str]:
    """Yield the lines about undecided servers, at least one.

    ``release`` is that of the source's Nova as far as it is known, and
    ``computes`` are the destination's.
    """
    yield _('%s undecided: no machine type is recorded') % of_entries(entries)
    yield from _wrapped(_source(release))
    yield from _destination(entries, knowledge, computes)
    yield from _not_checked(release, command)
    yield _('To decide, surest first:')
    ways = _ways(entries, release, knowledge, command)
    for number, (text, commands) in enumerate(ways, 1):
        yield from _wrapped(text, f'  {number}. ')
        yield from commands


def _destination(
    entries: Sequence[Entry], knowledge: Knowledge, computes: Computes
) -> Iterator[str]:
    """Yield what the servers presumably ran, and what they will be given."""
    example = knowledge.product(_EXAMPLE)
    known = collections.defaultdict(list)
    for entry in entries:
        recorded = entry.recorded
        if recorded:
            default = computes.default(recorded.architecture)
            known[recorded.presumed, default].append(entry)
    for (presumed, default), some in known.items():
        before = (
            _('presumably %s') % presumed.value
            if presumed
            else _('machine type at the source unknown')
        )
        after = (
            _('the destination will give %s') % default
            if default
            else _(
                'what the destination will give is unknown: use '
                '--destination-release (%(release)s gives %(default)s)'
            )
            % {'release': example.name, 'default': example.default(None)}
        )
        yield from _wrapped(f'{of_entries(some)}: {before}; {after}')


def _not_checked(
    release: LearnedRelease | None, command: ExportCommand
) -> Iterator[str]:
    """Yield which evidence was not asked for."""
    unasked = []
    if not command.source_hosts:
        unasked.append(_("the source's hosts (--source-hosts)"))
    if release and release.records_machine_type and not command.inspect:
        unasked.append(_("Nova's record (--inspect)"))
    if unasked:
        yield from _wrapped(_('Not checked: %s') % ', '.join(unasked))


def _source(release: LearnedRelease | None) -> str:
    if release is None:
        return _('Source: release unknown, Nova offers no microversion')
    if release.records_machine_type:
        return (
            _(
                'Source: %s, which records the machine type of each server. '
                'Members of a project can read it with --inspect'
            )
            % release.title
        )
    return (
        _(
            'Source: %s, which records no machine types. x86 servers ran on '
            'pc (i440fx) unless their hosts were configured otherwise'
        )
        % release.title
    )


_Way = tuple[str, Sequence[str]]


def _ways(
    entries: Sequence[Entry],
    release: LearnedRelease | None,
    knowledge: Knowledge,
    command: ExportCommand,
) -> Iterator[_Way]:
    """Yield ways to decide, the surest first, with commands to paste."""
    if command.source_hosts:
        text = _(
            'Collect data from the compute hosts that are missing from '
            '--source-hosts'
        )
        yield text, ()
    else:
        yield (
            _("Collect what runs on the source's compute hosts:"),
            (
                *(f'{_INDENT}{line}' for line in _COLLECTING),
                *command.lines('--source-hosts', 'source'),
            ),
        )
    if release and release.records_machine_type and not command.inspect:
        yield (
            _("Read Nova's record through temporary snapshots:"),
            tuple(command.lines('--inspect')),
        )
    products = [
        one.name
        for one in knowledge.products.values()
        if release
        and release.exact
        and one.nova in release.names
        and one.records_machine_type is False
    ]
    if products and not command.source_release:
        yield (
            _('Use the default of %s, if it was never changed:')
            % knowledge.products[products[-1]].title,
            tuple(command.lines('--source-release', Given(products[-1]))),
        )
    yield (
        _('Use the hw_machine_type from nova.conf of the hosts, such as pc:'),
        tuple(command.lines('--default-machine-type', 'pc')),
    )
    names = list(map(_pattern, entries))
    if len(names) > _NAMED:
        names = [_('<server-pattern>')]
    wishes = options('--set', (f'{name}=null' for name in names))
    yield (
        _("Leave them to the destination's default on purpose:"),
        tuple(command.lines(*wishes)),
    )


def _pattern(entry: Entry) -> str:
    """Return what means a server to --set: its name, or else its id."""
    plain = printable(entry.name) == entry.name
    return (
        entry.name
        if plain and not set(entry.name) & set('*?[') and entry.name[0] != '-'
        else (entry.server_id)
    )


def _wrapped(text: str, begin: str = '  ') -> Iterator[str]:
    yield from textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=begin,
        subsequent_indent=' ' * len(begin),
        break_on_hyphens=False,
        break_long_words=False,
    )
