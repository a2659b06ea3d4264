# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.commands.list import ListMachineType
from tests.unit.support import shell


class ListTestCase(shell.CommandTestCase):
    command = ListMachineType

    def names(self) -> list[str]:
        return [str(name) for name in self.column('Machine Type')]


class ListTest(ListTestCase):
    def test_no_cloud_is_asked(self) -> None:
        self.assertEqual(0, self.run_command())
        self.assertEqual([], self.asked)

    def test_alone_it_lists_the_releases(self) -> None:
        self.run_command()
        self.assertIn('rhoso18', self.column('Release'))
        self.assertIn('--destination-release', self.told)

    def test_an_architecture_alone_is_that_of_the_defaults(self) -> None:
        self.run_command('--architecture', 'aarch64')
        defaults = dict(
            zip(self.column('Release'), self.column('Default Machine Type'))
        )
        self.assertEqual('virt-rhel7.6.0', defaults['rhosp16.2'])

    def test_a_release_lists_its_machine_types(self) -> None:
        for option in ('--destination-release', '--source-release'):
            self.start_again()
            self.run_command(option, 'rhoso18', '--architecture', 'x86_64')
            self.assertIn('pc-i440fx-rhel7.6.0', self.names())
            self.assertNotIn('virt', self.names())
            self.assertIn('compute hosts rhel9.4 (attested)', self.told)

    def test_two_releases_tell_what_becomes_of_each(self) -> None:
        self.run_command(
            '--source-release',
            'rhosp16.2',
            '--destination-release',
            'rhoso18',
            '--family',
            'i440fx',
        )
        fates = dict(zip(self.names(), self.column('Destination')))
        self.assertEqual('unsupported', fates['pc-i440fx-rhel7.5.0'])
        self.assertEqual('deprecated', fates['pc-i440fx-rhel7.6.0'])

    def test_a_family_is_named_by_any_of_its_machine_types(self) -> None:
        found = []
        for name in ('i440fx', 'pc', 'pc-i440fx-rhel7.6.0'):
            self.start_again()
            self.run_command('--family', name)
            found.append(self.names())
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])
        self.assertIn('rhel6.6.0', found[0])

    def test_more_is_told_on_request(self) -> None:
        self.run_command('--long')
        self.assertIn(24, self.column('PCIe Ports'))
        self.start_again()
        self.run_command('--destination-release', 'rhel9.4', '--long')
        self.assertIn(710, self.column('Max CPUs'))

    def test_mistakes_are_told_in_words(self) -> None:
        self.assertIn(
            'did you mean rhoso18?',
            self.misused('--destination-release', 'RHOSO 18'),
        )
        self.assertIn(
            'known architectures: x86_64',
            self.misused('--architecture', 'vax'),
        )
        self.assertIn('expected one of i440fx', self.misused('--family', 'x'))


HOSTS = """{"hosts": {
  "a": {"source": "probe", "machines": ["pc-i440fx-7.2", "pc-q35-7.2", "pc"]},
  "b": {"source": "probe", "machines": ["pc-i440fx-7.2", "pc"]}
}}"""


class HostsTest(ListTestCase):
    """What hosts tell themselves, by a file or when they are probed."""

    def setUp(self) -> None:
        super().setUp()
        self.path = self.file(HOSTS, 'types.json')

    def test_collected_hosts_are_listed_without_a_cloud(self) -> None:
        self.assertEqual(0, self.run_command('--destination-hosts', self.path))
        self.assertEqual(['pc-i440fx-7.2', 'pc', 'pc-q35-7.2'], self.names())
        self.assertEqual([[], [], ['b']], self.column('Lacking'))
        self.assertEqual([], self.asked)

    def test_a_host_may_be_called_like_a_release(self) -> None:
        path = self.file(HOSTS.replace('"a"', '"rhel9.4"'), 'types.json')
        self.run_command('--destination-hosts', path, '--long')
        self.assertEqual({'collected'}, set(self.column('Status')))

    def test_what_hosts_do_not_offer_alike_is_shown_alone(self) -> None:
        self.run_command('--destination-hosts', self.path, '--differing')
        self.assertEqual(['pc-q35-7.2'], self.names())
        self.assertEqual([['a']], self.column('Hosts'))

    def test_a_source_release_is_compared_with_the_hosts(self) -> None:
        self.run_command(
            '--source-release',
            'rhosp16.2',
            '--destination-hosts',
            self.path,
            '--destination-release',
            'rhoso18',
            '--family',
            'i440fx',
        )
        fates = dict(zip(self.names(), self.column('Destination')))
        self.assertEqual('unsupported', fates['pc-i440fx-rhel7.6.0'])
        self.assertEqual('supported', fates['pc'])
        self.assertNotIn('rhel9.4', self.told)

    def test_a_probe_tells_of_hosts_too(self) -> None:
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.assertEqual(
            0,
            self.run_command(
                '--probe',
                '--auto-approve',
                '--destination-cloud',
                'dst',
                '--destination-hosts',
                self.path,
                '--differing',
            ),
        )
        self.assertEqual([('dst', '--destination-cloud')], self.asked)
        lacking = dict(zip(self.names(), self.column('Lacking')))
        self.assertEqual(['a', 'b'], lacking['q35'])
        self.assertEqual(['b'], lacking['pc-q35-7.2'])

    def test_what_is_for_a_probe_is_refused_without_one(self) -> None:
        for words in (
            ('--host', 'a'),
            ('--flavor', 'tiny'),
            ('--save', 'x'),
            ('--auto-approve',),
            ('--destination-cloud', 'dst'),
        ):
            self.assertIn(
                f'{words[0]}: only allowed with --probe', self.misused(*words)
            )
        self.assertEqual([], self.asked)
