# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import json
import stat
from collections.abc import Iterable, Sequence

import fixtures

from osc_hwmt.cloud.interface import Build, ResourceKind
from osc_hwmt.collected import reading
from osc_hwmt.commands import options, probing
from osc_hwmt.commands.base import MachineTypeLister
from tests.unit.support import shell
from tests.unit.support.fake_probes import TYPES, host


class Probe(MachineTypeLister):
    """A command that has --probe and shows what it gave."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_probe_options(parser)
        options.add_destination_cloud_option(parser)
        options.add_concurrency_option(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str, list[str]]]]:
        return ('Host', 'Machine Types'), [
            (
                one.name,
                [name for some in one.machines.values() for name in some],
            )
            for one in probing.probed(self, parsed_args)
        ]


class ProbingTest(shell.CommandTestCase):
    command = Probe

    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.replace('osc_hwmt.probes.probe.PAUSE', 0.0)
        self.probing = self.cloud.probing
        self.probing.held = [host('a'), host('b', zone='west')]
        self.logged = self.useFixture(
            fixtures.FakeLogger('osc_hwmt.commands.probing')
        )

    def probe(self, *words: object) -> int:
        return self.run_command('--probe', '--auto-approve', *words)

    def test_hosts_tell_what_they_have(self) -> None:
        self.assertEqual(0, self.probe('--destination-cloud', 'dst'))
        self.assertEqual(['a', 'b'], self.column('Host'))
        self.assertEqual(list(TYPES), self.column('Machine Types')[0])
        self.assertEqual([('dst', '--destination-cloud')], self.asked)
        self.assertEqual({}, self.cloud.temporary.held)

    def test_what_they_tell_is_saved_for_its_owner_alone(self) -> None:
        path = self.home / 'types.json'
        self.probe('--save', path)
        read = reading.hosts([str(path)])
        self.assertEqual(['a', 'b'], [one.name for one in read.hosts])
        self.assertEqual(set(TYPES), set(read.hosts[1].machines[None]))
        self.assertIn('probe of cloud dst, 20', read.hosts[1].origin)
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        self.assertIn(f'Machine types: {path}', self.told)

    def test_a_host_that_does_not_tell_is_a_warning_and_a_failure(
        self,
    ) -> None:
        path = self.home / 'types.json'
        self.probing.builds['a'] = [Build('ERROR', 'No valid host was found')]
        self.probing.held += [host('down\x1b', up=False)]
        self.assertEqual(1, self.probe('--save', path))
        self.assertEqual(['b'], self.column('Host'))
        first, second = self.logged.output.splitlines()
        self.assertIn('host down\\x1b did not tell its machine types', first)
        self.assertIn('nova-compute is down', first)
        self.assertIn('host a did not tell', second)
        self.assertIn('No valid host was found', second)
        self.assertEqual(['b'], list(json.loads(path.read_text())['hosts']))

    def test_where_no_host_tells_nothing_is_saved(self) -> None:
        path = self.home / 'types.json'
        self.probing.builds = {'a': [Build('ACTIVE')], 'b': [Build('ACTIVE')]}
        self.assertEqual(1, self.probe('--save', path))
        self.assertEqual([], self.rows)
        self.assertFalse(path.exists())

    def test_where_no_host_can_be_asked_nothing_is_made(self) -> None:
        self.probing.held = [host(up=False)]
        self.typing('', terminal=False)
        self.assertEqual(1, self.run_command('--probe'))
        self.assertEqual([], self.cloud.temporary.deleted)

    def test_hosts_and_a_flavor_can_be_named(self) -> None:
        self.probing.flavors = {'tiny': 'flavor-1'}
        self.assertEqual(0, self.probe('--host', 'b', '--flavor', 'tiny'))
        self.assertEqual(['west:b'], self.probing.forced)
        self.assertNotIn(ResourceKind.FLAVOR, self.cloud.temporary.deleted)

    def test_a_host_or_flavor_that_does_not_exist_makes_nothing(self) -> None:
        for words in (('--host', 'c'), ('--flavor', 'c')):
            self.assertIn(f'{words[0]}: no', self.refused('--probe', *words))
        self.assertEqual([], self.cloud.temporary.deleted)

    def test_a_file_that_can_not_be_written_is_found_out_first(self) -> None:
        path = self.home / 'types.json'
        path.write_bytes(b'\xff')
        self.assertIn('UTF-8', self.refused('--probe', '--save', path))
        self.assertEqual([], self.asked)

    def test_the_question_names_all_that_is_made_and_where(self) -> None:
        self.typing('y\n')
        self.assertEqual(0, self.run_command('--probe'))
        for text in (
            'In project erp of cloud dst, all called osc-hwmt-probe-',
            'image: private, 512 bytes, hw_machine_type=osc-hwmt-probe',
            'flavor: private, 1 vCPU, 64 MB of memory, no disk',
            'server: one on each of a (nova), b (west)',
            'counts a failed build',
            'on cloud dst, to ask 2 host(s)? [y/N]',
        ):
            self.assertIn(text, self.told)

    def test_the_question_says_nothing_of_a_flavor_that_is_there(self) -> None:
        self.probing.flavors = {'tiny': 'flavor-1'}
        self.typing('y\n')
        self.run_command('--probe', '--flavor', 'tiny')
        self.assertNotIn('flavor', self.told)
