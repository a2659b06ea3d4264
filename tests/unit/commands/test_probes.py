# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import dataclasses
import json
import stat
from collections.abc import Iterable, Sequence

import fixtures

from osc_hwmt.cloud.interface import Build, ResourceKind, Scope
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.collected import reading
from osc_hwmt.commands import options, probes
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.probes import cleanup
from tests.unit.support import fakes, shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fake_probes import TYPES, host


class Asking(MachineTypeLister):
    """A command with the options of both --probe and --inspect."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_probe_options(parser)
        options.add_destination_cloud_option(parser)
        options.add_concurrency_option(parser)
        options.add_long_option(parser)
        return parser


class MakeServer(Asking):
    """A command that makes one server for a moment."""

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str]]]:
        cloud = self.cloud(None, '--destination-cloud', 2)
        mark = RunMark.new(Purpose.PROBE, 60.0)

        def work(run: cleanup.Run) -> str:
            server = run.add(
                ResourceKind.SERVER,
                cloud.temporary.put(ResourceKind.SERVER, run.mark),  # type: ignore[attr-defined]
            )
            return server.kind.value

        made, self.exit_code = probes.carry_out(
            self,
            parsed_args,
            cloud,
            mark,
            (ResourceKind.SERVER, ResourceKind.IMAGE),
            ['  a server'],
            'Make it?',
            work,
        )
        return ('Made',), [(made,)]


class Probe(Asking):
    """A command that shows which host has which machine types."""

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str, list[str]]]]:
        hosts, self.exit_code = probes.probe_hosts(self, parsed_args)
        return ('Host', 'Machine Types'), [
            (
                one.name,
                [name for some in one.machines.values() for name in some],
            )
            for one in hosts
        ]


class Inspect(Asking):
    """A command that inspects all servers and shows what was learned."""

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str, str | None]]]:
        cloud = self.cloud(None, '--source-cloud', parsed_args.concurrency)
        guests, self.exit_code = probes.inspect_servers(
            self,
            parsed_args,
            cloud,
            cloud.compute.servers(Scope()).readable,
            {one.id: one for one in cloud.block_storage.volumes(Scope())},
        )
        return ('ID', 'Machine Type'), [
            (guest.server_id, guest.machine_type) for guest in guests
        ]


class ProbesTestCase(shell.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.replace('osc_hwmt.probes.cleanup.REMOVAL_LIMIT', 0.0)
        self.replace('osc_hwmt.probes.probe.PAUSE', 0.0)
        self.temporary = self.cloud.temporary
        self.logged = self.useFixture(
            fixtures.FakeLogger('osc_hwmt.commands.probes')
        )


class CarryOutTest(ProbesTestCase):
    command = MakeServer

    def left_behind(self, limit: float = -1.0) -> str:
        mark = RunMark.new(Purpose.PROBE, limit)
        return self.temporary.put(ResourceKind.SERVER, mark)

    def test_without_an_approval_nothing_is_made_or_removed(self) -> None:
        self.left_behind()
        self.assertIn('--auto-approve', self.refused())
        self.typing('n\n')
        self.assertIn('not approved', self.refused())
        self.assertEqual([], self.temporary.deleted)
        self.assertEqual(1, len(self.temporary.held))

    def test_the_question_says_what_is_made_and_what_is_removed(self) -> None:
        dead = self.left_behind()
        self.typing('yes\n')
        self.assertEqual(0, self.run_command())
        self.assertEqual(['server'], self.column('Made'))
        self.assertEqual(
            [
                '  a server',
                'Left behind by an earlier run, to be removed first:',
            ],
            self.told.splitlines()[:2],
        )
        self.assertIn(f'  server {dead}  osc-hwmt-probe-', self.told)
        self.assertIn('Make it? [y/N]', self.told)
        self.assertIn('Removed leftovers of earlier runs: 1', self.told)
        self.assertEqual({}, self.temporary.held)

    def test_a_run_that_may_be_at_work_is_left_alone_and_named(self) -> None:
        living = self.left_behind(60.0)
        self.assertEqual(0, self.run_command('--auto-approve'))
        self.assertIn('may still be active: osc-hwmt-probe-', self.told)
        self.assertEqual([living], list(self.temporary.held))

    def test_what_stays_is_named_with_the_command_that_removes_it(
        self,
    ) -> None:
        old = self.left_behind()
        self.temporary.stuck = {ResourceKind.SERVER}
        self.assertEqual(1, self.run_command('--auto-approve'))
        self.assertEqual(['server'], self.column('Made'))
        lines = self.logged.output.splitlines()
        self.assertIn(f'openstack server delete {old}', lines[0])
        self.assertEqual(2, len(lines), lines)

    def test_a_namesake_is_left_and_said_even_without_a_question(self) -> None:
        old = self.left_behind()
        found = self.temporary.held[old]
        name = 'snapshot \x1b[31m' + found.name
        self.temporary.held[old] = dataclasses.replace(
            found, name=name, proven=False
        )
        self.assertEqual(0, self.run_command('--auto-approve'))
        self.assertEqual([old], list(self.temporary.held))
        self.assertIn(
            'Not removed, because only its name suggests that an earlier '
            'run created it: snapshot \\x1b[31mosc-hwmt-probe-',
            self.told,
        )
        self.assertIn(f'openstack server delete {old}', self.told)

    def test_not_knowing_whether_anything_is_left_is_a_failure(self) -> None:
        self.replace(
            'osc_hwmt.probes.cleanup.leftovers',
            lambda *_arguments: cleanup.Leftovers((), (), ()),
        )
        self.temporary.troubles['list'] = [CloudError('broken', 500)]
        self.assertEqual(1, self.run_command('--auto-approve'))
        self.assertIn('left behind: broken', self.logged.output)

    def test_a_cloud_that_fails_is_told_after_the_removal(self) -> None:
        self.replace(
            'tests.unit.support.fake_probes.FakeTemporary.put',
            lambda *_arguments: (_ for _ in ()).throw(CloudError('full', 507)),
        )
        self.assertIn('full', self.refused('--auto-approve'))


class ProbeHostsTest(ProbesTestCase):
    command = Probe

    def setUp(self) -> None:
        super().setUp()
        self.probing = self.cloud.probing
        self.probing.held = [host('a'), host('b', zone='west')]
        self.path = self.home / 'types.json'

    def probe(self, *words: object) -> int:
        return self.run_command('--auto-approve', *words)

    def test_hosts_tell_what_they_have(self) -> None:
        self.assertEqual(0, self.probe('--destination-cloud', 'dst'))
        self.assertEqual(['a', 'b'], self.column('Host'))
        self.assertEqual(list(TYPES), self.column('Machine Types')[0])
        self.assertEqual([('dst', '--destination-cloud')], self.asked)
        self.assertEqual({}, self.temporary.held)

    def test_what_hosts_tell_is_saved_for_its_owner_alone(self) -> None:
        self.probe('--save', self.path)
        read = reading.hosts([str(self.path)])
        self.assertEqual(['a', 'b'], [one.name for one in read.hosts])
        self.assertEqual(set(TYPES), set(read.hosts[1].machines[None]))
        self.assertIn('probe of cloud dst, 20', read.hosts[1].origin)
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assertIn(f'Machine types: {self.path}', self.told)

    def test_a_host_that_does_not_tell_is_a_warning_and_a_failure(
        self,
    ) -> None:
        self.probing.builds['a'] = [Build('ERROR', 'No valid host was found')]
        self.probing.held += [host('down\x1b', up=False)]
        self.assertEqual(1, self.probe('--save', self.path))
        self.assertEqual(['b'], self.column('Host'))
        first, second = self.logged.output.splitlines()
        self.assertIn('host down\\x1b did not report its machine types', first)
        self.assertIn('nova-compute is down', first)
        self.assertIn('host a did not report', second)
        self.assertIn('No valid host was found', second)
        saved = json.loads(self.path.read_text())
        self.assertEqual(['b'], list(saved['hosts']))

    def test_where_no_host_tells_nothing_is_saved(self) -> None:
        self.probing.builds = {'a': [Build('ACTIVE')], 'b': [Build('ACTIVE')]}
        self.assertEqual(1, self.probe('--save', self.path))
        self.assertEqual([], self.rows)
        self.assertFalse(self.path.exists())

    def test_where_no_host_can_be_asked_nothing_is_made(self) -> None:
        self.probing.held = [host(up=False)]
        self.assertEqual(1, self.run_command())
        self.assertEqual([], self.temporary.deleted)

    def test_hosts_and_a_flavor_can_be_named(self) -> None:
        self.probing.flavors = {'tiny': 'flavor-1'}
        self.assertEqual(0, self.probe('--host', 'b', '--flavor', 'tiny'))
        self.assertEqual(['west:b'], self.probing.forced)
        self.assertNotIn(ResourceKind.FLAVOR, self.temporary.deleted)
        self.assertNotIn('flavor', self.told)

    def test_a_host_or_flavor_that_does_not_exist_makes_nothing(self) -> None:
        for words in (('--host', 'c'), ('--flavor', 'c')):
            self.assertIn(f'{words[0]}: no', self.refused(*words))
        self.assertEqual([], self.temporary.deleted)

    def test_an_unusable_file_is_found_out_before_any_request(self) -> None:
        for path, why in (
            (self.file('resources: []\n'), 'not a list of machine types'),
            ('/dev/null', 'expected a regular file, found a device'),
        ):
            self.assertIn(why, self.refused('--save', path))
        self.assertEqual([], self.asked)

    def test_an_earlier_list_is_replaced(self) -> None:
        for _turn in range(2):
            self.assertEqual(0, self.probe('--save', self.path))

    def test_the_question_names_all_that_is_made_and_where(self) -> None:
        self.typing('y\n')
        self.assertEqual(0, self.run_command())
        for text in (
            'In project erp of cloud dst, all named osc-hwmt-probe-',
            'image: private, 512 bytes, hw_machine_type=osc-hwmt-probe',
            'flavor: private, 1 vCPU, 64 MB of memory, no disk',
            'server: one on each of a (nova), b (west)',
            'counts a failed build',
            'on cloud dst, to query 2 host(s)? [y/N]',
        ):
            self.assertIn(text, self.told)


class InspectServersTest(ProbesTestCase):
    command = Inspect

    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            servers=[
                fakes.server('web', 'server-1', ['volume-1', 'volume-2']),
                fakes.server('db\x1b', 'server-2', ['volume-3']),
            ],
            volumes=[
                fakes.volume(f'volume-{number}', size=number * 10)
                for number in (1, 2, 3)
            ],
            name='src',
        )
        self.temporary = self.cloud.temporary
        self.cloud.inspecting.recorded = {'server-2': {MACHINE_TYPE: 'pc'}}

    def test_each_server_tells_what_nova_recorded(self) -> None:
        self.assertEqual(0, self.run_command('--auto-approve'))
        self.assertEqual(
            [('server-1', 'q35'), ('server-2', 'pc')],
            [tuple(row.values()) for row in self.rows],
        )
        self.assertEqual({}, self.temporary.held)

    def test_the_question_has_the_exact_counts(self) -> None:
        self.typing('y\n')
        self.assertEqual(0, self.run_command('--concurrency', 1))
        for text in (
            'In project erp of cloud src, all named osc-hwmt-inspect-',
            '  image: 2, without data',
            '  volume snapshot: 3, one of each volume of these servers',
            'At most 1 server(s) at a time, with snapshots of at most 30 GiB',
            'file systems of a running server',
            'Inspect 2 server(s) on cloud src? [y/N]',
        ):
            self.assertIn(text, self.told)

    def test_a_server_that_tells_nothing_is_a_warning_and_a_failure(
        self,
    ) -> None:
        self.temporary.troubles['image server-2'] = [
            CloudError('rebooting', 409)
        ]
        self.assertEqual(1, self.run_command('--auto-approve'))
        self.assertEqual(['server-1'], self.column('ID'))
        self.assertIn(
            'server db\\x1b (server-2) was not inspected: rebooting',
            self.logged.output,
        )

    def test_where_no_server_can_be_inspected_nothing_is_asked(self) -> None:
        self.cloud.compute.held = [
            dataclasses.replace(server, status='SHELVED_OFFLOADED')
            for server in self.cloud.compute.held
        ]
        self.assertEqual(1, self.run_command())
        self.assertEqual(2, len(self.logged.output.splitlines()))

    def test_without_servers_all_is_well(self) -> None:
        self.cloud.compute.held = []
        self.assertEqual(0, self.run_command())

    def test_a_release_that_records_nothing_is_refused(self) -> None:
        self.cloud.compute.microversion = (2, 79)
        self.assertIn('Wallaby', self.refused('--auto-approve'))
