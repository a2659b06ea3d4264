# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import logging
import pathlib

import fixtures

from osc_hwmt.commands import inputs
from osc_hwmt.exceptions import Error, FileError, ManifestError
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.server_patterns import Pattern, ServerPatterns
from tests.unit.support import cases
from tests.unit.support.fakes import PC, entry, manifest_text, resource

KEY = 'hw_machine_type'


class InputsTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()

    def file(self, text: str, name: str = 'workloads.yml') -> str:
        """Return the path of a new file of that text."""
        path: pathlib.Path = self.home / name
        path.write_text(text, encoding='utf-8')
        return str(path)


class ReadManifestsTest(InputsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.file(
            manifest_text(resource(), resource('db', 'source-2'))
        )

    def test_manifests_come_in_the_order_of_the_command_line(self) -> None:
        other = self.file(manifest_text(resource('a', 'id-a')), 'a.yml')
        found = inputs.read_manifests([self.path, other])
        self.assertEqual([self.path, other], [one.path for one in found])

    def test_the_same_file_twice_is_one_file(self) -> None:
        found = inputs.read_manifests([self.path, self.path])
        self.assertEqual(1, len(found))

    def test_problems_of_all_files_are_told_at_once(self) -> None:
        bad = self.file(
            manifest_text(resource('x', 'id-x', params={KEY: 1})), 'bad.yml'
        )
        worse = self.file('[]', 'worse.yml')
        error = self.assertRaises(
            ManifestError, inputs.read_manifests, [self.path, bad, worse]
        )
        self.assertEqual([bad, worse], [one.path for one in error.problems])

    def test_a_file_that_can_not_be_read_hides_no_other_problem(self) -> None:
        worse = self.file('[]', 'worse.yml')
        absent = str(self.home / 'none.yml')
        error = self.assertRaises(
            FileError, inputs.read_manifests, [worse, absent]
        )
        self.assertIn('none.yml: cannot be read', str(error))
        self.assertIn('worse.yml:1:1', str(error))

    def test_a_server_in_two_files_is_refused(self) -> None:
        copy = self.file(manifest_text(resource()), 'copy.yml')
        error = self.assertRaises(
            ManifestError, inputs.read_manifests, [self.path, copy]
        )
        self.assertIn('already', str(error))

    def test_what_is_no_server_is_left_alone_and_counted(self) -> None:
        network = {'type': 'openstack.network.Network', 'params': {}}
        path = self.file(manifest_text(resource(), network), 'mixed.yml')
        log = self.useFixture(fixtures.FakeLogger(level=logging.WARNING))
        inputs.read_manifests([path])
        self.assertEqual(
            f'{path}: 1 other resources ignored\n',
            log.output,
        )


class SelectTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.web = entry()
        self.db = entry('db', 'source-2')
        self.namesake = entry('db', 'source-3')

    def selected(self, *servers: str) -> list[Entry]:
        every = [self.web, self.db, self.namesake]
        return inputs.select(
            every, ServerPatterns(tuple(map(Pattern, servers)))
        )

    def test_nobody_named_is_everybody(self) -> None:
        self.assertEqual([self.web, self.db, self.namesake], self.selected())

    def test_a_server_is_named_by_a_pattern_or_its_id(self) -> None:
        self.assertEqual([self.web], self.selected('web'))
        self.assertEqual([self.namesake], self.selected('source-3'))
        self.assertEqual([self.db, self.namesake], self.selected('d*'))

    def test_the_order_is_the_manifests_and_each_comes_once(self) -> None:
        self.assertEqual(
            [self.web, self.db], self.selected('source-2', 'source-1', 'web')
        )

    def test_every_unknown_server_is_named(self) -> None:
        error = self.assertRaises(Error, self.selected, 'z\x1b', 'web', 'a')
        self.assertIn(
            'in the manifest matches: z\\x1b (--server), a (--server)',
            str(error),
        )


class ServersTest(InputsTestCase):
    def test_both_options_together_choose(self) -> None:
        path = self.file('# wave 3\ndb-*\n', 'wave.txt')
        chosen = inputs.servers(
            argparse.Namespace(servers=['web'], servers_from=path)
        )
        for name, fits in (('web', True), ('db-1', True), ('erp', False)):
            self.assertEqual(fits, chosen.fit(name, 'id'))

    def test_a_file_that_is_not_there_is_told(self) -> None:
        path = str(self.home / 'nowhere')
        given = argparse.Namespace(servers=None, servers_from=path)
        error = self.assertRaises(FileError, inputs.servers, given)
        self.assertIn(path, str(error))


class DestinationTest(InputsTestCase):
    def test_all_that_the_command_line_names_is_read(self) -> None:
        path = self.file(
            manifest_text(
                resource(params={KEY: PC}), resource('db', 'source-2')
            )
        )
        given = inputs.destination(
            argparse.Namespace(
                manifests=[path],
                servers=['we?'],
                servers_from=None,
                volume_map=self.file('web: volume-9\n', 'map.yml'),
            )
        )
        self.assertEqual([path], [one.path for one in given.manifests])
        self.assertEqual(
            ['source-1'], [one.server_id for one in given.entries]
        )
        self.assertEqual(2, given.described)
        self.assertEqual({'web': 'volume-9'}, given.volume_map)
