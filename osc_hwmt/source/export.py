# SPDX-License-Identifier: Apache-2.0

"""From a source cloud to a manifest."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from osc_hwmt.cloud import contents
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.compatibility.concerns import concerns
from osc_hwmt.compatibility.nova_releases import (
    LearnedRelease,
    NovaRelease,
    learned,
)
from osc_hwmt.compatibility.rules.definition import Concern
from osc_hwmt.compatibility.translation import KEEP, Proposer
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.i18n import _
from osc_hwmt.local import files, time_limit
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.evidence import Guest
from osc_hwmt.model.inventory import (
    Inventory,
    Project,
    Server,
    Volume,
    by_name,
)
from osc_hwmt.model.memory import consume
from osc_hwmt.source import overrides
from osc_hwmt.source.effect import Line
from osc_hwmt.source.facts import (
    Defaults,
    ExportedServer,
    Fact,
    ServerFacts,
    establish,
    establish_volume,
)
from osc_hwmt.source.parking import parked
from osc_hwmt.source.selection import Selection, chosen, looked_at
from osc_hwmt.source.update import Update, create, update

#: How long the rules may take, which regular expressions can draw out
#: without end: seconds, and comparisons that each get no more time together.
_SECONDS = 3.0
_FITS_PER_SECOND = 100_000


@dataclasses.dataclass(frozen=True)
class Target:
    """A manifest to write, as it was: ``known`` is None if it is new."""

    before: files.TextFile
    known: reading.Manifest | None

    @property
    def extend(self) -> bool:
        """Tell whether servers are added: not to os-migrate's own file."""
        return self.known is None or not self.known.by_os_migrate


@dataclasses.dataclass(frozen=True)
class Writing:
    """How manifests are written.

    With ``dry_run`` they are not. With ``backup`` what they were is kept
    beside them. With ``park``, metadata that os-migrate's import trips over
    is parked in os-migrate's own files.
    """

    dry_run: bool = False
    backup: bool = False
    park: bool = False


#: Each of them is written, and nothing else.
WRITTEN = Writing()

#: Learns of servers what no listing tells, given them and all volumes by id.
Inspect = Callable[[Sequence[Server], Mapping[str, Volume]], Sequence[Guest]]


@dataclasses.dataclass(frozen=True)
class SourceHints:
    """What is known beside the APIs of the source.

    ``guests`` were collected from its computes or from Nova's database;
    ``inspect`` is asked about servers that nothing else tells of, and only
    after it the first of the ``defaults`` that says anything. ``nova`` are
    the releases of Nova that are known, the oldest first.
    """

    guests: Sequence[Guest] = ()
    inspect: Inspect | None = None
    defaults: Sequence[Defaults] = ()
    proposer: Proposer = KEEP
    computes: Computes = NOTHING_KNOWN
    nova: Sequence[NovaRelease] = ()


@dataclasses.dataclass(frozen=True)
class Written:
    """What became of one manifest; ``target`` is None if none was named.

    ``moved`` counts the servers whose volume metadata was parked. ``backup``
    is the path of what the manifest was before, None where that was not kept.
    """

    target: Target | None
    update: Update
    moved: int = 0
    backup: str | None = None


@dataclasses.dataclass(frozen=True)
class Exported:
    """What became of the manifests, and what an operator has to know of it.

    ``concerns`` go by server id, for those that have any. ``unreadable`` are
    the ids of servers whose cell is down. ``not_listed`` counts servers that
    were collected and that the source did not show, ``not_chosen`` entries
    that were not asked for. ``release`` is what is known of the source's
    Nova, None for nothing; ``own_project`` is the session's.
    """

    manifests: tuple[Written, ...]
    concerns: Mapping[str, tuple[Concern, ...]]
    unreadable: tuple[str, ...]
    not_listed: int
    not_chosen: int
    own_project: Project
    release: LearnedRelease | None = None

    @property
    def lines(self) -> list[Line]:
        """Return the lines of all manifests."""
        return [line for one in self.manifests for line in one.update.lines]

    @property
    def elsewhere(self) -> int:
        """Return how many entries are of projects that were not looked at."""
        not_looked_at = sum(one.update.not_looked_at for one in self.manifests)
        return not_looked_at - self.not_chosen

    @property
    def undecided(self) -> list[Entry]:
        """Return the servers of which nobody knows nor chose anything."""
        return [one.entry for one in self.lines if one.entry.is_undecided]


def export(
    cloud: Cloud,
    selection: Selection,
    hints: SourceHints,
    targets: Sequence[Target],
    concurrency: int,
    writing: Writing = WRITTEN,
) -> Exported:
    """Find the servers' hardware and write them into the targets.

    At most one of those may be extended: it gets the servers that are in no
    other. All contents are made before the first is written. Raises
    CloudError, FileError, and Error for a server that was asked for and does
    not exist, and for a cloud that is not a manifest's source.
    """
    manifests = [target.known for target in targets if target.known]
    known = [entry for one in manifests for entry in one.entries]
    detached = {entry.server_id for entry in known if entry.detached}
    inventory = contents.source(
        cloud, [selection.scope], concurrency, detached
    )
    for one in manifests:
        _refuse_another_cloud(cloud, one, inventory)
    keys = selection.requested.keys(known).union(
        *(override.wanted for override in selection.overrides)
    )
    not_listed = len(
        {guest.server_id for guest in hints.guests}.difference(
            server.id for server in inventory.servers
        )
    )
    servers = chosen(inventory, selection)
    release = learned(hints.nova, cloud.compute.newest_microversion())
    # What is found of them replaces them one by one.
    inventory = dataclasses.replace(inventory, servers=())
    found = _found(servers, inventory, selection, hints, keys, release)
    found.update(_found_volumes(inventory, detached, keys))
    not_chosen = sum(
        entry.server_id not in found
        and not selection.chooses(entry.name, entry.server_id)
        for entry in known
    )
    own, unreadable = inventory.own_project, inventory.unreadable_servers
    # Of many servers it takes as much as all that follows.
    del inventory
    updated = [
        _updated(target, targets, found, selection, own, writing)
        for target in targets
    ] or [Written(None, create(found, '', selection.requested))]
    written = tuple(updated if writing.dry_run else _write(updated, writing))
    by_server = (
        (line.entry.server_id, concerns(line.entry, {}, hints.computes))
        for one in written
        for line in one.update.lines
    )
    return Exported(
        written,
        {server_id: found for server_id, found in by_server if found},
        unreadable,
        not_listed,
        not_chosen,
        own,
        release,
    )


def _updated(
    target: Target,
    targets: Sequence[Target],
    found: Mapping[str, ServerFacts],
    selection: Selection,
    own: Project,
    writing: Writing,
) -> Written:
    """Return what shall become of a manifest."""
    if target.extend:
        elsewhere = {
            entry.server_id
            for other in targets
            if other is not target and other.known
            for entry in other.known.entries
        }
        found = {id: one for id, one in found.items() if id not in elsewhere}
    if target.known is None:
        return Written(
            target, create(found, target.before.path, selection.requested)
        )
    after = update(
        target.known,
        found,
        extend=target.extend,
        requested=selection.requested,
        looked_at=lambda entry: looked_at(entry, own, selection),
    )
    if not writing.park or target.extend:
        return Written(target, after)
    return Written(target, *_parked(after, target.before.path))


def _write(updated: Iterable[Written], writing: Writing) -> Iterator[Written]:
    """Yield the manifests, those that differ written; raises FileError."""
    paths: list[str] = []
    for one in updated:
        target = one.target
        if target is None or one.update.text == target.before.text:
            yield one
            continue
        try:
            kept = files.write(
                target.before, one.update.text, backup=writing.backup
            )
        except FileError as exc:
            if not paths:
                raise
            raise FileError(
                _('%(why)s. Written before that: %(paths)s')
                % {'why': exc, 'paths': ', '.join(paths)}
            ) from exc
        paths.append(target.before.path)
        yield dataclasses.replace(one, backup=kept)


def _parked(update: Update, path: str) -> tuple[Update, int]:
    """Return the update with metadata parked, and of how many servers.

    They count whether or not the source has them.
    """
    edited = parked(update.text, path)
    entries = {entry.server_id: entry for entry in edited.entries}
    lines = tuple(
        dataclasses.replace(line, entry=entries[line.entry.server_id])
        for line in update.lines
    )
    return (
        dataclasses.replace(update, text=edited.text, lines=lines),
        len(edited.touched),
    )


def _found(
    servers: list[Server],
    inventory: Inventory,
    selection: Selection,
    hints: SourceHints,
    keys: frozenset[str],
    release: LearnedRelease | None,
) -> dict[str, ServerFacts]:
    """Return what is known of the servers, by id, and what to want.

    The list of servers is empty then: a hundred thousand take too much.
    """
    collected: dict[str, list[Guest]] = collections.defaultdict(list)
    for guest in hints.guests:
        collected[guest.server_id].append(guest)

    def guests(server: Server) -> Sequence[Guest]:
        return collected.get(server.id, ())

    def place(server: Server) -> tuple[str, str, Project | None]:
        project = inventory.projects.get(server.project_id)
        return server.name, server.id, project

    if hints.inspect:
        doubtful = [
            server
            for server in servers
            if not server.image_id
            and establish(server, inventory, guests=guests(server)).value
            is None
        ]
        for guest in hints.inspect(doubtful, inventory.volumes):
            collected[guest.server_id].append(guest)
    wishes = _wishes(
        selection.overrides, {server.id: place(server) for server in servers}
    )
    return {
        server.id: ServerFacts(
            ExportedServer.of(server),
            _with_proposal(
                establish(
                    server,
                    inventory,
                    hints.defaults,
                    keys,
                    guests(server),
                    release,
                ),
                hints.proposer,
            ),
            wishes[server.id],
        )
        for server in consume(servers)
    }


def _wishes(
    rules: Sequence[overrides.Override],
    places: Mapping[str, tuple[str, str, Project | None]],
) -> dict[str, Mapping[str, str | None]]:
    """Return by id what the rules want of each server; raises Error."""
    seconds = _SECONDS + len(rules) * len(places) / _FITS_PER_SECOND
    try:
        with time_limit.within(seconds):
            overrides.refuse_idle(rules, places.values())
            return {
                id: overrides.wanted(rules, *place)
                for id, place in places.items()
            }
    except TimeoutError as exc:
        raise Error(
            _('matching the rules against all servers takes more than %d s')
            % seconds
        ) from exc


def _found_volumes(
    inventory: Inventory, ids: Iterable[str], keys: frozenset[str]
) -> dict[str, ServerFacts]:
    """Return what volumes say that the manifest has by themselves."""
    return {
        id: ServerFacts(
            None, establish_volume(inventory.volumes[id], inventory, keys)
        )
        for id in ids
        if id in inventory.volumes
    }


def _with_proposal(fact: Fact, proposer: Proposer) -> Fact:
    if fact.value is None:
        return fact
    proposal = proposer.propose(fact.value, fact.architecture)
    return dataclasses.replace(fact, proposal=proposal) if proposal else fact


def _refuse_another_cloud(
    cloud: Cloud, known: reading.Manifest, inventory: Inventory
) -> None:
    """Raise Error where a cloud's projects are not those of a manifest.

    The destination has projects of the same names, and other ids: its servers
    have no place in the manifest.
    """
    projects = by_name(inventory.projects.values())
    for entry in known.entries:
        recorded = entry.recorded
        if recorded is None or entry.project_id is None:
            continue
        here = projects.get(
            (recorded.project_name, recorded.project_domain_name)
        )
        if here and here.name and here.id != entry.project_id:
            raise Error(
                _(
                    'cloud %(cloud)s is not the source of %(path)s: there '
                    'project %(name)s is %(there)s, here it is %(here)s. '
                    'Nothing was written'
                )
                % {
                    'cloud': cloud.name,
                    'path': known.path,
                    'name': printable(str(recorded.project_name)),
                    'there': printable(entry.project_id),
                    'here': here.id,
                }
            )
