# SPDX-License-Identifier: Apache-2.0

"""The files and names that a command line names, read and checked."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from osc_hwmt.collected import load
from osc_hwmt.collected.reading import Collected
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.destination import volume_map
from osc_hwmt.display import few
from osc_hwmt.exceptions import (
    FileError,
    ManifestError,
    Problem,
    UsageError,
)
from osc_hwmt.i18n import _
from osc_hwmt.journal.format import Input
from osc_hwmt.journal.reading import digest
from osc_hwmt.local import files
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.server_patterns import (
    Pattern,
    ServerPatterns,
    read_patterns,
)

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Inputs:
    """What the files of a command line say.

    ``manifests`` has their digests: of many servers, the texts take as much
    memory as the entries. ``described`` counts the entries of all of them,
    and ``entries`` are the chosen ones.
    """

    manifests: Sequence[Input]
    described: int
    entries: Sequence[Entry]
    volume_map: Mapping[str, str]

    @property
    def left_out(self) -> int:
        """Return how many entries were not chosen."""
        return self.described - len(self.entries)


def destination(parsed_args: argparse.Namespace) -> Inputs:
    """Return what the manifests and the volume map say.

    Raises Error for whatever is wrong with the files, before any cloud is
    asked.
    """
    chosen = servers(parsed_args)
    manifests = read_manifests(parsed_args.manifests)
    return Inputs(
        [digest(one.path, one.text) for one in manifests],
        sum(len(one.entries) for one in manifests),
        select(
            (entry for one in manifests for entry in one.entries),
            chosen,
        ),
        read_volume_map(parsed_args.volume_map),
    )


def read_manifests(paths: Sequence[str]) -> list[reading.Manifest]:
    """Return the manifests; raises with the problems of all files at once."""
    read = read_files(paths, files.read)
    return [manifest for _file, manifest in read if manifest]


def read_files(
    paths: Sequence[str], read: Callable[[str], files.TextFile]
) -> list[tuple[files.TextFile, reading.Manifest | None]]:
    """Return each file and the manifest in it, None if it does not exist.

    Raises FileError and ManifestError with the problems of all files at once.
    """
    found: list[tuple[files.TextFile, reading.Manifest | None]] = []
    problems: list[Problem] = []
    unreadable: list[str] = []
    for path in dict.fromkeys(paths):
        try:
            file = read(path)
            found.append(
                (
                    file,
                    reading.read_manifest(file.text, path)
                    if file.exists
                    else None,
                )
            )
        except ManifestError as exc:
            problems += exc.problems
        except FileError as exc:
            unreadable.append(str(exc))
    if unreadable:
        raise FileError('\n'.join(few([*unreadable, *problems])))
    if problems:
        raise ManifestError(problems)
    manifests = [manifest for _file, manifest in found if manifest]
    reading.repeated_across(manifests)
    for one in manifests:
        if one.other_resources:
            LOG.warning(
                _('%(path)s: %(n)d other resources ignored'),
                {'path': one.path, 'n': one.other_resources},
            )
    return found


def computes(
    parsed_args: argparse.Namespace, source_hosts: Sequence[str] = ()
) -> Computes:
    """Return what the options tell of the destination's computes.

    ``source_hosts`` are the files of another option, of which one only may be
    standard input. Raises Error.
    """
    paths = parsed_args.destination_hosts or ()
    _refuse_second_standard_input(*source_hosts, *paths)
    return load.computes(parsed_args.destination_release, paths)


def destination_hosts(parsed_args: argparse.Namespace) -> Collected:
    """Return what was collected of the destination's hosts and servers.

    Raises Error.
    """
    paths = parsed_args.destination_hosts or ()
    _refuse_second_standard_input(*paths)
    return load.anything(paths)


def _refuse_second_standard_input(*paths: str) -> None:
    if paths.count('-') > 1:
        raise UsageError(_('- (standard input) is only allowed once'))


def servers(parsed_args: argparse.Namespace) -> ServerPatterns:
    """Return which servers the options choose; raises Error."""
    patterns = [Pattern(text) for text in parsed_args.servers or ()]
    path = parsed_args.servers_from
    if path is not None:
        patterns += read_patterns(files.read(path, piped=True).text, path)
    return ServerPatterns(tuple(patterns))


def select(entries: Iterable[Entry], chosen: ServerPatterns) -> list[Entry]:
    """Return the entries of the chosen servers.

    Raises Error with every pattern that no entry fits.
    """
    entries = list(entries)
    chosen.refuse_idle(
        ((one.name, one.server_id) for one in entries), _('in the manifest')
    )
    return [one for one in entries if chosen.fit(one.name, one.server_id)]


def read_volume_map(path: str | None) -> dict[str, str]:
    """Return what --volume-map says, nothing where it is not given."""
    if path is None:
        return {}
    text = files.read(path, piped=True).text
    return volume_map.read_volume_map(text, path)
