# SPDX-License-Identifier: Apache-2.0

"""Options that several commands share."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable

from osc_hwmt.i18n import _

#: Requests at once. Measured: one Cinder API process is busy with four, and
#: more only lengthen its queue; real clouds run several processes.
CONCURRENCY = 8


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add --server and --servers-from."""
    parser.add_argument(
        '--server',
        metavar='<pattern>',
        action='append',
        dest='servers',
        help=_(
            'Only servers with this name or ID on the source; shell '
            'wildcards are allowed in the name (repeat option to select '
            'several)'
        ),
    )
    parser.add_argument(
        '--servers-from',
        metavar='<file>',
        help=_(
            'Only servers listed in this file, one name, pattern or ID per '
            'line; lines that begin with # are ignored'
        ),
    )


def add_table_options(parser: argparse.ArgumentParser) -> None:
    """Add --long and --only-problems."""
    add_long_option(parser)
    parser.add_argument(
        '--only-problems',
        action='store_true',
        help=_(
            'List only what needs attention; the summary still counts '
            'everything'
        ),
    )


def add_long_option(parser: argparse.ArgumentParser) -> None:
    """Add --long."""
    parser.add_argument(
        '--long',
        action='store_true',
        help=_('List additional fields in output'),
    )


def is_brief(parsed_args: argparse.Namespace) -> bool:
    """Tell whether the table is to fit a terminal: no column was chosen."""
    return not (parsed_args.long or parsed_args.columns)


def add_only_imported_option(parser: argparse._ActionsContainer) -> None:
    """Add --only-imported."""
    parser.add_argument(
        '--only-imported',
        action='store_true',
        help=_(
            'Leave out servers that are not imported yet, with neither a '
            'server nor a volume at the destination'
        ),
    )


def add_strict_option(parser: argparse.ArgumentParser, effect: str) -> None:
    """Add --strict; ``effect`` says what it makes of undecided servers."""
    parser.add_argument('--strict', action='store_true', help=effect)


def spelled(
    actions: Iterable[argparse.Action], parsed_args: argparse.Namespace
) -> list[str]:
    """Return the options that were given, as words of a command line."""
    from osc_hwmt.pasted import Given

    words = []
    for action in actions:
        value = getattr(parsed_args, action.dest, None)
        if not action.option_strings or value in (None, action.default):
            continue
        option = action.option_strings[-1]
        if action.nargs == 0:
            words.append(option)
            continue
        for one in value if isinstance(value, list) else [value]:
            # --default-machine-type has an architecture, or none.
            parts = one if isinstance(one, tuple) else (str(one),)
            text = '='.join(part for part in parts if part)
            if text.startswith('-'):
                words.append(f'{option}={text}')
            else:
                words += [option, Given(text)]
    return words


def add_journal_directory_option(parser: argparse.ArgumentParser) -> None:
    """Add --journal-directory."""
    parser.add_argument(
        '--journal-directory',
        metavar='<directory>',
        default=os.environ.get('OSC_HWMT_JOURNAL_DIRECTORY') or None,
        help=_(
            'Directory for the journals and locks of all runs, on storage '
            'that outlives this machine or container; journals of earlier '
            'runs are read there. Created if missing, accessible only to '
            'this user (Env: OSC_HWMT_JOURNAL_DIRECTORY)'
        ),
    )


def add_note_option(parser: argparse.ArgumentParser, kept: str) -> None:
    """Add --note; ``kept`` says what it is written to."""
    parser.add_argument(
        '--note',
        metavar='<text>',
        type=_note,
        help=_(
            'Note to record in the %s, such as the change number and the '
            "operator's name"
        )
        % kept,
    )


def add_concurrency_option(parser: argparse.ArgumentParser) -> None:
    """Add --concurrency."""
    parser.add_argument(
        '--concurrency',
        metavar='<requests>',
        type=_positive,
        default=CONCURRENCY,
        help=_('Maximum number of parallel requests (default: %d)')
        % CONCURRENCY,
    )


def add_destination_cloud_option(parser: argparse.ArgumentParser) -> None:
    """Add --destination-cloud."""
    parser.add_argument(
        '--destination-cloud',
        metavar='<cloud>',
        help=_(
            'Destination cloud, by its name in clouds.yaml (default: '
            '--os-cloud or OS_* variables)'
        ),
    )


def add_probe_options(parser: argparse.ArgumentParser) -> None:
    """Add --probe, and what is said beside it."""
    parser.add_argument(
        '--probe',
        action='store_true',
        help=_(
            "Query the destination's compute hosts for their machine types, "
            'by creating a temporary server on each that cannot start (admin '
            'only)'
        ),
    )
    parser.add_argument(
        '--host',
        metavar='<host>',
        action='append',
        dest='hosts',
        help=_(
            'Query only this compute host (repeat option to query several)'
        ),
    )
    parser.add_argument(
        '--flavor',
        metavar='<flavor>',
        help=_(
            'Flavor (name or ID) of the temporary servers (default: a minimal '
            'temporary flavor)'
        ),
    )
    parser.add_argument(
        '--save',
        metavar='<file>',
        type=path,
        help=_(
            'Save the result of --probe to this file, for use with '
            '--destination-hosts; replaces an earlier result, refuses any '
            'other file'
        ),
    )
    _add_auto_approve_option(parser)


def add_inspect_options(parser: argparse.ArgumentParser) -> None:
    """Add --inspect, and the consent to it."""
    parser.add_argument(
        '--inspect',
        action='store_true',
        help=_(
            "Read Nova's record of volume-backed servers with no other "
            'recorded machine type, through a temporary image without data '
            'and a temporary snapshot of each volume'
        ),
    )
    _add_auto_approve_option(parser)


def _add_auto_approve_option(parser: argparse.ArgumentParser) -> None:
    """Add --auto-approve for what --probe or --inspect creates."""
    parser.add_argument(
        '--auto-approve',
        action='store_true',
        help=_('Create temporary resources without asking'),
    )


def add_destination_hosts_option(
    parser: argparse.ArgumentParser, collected: str = _('Capabilities')
) -> None:
    """Add --destination-hosts; ``collected`` says what is read from it."""
    parser.add_argument(
        '--destination-hosts',
        metavar='<path>',
        action='append',
        help=_(
            "%s collected from the destination's hosts: a file, a directory "
            'or - for standard input (repeat option to read several)'
        )
        % collected,
    )


def add_computes_options(
    parser: argparse.ArgumentParser, collected: str = _('Capabilities')
) -> None:
    """Add what tells which machine types the destination can run."""
    add_destination_hosts_option(parser, collected)
    parser.add_argument(
        '--destination-release',
        metavar='<release>',
        help=_(
            'Destination release, such as rhoso18; sets the default machine '
            'type and, without --destination-hosts, the supported ones'
        ),
    )


def add_destination_options(
    parser: argparse.ArgumentParser, manifests: str = '+'
) -> None:
    """Add what names the destination cloud and its volumes.

    ``manifests`` says how many there are, as argparse spells it.
    """
    parser.add_argument(
        'manifests',
        metavar='<manifest>',
        nargs=manifests,
        help=_("Manifest that export wrote, or os-migrate's workloads file"),
    )
    add_destination_cloud_option(parser)
    parser.add_argument(
        '--volume-map',
        metavar='<file>',
        help=_(
            'YAML or JSON file that maps source volumes or servers to '
            'destination volumes'
        ),
    )
    add_server_options(parser)
    add_concurrency_option(parser)


def path(text: str) -> str:
    """Return the path of a file to write; raises argparse's error for -."""
    if text == '-':
        raise argparse.ArgumentTypeError(
            _('expected a file, found - (standard output)')
        )
    return text


def seconds(text: str) -> float:
    """Return a time; raises argparse's error where it is none."""
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 30 * 86400:
        raise argparse.ArgumentTypeError(
            _('expected seconds, from 1 to 30 days, found %s') % text
        )
    return float(number)


def _note(text: str) -> str:
    from osc_hwmt.journal.format import expected_note, is_note

    if not is_note(text):
        raise argparse.ArgumentTypeError(expected_note(text))
    return text


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 256:
        raise argparse.ArgumentTypeError(
            _('expected a number from 1 to 256, found %s') % text
        )
    return number
