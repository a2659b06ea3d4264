# SPDX-License-Identifier: Apache-2.0

"""What the options of export say of servers, beside the clouds."""

from __future__ import annotations

import argparse
import difflib
import logging
import os
from collections.abc import Sequence

from osc_hwmt.collected import load
from osc_hwmt.commands import inputs
from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.releases import Product
from osc_hwmt.compatibility.support import NO_HOSTS, Abilities
from osc_hwmt.compatibility.translation import Proposer
from osc_hwmt.exceptions import Error, UsageError
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.source.export import SourceHints, Target, Writing
from osc_hwmt.source.facts import Defaults
from osc_hwmt.source.overrides import Override, of_option, read_rules

LOG = logging.getLogger(__name__)

#: What the names of manifests end with, as os-migrate writes them, and how
#: much of a name has to be the same in one that is mistyped.
_MANIFESTS = ('.yml', '.yaml')
_ALIKE = 0.91


def overrides(parsed_args: argparse.Namespace) -> tuple[Override, ...]:
    """Return what --rules and --set say, the stronger last; raises Error."""
    found: list[Override] = []
    if parsed_args.rules:
        text = files.read(parsed_args.rules, piped=True).text
        found += read_rules(text, parsed_args.rules)
    found += map(of_option, parsed_args.overrides or ())
    return tuple(found)


def targets(paths: Sequence[str]) -> tuple[Target, ...]:
    """Return the manifests to write, of which one at most is extended.

    Raises FileError and ManifestError with the problems of all files, and
    Error where a new server could go into either of two.
    """
    found = tuple(
        Target(file, manifest)
        for file, manifest in inputs.read_files(paths, files.read_to_write)
    )
    extended = [one.before.path for one in found if one.extend]
    if len(extended) > 1:
        raise Error(
            _(
                '%s: new servers could be added to each of these. Use only '
                'one of them; files that os-migrate wrote may be used with it'
            )
            % ', '.join(extended)
        )
    return found


def names_alike(path: str, given: Sequence[str]) -> list[str]:
    """Return a file beside a new one that its name may be a slip for.

    ``given`` are the files of the command line, which are meant.
    """
    directory, name = os.path.split(path)
    meant = {os.path.basename(one) for one in given}
    others = [
        one
        for one in os.listdir(directory or '.')
        if one not in meant and one.endswith(_MANIFESTS)
    ]
    return [
        os.path.join(directory, one)
        for one in difflib.get_close_matches(name, others, 1, _ALIKE)
    ]


def writing(parsed_args: argparse.Namespace, to: Sequence[Target]) -> Writing:
    """Return how manifests are written; raises Error."""
    if parsed_args.park_volume_metadata and all(one.extend for one in to):
        raise UsageError(
            _(
                '--park-volume-metadata: only allowed with a file that '
                'os-migrate wrote'
            )
        )
    return Writing(
        dry_run=parsed_args.dry_run,
        backup=parsed_args.backup or parsed_args.park_volume_metadata,
        park=parsed_args.park_volume_metadata,
    )


def source_hints(parsed_args: argparse.Namespace) -> SourceHints:
    """Return what is known of the source beside its APIs; raises Error."""
    source_hosts = parsed_args.source_hosts or ()
    destination = inputs.computes(parsed_args, source_hosts)
    knowledge = release_file.load()
    product = (
        knowledge.product(parsed_args.source_release)
        if parsed_args.source_release
        else None
    )
    source = Abilities.of(knowledge.records(product)) if product else NO_HOSTS
    for asked, option, needed, known in (
        (parsed_args.translate, '--translate', '', destination.abilities),
        (
            parsed_args.pin,
            '--pin',
            '--source-release, ',
            source if source.hosts else destination.abilities,
        ),
    ):
        if asked and not known.hosts:
            raise UsageError(
                _(
                    '%(option)s: only allowed with %(needed)s'
                    '--destination-release or --destination-hosts'
                )
                % {'option': option, 'needed': needed}
            )
    return SourceHints(
        guests=load.guests(source_hosts),
        defaults=[
            Defaults.of(parsed_args.default_machine_type or ()),
            *_release_defaults(product),
        ],
        proposer=Proposer(
            source,
            destination.abilities,
            pin=parsed_args.pin,
            translate=parsed_args.translate,
        ),
        computes=destination,
        nova=knowledge.nova,
    )


def _release_defaults(product: Product | None) -> list[Defaults]:
    """Return what servers of a release have of which nothing is recorded.

    Where Nova records each server's machine type, a default tells nothing: a
    cloud that was upgraded has servers from before.
    """
    if product is None:
        return []
    if product.records_machine_type:
        LOG.warning(
            _(
                'Nova of %(release)s records the machine type of each '
                'server, and an upgraded cloud has older servers: its '
                'default is not used. Use --source-hosts, --inspect or '
                '--default-machine-type'
            ),
            {'release': product.title},
        )
        return []
    return [
        Defaults(
            product.default_machine_types,
            product.default(None),
            Evidence.RELEASE_DEFAULT,
        )
    ]
