# SPDX-License-Identifier: Apache-2.0

"""What the options of export say of servers, beside the clouds."""

from __future__ import annotations

import argparse
import logging

from osc_hwmt.collected import load
from osc_hwmt.commands import inputs
from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.releases import Product
from osc_hwmt.compatibility.support import NO_HOSTS, Abilities
from osc_hwmt.compatibility.translation import Proposer
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.source.export import SourceHints
from osc_hwmt.source.facts import Defaults
from osc_hwmt.source.overrides import Override, of_option, read_rules

LOG = logging.getLogger(__name__)


def overrides(parsed_args: argparse.Namespace) -> tuple[Override, ...]:
    """Return what --rules and --set say, the stronger last; raises Error."""
    found: list[Override] = []
    if parsed_args.rules:
        text = files.read(parsed_args.rules).text
        found += read_rules(text, parsed_args.rules)
    found += map(of_option, parsed_args.overrides or ())
    return tuple(found)


def source_hints(parsed_args: argparse.Namespace) -> SourceHints:
    """Return what is known of the source beside its APIs; raises Error."""
    domains = parsed_args.domains or ()
    destination = inputs.computes(parsed_args, domains)
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
            raise Error(
                _(
                    '%(option)s: expected %(needed)s--destination-release or '
                    '--machine-types beside it, to know by'
                )
                % {'option': option, 'needed': needed}
            )
    return SourceHints(
        guests=load.guests(domains),
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
                'on %(release)s Nova records each machine type, and a cloud '
                'that was upgraded has old ones: no default is taken. Give '
                '--domains or --inspect, or name it: --default-machine-type'
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
