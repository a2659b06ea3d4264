# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type apply"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Callable

from osc_hwmt.commands import base, options
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.commands.inputs import Inputs
    from osc_hwmt.compatibility.computes import Computes
    from osc_hwmt.destination.apply import Result, Run
    from osc_hwmt.destination.plan import Set, Step
    from osc_hwmt.destination.plan_file import Plan
    from osc_hwmt.destination.planner import Look
    from osc_hwmt.journal.file import Journal
    from osc_hwmt.journal.place import Place
    from osc_hwmt.local.locks import Turns
    from osc_hwmt.tables import cells

    Looking = Callable[[Sequence[str]], Look]


class ApplyMachineType(base.MachineTypeWriter):
    _description = _(
        "Set machine types on the destination's volumes.\n\n"
        'Run this before the servers are created: Nova reads the machine '
        'type of a volume once, when it builds the server. Running it again '
        'finishes what is missing and writes nothing twice.'
    )
    name = 'apply'
    recorded = (
        'servers',
        'servers_from',
        'only_imported',
        'volume_map',
        'destination_hosts',
        'destination_release',
        'strict',
        'ignore_unsupported',
        'auto_approve',
        'concurrency',
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_destination_options(parser, manifests='*')
        options.add_computes_options(parser)
        parser.add_argument(
            '--ignore-unsupported',
            action='store_true',
            help=_(
                'Also set machine types that the destination is known not to '
                'support'
            ),
        )
        options.add_strict_option(
            parser,
            _(
                'Refuse undecided servers, whose machine type is neither '
                'recorded nor chosen'
            ),
        )
        options.add_only_imported_option(parser)
        base.add_write_options(parser, _('the first manifest'))
        parser.add_argument(
            '--save-plan',
            metavar='<file>',
            type=options.path,
            help=_(
                'With --dry-run, also write the plan to this file, to be '
                'approved and carried out with --plan; replaces an earlier '
                'plan, refuses any other file'
            ),
        )
        parser.add_argument(
            '--plan',
            metavar='<file>',
            help=_(
                'Carry out exactly the plan that --save-plan wrote; whatever '
                'has changed since is refused. Manifests and options are '
                'taken from the plan'
            ),
        )
        parser.add_argument(
            '--wait',
            action='store_true',
            help=_(
                'Keep polling and write to volumes as they appear, until '
                'every volume has been handled; run this alongside an '
                'import. Asks for approval once, at the start'
            ),
        )
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=options.seconds,
            help=_(
                'With --wait, stop after this many seconds (default: never)'
            ),
        )
        options.add_table_options(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        from osc_hwmt.commands import inputs, saved_plan
        from osc_hwmt.journal.place import Place
        from osc_hwmt.tables import apply as table
        from osc_hwmt.tables.summary import notes

        _refuse_contradictions(parsed_args)
        place = Place(parsed_args.journal_directory)
        place.check()
        if parsed_args.save_plan is not None:
            saved_plan.check(parsed_args.save_plan, parsed_args)
        approved: Plan | None = None
        if parsed_args.plan is not None:
            approved, self.approved_in = saved_plan.obey(parsed_args)
        given = inputs.destination(parsed_args)
        if approved:
            saved_plan.refuse_other_inputs(
                approved, parsed_args.plan, given.manifests, given.entries
            )
        computes = inputs.computes(parsed_args)
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        look = _look(parsed_args, cloud, given, computes, place)
        if parsed_args.wait:
            results = self._wait(parsed_args, cloud, look, given)
        else:
            results = self._once(parsed_args, cloud, look, given, approved)
        self.exit_code = self.exit_code or table.exit_code(results)
        entries = [one.step.entry for one in results]
        beside = notes(
            entries,
            computes.known_from,
            given.left_out,
            len(given.entries) - len(entries),
        )
        return self.told(parsed_args, table, results, beside)

    def _once(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        look: Looking,
        given: Inputs,
        approved: Plan | None,
    ) -> list[Result]:
        """Return what became of each entry, or would."""
        from osc_hwmt.destination import planner
        from osc_hwmt.destination.apply import (
            Result,
            held_to,
            to_write,
            with_written,
        )
        from osc_hwmt.destination.approved import Approved
        from osc_hwmt.journal.place import Place
        from osc_hwmt.tables import apply as table

        if approved:
            approved.header.refuse_stranger(
                _('plan'),
                cloud.name,
                cloud.identity.own_project(),
                cloud.region_name,
            )
            self._tell_of_plan(approved)
        seen = look(())
        self._tell_of_killed_run(
            Place(parsed_args.journal_directory),
            given.manifests[0].path,
            seen.steps,
        )
        if parsed_args.save_plan is not None:
            self._save_plan(parsed_args, cloud, given, seen.steps)
        if approved:
            results = held_to(approved.steps, seen.steps, seen.volumes)
            known = [one.approved for one in approved.steps if one.approved]
        else:
            results = list(map(Result, seen.steps))
            known = list(map(Approved.of, to_write(results)))
        sets = to_write(results)
        if not sets or parsed_args.dry_run:
            return results
        written = self.write(
            parsed_args,
            cloud,
            [step.write for step in sets],
            list(map(table.change_line, sets)),
            given.manifests,
            planner.approved_look(
                cloud,
                known,
                given.entries,
                given.volume_map,
                parsed_args.concurrency,
            ),
        )
        return with_written(results, written)

    def _save_plan(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        given: Inputs,
        steps: Sequence[Step],
    ) -> None:
        from osc_hwmt.commands import saved_plan

        saved = saved_plan.save(
            parsed_args.save_plan, parsed_args, cloud, given.manifests, steps
        )
        self.tell(
            _('Plan: %(path)s, sha256 %(sha256)s'),
            {'path': saved.path, 'sha256': saved.sha256},
        )

    def _tell_of_plan(self, approved: Plan) -> None:
        """Say which plan is carried out, before anybody is asked."""
        if self.approved_in:
            self.tell_now(
                _('Plan: %(path)s, sha256 %(sha256)s, made %(time)s'),
                {
                    'path': self.approved_in.path,
                    'sha256': self.approved_in.sha256,
                    'time': approved.created.isoformat(timespec='seconds'),
                },
            )

    def _tell_of_killed_run(
        self, place: Place, path: str, steps: Sequence[Step]
    ) -> None:
        """Say how far the run before this one came, if it was killed."""
        from osc_hwmt.destination import plan
        from osc_hwmt.journal import reading
        from osc_hwmt.model.inventory import Volume

        record = reading.unfinished(place, path)
        if record is None:
            return
        there = {
            step.holder.id
            for step in steps
            if isinstance(step, plan.Unchanged)
            and isinstance(step.holder, Volume)
        }
        announced = {one.write.volume_id for one in record.announced}
        # Whoever is asked to approve has to know it.
        self.tell_now(
            _(
                '%(path)s: this run was killed; %(done)d of its %(n)d writes '
                'are in place'
            ),
            {
                'path': record.path,
                'done': len(there & announced),
                'n': len(announced),
            },
        )

    def _wait(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        look: Looking,
        given: Inputs,
    ) -> list[Result]:
        """Return what became of each entry when all or the time was up."""
        from osc_hwmt.commands import approval, progress, signals
        from osc_hwmt.destination import wait
        from osc_hwmt.local.locks import Turns
        from osc_hwmt.tables import wait as lines

        wanted = list(lines.wanted_lines(given.entries))
        if wanted and not parsed_args.auto_approve:
            approval.ask_to_wait(wanted, cloud, self.screen)
        quiet = self.app.options.verbose_level == 0
        live_lines = progress.LiveLines(None if quiet else self.screen)
        writer = JournaledWriter(
            cloud,
            parsed_args.concurrency,
            lambda: self.journal(parsed_args, cloud, given.manifests),
            Turns(parsed_args.journal_directory, live_lines.tell),
        )
        loop = wait.Waiting(
            lambda: look([writer.path] if writer.path else ()).steps,
            writer,
            live_lines,
            parsed_args.timeout,
        )
        with contextlib.closing(writer), signals.raised():
            results = loop.run()
        if loop.missed:
            self.tell('%s', lines.missed_line(loop.missed))
        self.conclude(loop.stopped, writer.path)
        return results


class JournaledWriter:
    """Writes what has come into one journal, opened when it is needed."""

    def __init__(
        self,
        cloud: Cloud,
        concurrency: int,
        open_journal: Callable[[], Journal],
        turns: Turns,
    ) -> None:
        self._cloud = cloud
        self._concurrency = concurrency
        self._open_journal = open_journal
        self._turns = turns
        self._journal: Journal | None = None
        self._at_the_end = contextlib.ExitStack()

    def __call__(self, steps: Sequence[Set]) -> Run:
        from osc_hwmt.destination import apply

        if self._journal is None:
            self._journal = self._at_the_end.enter_context(
                self._open_journal()
            )
        return apply.carry_out(
            [step.write for step in steps],
            self._cloud,
            self._journal,
            self._concurrency,
            stopping=lambda: self._turns.say(base.STOPPING),
            turns=self._turns,
        )

    @property
    def path(self) -> str | None:
        """The journal, None while nothing was written."""
        return self._journal.path if self._journal else None

    def close(self) -> None:
        """Close the journal."""
        self._at_the_end.close()


def _look(
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    given: Inputs,
    computes: Computes,
    place: Place,
) -> Looking:
    """Return what plans anew, from all journals and those of this run."""
    from osc_hwmt.destination import plan, planner, undecided
    from osc_hwmt.journal import reading

    def look(own: Sequence[str]) -> Look:
        found = planner.look(
            cloud,
            given.entries,
            given.volume_map,
            parsed_args.concurrency,
            computes,
            lambda: reading.history(place, parsed_args.manifests, own),
        )
        if parsed_args.only_imported:
            found = found.imported()
        steps = found.steps
        if parsed_args.strict:
            steps = undecided.refuse(steps)
        if not parsed_args.ignore_unsupported:
            steps = plan.refuse_unfit(steps)
        return dataclasses.replace(found, steps=steps)

    return look


def _refuse_contradictions(parsed_args: argparse.Namespace) -> None:
    from osc_hwmt.commands import saved_plan

    if parsed_args.save_plan is not None and not parsed_args.dry_run:
        raise UsageError(_('--save-plan: only allowed with --dry-run'))
    if parsed_args.only_imported:
        for name in ('save_plan', 'plan', 'wait'):
            if getattr(parsed_args, name):
                raise UsageError(
                    _('--only-imported: not allowed with --%s')
                    % name.replace('_', '-')
                )
    if parsed_args.plan is None and not parsed_args.manifests:
        raise UsageError(_('expected a manifest, or --plan'))
    if parsed_args.plan is not None:
        beside = saved_plan.given_beside(parsed_args)
        for name in ('wait', 'save_plan'):
            if getattr(parsed_args, name):
                beside.append(f'--{name.replace("_", "-")}')
        if beside:
            raise UsageError(
                _('--plan: not allowed with %s') % ', '.join(beside)
            )
    if parsed_args.wait and parsed_args.dry_run:
        raise UsageError(_('--wait: not allowed with --dry-run'))
    if parsed_args.timeout is not None and not parsed_args.wait:
        raise UsageError(_('--timeout: only allowed with --wait'))
