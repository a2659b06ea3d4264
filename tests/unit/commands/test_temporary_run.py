# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence

import fixtures

from osc_hwmt.cloud.interface import ResourceKind
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.commands import temporary_run
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import CloudError
from osc_hwmt.probes import cleanup as temporary
from osc_hwmt.probes.cleanup import Run
from tests.unit.support import shell

KINDS = (ResourceKind.SERVER, ResourceKind.IMAGE)


class MakeServer(MachineTypeLister):
    """A command that makes one server for a moment."""

    mark: RunMark

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument('--auto-approve', action='store_true')
        parser.set_defaults(concurrency=2)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str]]]:
        cloud = self.cloud(None, '--destination-cloud', 2)

        def work(run: Run) -> str:
            server = run.add(
                ResourceKind.SERVER,
                cloud.temporary.put(ResourceKind.SERVER, run.mark),  # type: ignore[attr-defined]
            )
            return server.kind.value

        made = temporary_run.carry_out(
            self,
            parsed_args,
            cloud,
            self.mark,
            KINDS,
            ['  a server'],
            'Make it?',
            work,
        )
        return ('Made',), [(made,)]


class TemporaryRunTest(shell.CommandTestCase):
    command = MakeServer

    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.replace('osc_hwmt.probes.cleanup.REMOVAL_LIMIT', 0.0)
        MakeServer.mark = RunMark.new(Purpose.PROBE, 60.0)
        self.logged = self.useFixture(
            fixtures.FakeLogger('osc_hwmt.commands.temporary_run')
        )

    def left_behind(self, limit: float = -1.0) -> str:
        mark = RunMark.new(Purpose.PROBE, limit)
        return self.cloud.temporary.put(ResourceKind.SERVER, mark)

    def test_without_a_terminal_nothing_is_made(self) -> None:
        self.left_behind()
        self.assertIn('--auto-approve', self.refused())
        self.assertEqual([], self.cloud.temporary.deleted)
        self.assertEqual(1, len(self.cloud.temporary.held))

    def test_a_no_makes_nothing(self) -> None:
        self.typing('n\n')
        self.assertIn('not approved', self.refused())
        self.assertEqual([], self.cloud.temporary.deleted)

    def test_the_question_says_what_is_made_and_what_is_removed(self) -> None:
        dead = self.left_behind()
        self.typing('yes\n')
        self.assertEqual(0, self.run_command())
        self.assertEqual(['server'], self.column('Made'))
        self.assertEqual(
            ['  a server', 'Left by an earlier run, and removed first:'],
            self.told.splitlines()[:2],
        )
        self.assertIn(f'  server {dead}  osc-hwmt-probe-', self.told)
        self.assertIn('Make it? [y/N]', self.told)
        self.assertEqual({}, self.cloud.temporary.held)

    def test_a_run_that_may_be_at_work_is_left_alone_and_named(self) -> None:
        living = self.left_behind(60.0)
        self.assertEqual(0, self.run_command('--auto-approve'))
        self.assertIn('may still be at work: osc-hwmt-probe-', self.told)
        self.assertEqual([living], list(self.cloud.temporary.held))

    def test_what_stays_is_named_with_the_command_that_removes_it(
        self,
    ) -> None:
        old = self.left_behind()
        self.cloud.temporary.stuck = {ResourceKind.SERVER}
        self.assertEqual(1, self.run_command('--auto-approve'))
        self.assertEqual(['server'], self.column('Made'))
        lines = self.logged.output.splitlines()
        self.assertIn(f'openstack server delete {old}', lines[0])
        self.assertEqual(2, len(lines), lines)

    def test_not_knowing_whether_anything_is_left_is_a_failure(self) -> None:
        self.replace(
            'osc_hwmt.probes.cleanup.leftovers',
            lambda *_arguments: temporary.Leftovers((), ()),
        )
        self.cloud.temporary.troubles['list'] = [CloudError('broken', 500)]
        self.assertEqual(1, self.run_command('--auto-approve'))
        self.assertIn('is not known: broken', self.logged.output)

    def test_a_cloud_that_fails_is_told_after_the_removal(self) -> None:
        self.replace(
            'tests.unit.support.fake_probes.FakeTemporary.put',
            lambda *_arguments: (_ for _ in ()).throw(CloudError('full', 507)),
        )
        self.assertIn('full', self.refused('--auto-approve'))
