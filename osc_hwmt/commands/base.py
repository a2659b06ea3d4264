# SPDX-License-Identifier: Apache-2.0

"""What the commands have in common: clouds, errors, exit codes.

openstackclient may import every plugin's command modules at every start, so
these define the command line and import the rest of the package only when a
command runs.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import os
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TextIO, TypeVar

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from osc_hwmt.commands import options
from osc_hwmt.exceptions import (
    ConfigurationError,
    Error,
    FileError,
    UsageError,
)
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.connection import ConnectedCloud
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.destination.apply import LookAgain, Run, Written
    from osc_hwmt.journal.file import Journal
    from osc_hwmt.journal.format import Input
    from osc_hwmt.model.changes import Write
    from osc_hwmt.tables import cells


_Found = TypeVar('_Found', contravariant=True)


class Table(Protocol[_Found]):
    """A module of tables, for one kind of thing that was found."""

    @property
    def COLUMNS(self) -> Sequence[str]:
        """The names of all columns."""

    @property
    def BRIEF(self) -> Container[str]:
        """The names of those that fit a terminal."""

    def row(self, __found: _Found, *, brief: bool) -> cells.Row:
        """Return a row of the table."""

    def is_problem(self, __found: _Found) -> bool:
        """Tell whether it needs attention."""

    def summary(self, __found: Sequence[_Found]) -> str:
        """Return all of it in a few lines."""


class MachineTypeLister(command.Lister):  # type: ignore[misc]
    """A command that prints its whole table before it fails."""

    # The commands open their clouds themselves, after the arguments are
    # known to be right, and some of them two.
    auth_required = False

    exit_code = 0
    formatter: Any

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser, which also ends a wrong usage found later."""
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        self._parser = parser
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return the exit code that take_action left, or 0.

        Raises SystemExit with argparse's 2 for a wrong usage.
        """
        from osc_hwmt.commands.screen import Screen
        from osc_hwmt.display import lines
        from osc_hwmt.local import logs

        # The error that this raises is logged by the openstack program.
        logs.make_safe()
        self.screen = Screen(self.app.stderr)
        self._told: list[str] = []
        try:
            code: int = super().run(parsed_args) or self.exit_code
            # Into one file or pipe, the table would come after what is told.
            self.app.stdout.flush()
        except UsageError as exc:
            self._parser.error(lines(str(exc)))
        except Error as exc:
            raise osc_exceptions.CommandError(str(exc)) from exc
        finally:
            self.screen.writelines(self._told)
        return int(code)

    def told(
        self,
        parsed_args: argparse.Namespace,
        table: Table[_Found],
        found: Sequence[_Found],
        beside: Iterable[str] = (),
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        """Return the table of what was found; notes and summary follow it."""
        for line in (*beside, table.summary(found)):
            self.tell('%s', line)
        brief = options.is_brief(parsed_args)
        rows = (
            table.row(one, brief=brief)
            for one in found
            if table.is_problem(one) or not parsed_args.only_problems
        )
        return self.shown(parsed_args, table.COLUMNS, table.BRIEF, rows)

    def shown(
        self,
        parsed_args: argparse.Namespace,
        columns: Sequence[str],
        brief: Container[str],
        rows: Iterable[cells.Row],
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        """Return the table: its brief columns, or all if any were chosen.

        From all of them, cliff takes those of -c.
        """
        if not options.is_brief(parsed_args):
            return columns, rows
        taken = [name in brief for name in columns]
        return (
            tuple(itertools.compress(columns, taken)),
            (tuple(itertools.compress(row, taken)) for row in rows),
        )

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[cells.Row],
    ) -> int:
        """Print the table, as wide as the terminal and without a None."""
        self.formatter = _Layout(self.formatter)
        code: int = super().produce_output(parsed_args, column_names, data)
        return code

    def cloud(
        self, name: str | None, option: str, concurrency: int
    ) -> ConnectedCloud:
        """Return a cloud of clouds.yaml, or the one of --os-cloud and OS_*.

        Only the latter sees the environment and the global options: they
        belong to one cloud, and the other must not be mixed with it.
        """
        from osc_hwmt.cloud import connection

        selection: dict[str, Any] = (
            {'cloud': name} if name else {'argparse': self.app.options}
        )
        label = name or self.app.options.cloud or 'OS_*'
        try:
            return connection.open_cloud(
                self.app.cloud_config, label, concurrency, **selection
            )
        except ConfigurationError as exc:
            if name is None:
                hint = _('Use %s, --os-cloud or OS_* variables') % option
            else:
                known = ', '.join(self.app.cloud_config.get_cloud_names())
                hint = _('Clouds in clouds.yaml: %s') % (known or '-')
            raise Error(
                _('%(option)s: %(why)s. %(hint)s')
                % {'option': option, 'why': exc, 'hint': hint}
            ) from exc

    def tell(self, message: str, *arguments: object) -> None:
        """Say something when the table was printed, unless -q was given.

        A mapping may be given instead of several arguments, as to logging.
        """
        self._told += self._lines(message, arguments)

    def tell_now(self, message: str, *arguments: object) -> None:
        """Say something that cannot wait for the table."""
        self.screen.writelines(self._lines(message, arguments))

    def _lines(self, message: str, arguments: tuple[object, ...]) -> list[str]:
        if self.app.options.verbose_level == 0:
            return []
        values: object = arguments
        if len(arguments) == 1 and isinstance(arguments[0], Mapping):
            values = arguments[0]
        return [f'{message % values}\n']


class _Layout:
    """A formatter of cliff's that gets rows which it can show as they are."""

    def __init__(self, formatter: Any) -> None:
        self._formatter = formatter

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Iterable[cells.Row],
        stdout: TextIO,
        parsed_args: argparse.Namespace,
    ) -> None:
        from osc_hwmt.tables import layout

        form = parsed_args.formatter
        data = layout.inert(data, readable=form == 'table')
        if form in ('csv', 'value'):
            data = layout.without_none(data)
        if form == 'csv':
            data = layout.without_formulas(data)
        width = _width(parsed_args) if form == 'table' else None
        if width:
            data = layout.fitted(column_names, data, width)
        self._formatter.emit_list(column_names, data, stdout, parsed_args)


def _width(parsed_args: argparse.Namespace) -> int | None:
    """Return the width that cliff fits a table to, None if to none.

    cliff/formatters/table.py, 4.2 to 4.17.
    """
    if parsed_args.max_width > 0:
        return int(parsed_args.max_width)
    if not (sys.stdout.isatty() or parsed_args.fit_width):
        return None
    try:
        return os.get_terminal_size().columns
    except OSError:
        return None


LOG = logging.getLogger(__name__)

STOPPING = _('Stopping after the requests in progress')


def add_write_options(parser: argparse.ArgumentParser, beside: str) -> None:
    """Add --dry-run, --auto-approve, and what is said of the journal.

    ``beside`` says which file a new journal is put beside.
    """
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        '--dry-run',
        action='store_true',
        help=_('Show the plan and write nothing'),
    )
    mode.add_argument(
        '--auto-approve',
        action='store_true',
        help=_('Write without asking'),
    )
    parser.add_argument(
        '--journal',
        metavar='<file>',
        type=options.path,
        help=_(
            'New file that records every write (default: in '
            '--journal-directory, otherwise next to %s)'
        )
        % beside,
    )
    options.add_journal_directory_option(parser)
    options.add_note_option(parser, _('journal'))


class MachineTypeWriter(MachineTypeLister):
    """A command that asks, then writes with a journal."""

    #: What the journal's header calls it, and which of its options it has.
    name: str
    recorded: tuple[str, ...]
    #: The file in which the writes were approved, if there is one.
    approved_in: Input | None = None

    def write(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        writes: Sequence[Write],
        question: Sequence[str],
        inputs: Sequence[Input],
        look: LookAgain | None = None,
    ) -> Sequence[Written]:
        """Return what became of each write, once a human approved of them.

        ``question`` has one line for each write. The journal is that of
        journal(). ``look`` is that of
        carry_out(). Where the run did not come to its end, ``exit_code`` is
        set. Raises Error.
        """
        from osc_hwmt.commands import approval
        from osc_hwmt.tables import summary

        if not parsed_args.auto_approve:
            own = cloud.identity.own_project().id
            approval.ask_to_write(
                question,
                summary.of_volumes(
                    len(writes), {one.project_id or own for one in writes}
                ),
                cloud,
                self.screen,
            )
        with self.journal(parsed_args, cloud, inputs) as opened:
            run = self._run(parsed_args, writes, cloud, opened, look)
        self.conclude(run.stopped, opened.path)
        return run.written

    def journal(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        inputs: Sequence[Input],
    ) -> Journal:
        """Return the new journal of this run; raises FileError.

        It goes to the directory of journals, or beside the first input,
        unless an option says otherwise.
        """
        from osc_hwmt.journal import file as journal
        from osc_hwmt.journal.place import Place

        place = Place(parsed_args.journal_directory)
        place.make()
        path = parsed_args.journal or place.new(
            self.name, cloud.name, inputs[0].path
        )
        options: dict[str, Any] = {
            name: getattr(parsed_args, name) for name in self.recorded
        }
        header = journal.header(
            self.name,
            cloud,
            inputs,
            options,
            self.approved_in,
            parsed_args.note,
        )
        try:
            return journal.Journal(path, header)
        except FileError as exc:
            if parsed_args.journal or parsed_args.journal_directory:
                raise
            raise FileError(
                _(
                    '%s. Use --journal <file> or --journal-directory to put '
                    'it somewhere else'
                )
                % exc
            ) from exc

    def _run(
        self,
        parsed_args: argparse.Namespace,
        writes: Sequence[Write],
        cloud: Cloud,
        journal: Journal,
        look: LookAgain | None,
    ) -> Run:
        from osc_hwmt.commands import signals
        from osc_hwmt.commands.progress import Progress
        from osc_hwmt.destination import apply
        from osc_hwmt.local.locks import Turns

        quiet = self.app.options.verbose_level == 0
        shown = Progress(len(writes), None if quiet else self.screen)
        with signals.raised(), shown as progress:
            return apply.carry_out(
                writes,
                cloud,
                journal,
                parsed_args.concurrency,
                told=lambda written: progress.add(written.is_well),
                stopping=lambda: self.tell_now(STOPPING),
                turns=Turns(
                    parsed_args.journal_directory,
                    lambda line: self.tell_now('%s', line),
                ),
                look=look,
            )

    def conclude(
        self, stopped: BaseException | None, path: str | None
    ) -> None:
        """Say what ended a run too early, if anything, and its journal."""
        from osc_hwmt.commands.signals import Interrupted

        if isinstance(stopped, Interrupted):
            self.exit_code = stopped.exit_code
            self.tell(_('Interrupted. Run the same command again to finish'))
        elif stopped is not None:
            self.exit_code = 1
            LOG.error('%s', stopped)
        if path is not None:
            self.tell(_('Journal: %s'), path)
