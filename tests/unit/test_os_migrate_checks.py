# SPDX-License-Identifier: Apache-2.0

"""What export leaves in os-migrate's files passes os-migrate's own checks."""

from __future__ import annotations

import copy
import fnmatch
import pathlib
import random
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from osc_hwmt.exceptions import Error
from osc_hwmt.local import files
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model import properties
from tests.manifest_properties import styles
from tests.manifest_properties.edits import edited
from tests.unit.support import cases
from tests.unit.support.os_migrate_checks import NEEDED, complaints

FILES = sorted(cases.DATA.glob('os-migrate-*.yml'))
PATH = 'workloads.yml'


def _version(path: pathlib.Path) -> str:
    return path.name.split('-')[2]


class CheckTest(cases.TestCase):
    """The checks of these tests find what os-migrate would."""

    def setUp(self) -> None:
        super().setUp()
        self.data = yaml.safe_load(cases.real_workloads())

    def complaints(self, data: Any, *others: Any) -> list[str]:
        texts = [yaml.safe_dump(one) for one in (data, *others)]
        return complaints(texts, '1.0.5')

    def test_a_file_of_each_version_is_there_and_passes(self) -> None:
        self.assertEqual(set(NEEDED), set(map(_version, FILES)))
        for path in FILES:
            text = path.read_text(encoding='utf-8')
            self.assertEqual([], complaints([text], _version(path)), path)

    def test_each_check_can_fail(self) -> None:
        server = self.data['resources'][0]
        volume = self.data['resources'][3]['params']['volumes'][0]
        spoilt: tuple[tuple[Callable[[Any], Any], str], ...] = (
            (lambda one: one.pop('type'), 'the type None is not known'),
            (
                lambda one: one.update(type='openstack.compute.Servers'),
                'the type openstack.compute.Servers is not known',
            ),
            (lambda one: one['params'].pop('name'), 'no params.name'),
            (
                lambda one: one['params'].update(name=''),
                'params.name is empty',
            ),
            (lambda one: one['_info'].pop('id'), 'no _info.id'),
            (
                lambda one: one['params'].pop('availability_zone'),
                'no params.availability_zone',
            ),
        )
        for spoil, expected in spoilt:
            for resource in (server, volume):
                one = copy.deepcopy(resource)
                spoil(one)
                found = self.complaints({**self.data, 'resources': [one]})
                self.assertEqual([expected], found)
        for key in NEEDED['1.0.5'][server['type']].migration:
            one = copy.deepcopy(server)
            del one['_migration_params'][key]
            self.assertEqual(
                [f'no _migration_params.{key}'],
                self.complaints({**self.data, 'resources': [one]}),
            )

    def test_files_of_a_directory_are_checked_together(self) -> None:
        first = self.data['resources'][0]
        self.assertEqual(
            ['openstack.compute.Server img-backed stands 2 times'],
            self.complaints(self.data, {**self.data, 'resources': [first]}),
        )
        self.assertEqual(['an empty file'], complaints(['# c\n'], '1.0.5'))
        # A standalone manifest, or a file of rules, does not belong there.
        others: tuple[Any, ...] = ({'resources': []}, {'rules': []})
        for other in others:
            self.assertEqual(
                ['a file of another version'],
                self.complaints(self.data, other),
            )


class ExportedTest(cases.TestCase):
    @settings(max_examples=40)
    @given(
        st.sampled_from(FILES),
        st.sampled_from(['as it is', 'PyYAML', 'by hand']),
        st.integers(0, 1 << 30),
    )
    def test_what_passed_passes_after_an_export(
        self, path: pathlib.Path, style: str, seed: int
    ) -> None:
        chance = random.Random(seed)
        text = path.read_text(encoding='utf-8')
        if style == 'PyYAML':
            text = yaml.safe_dump(yaml.safe_load(text), indent=4, width=30)
        elif style == 'by hand':
            text = styles.written(yaml.safe_load(text), chance, editable=True)
        try:
            after = edited(text, PATH, chance)
        except Error:
            self.assertRegex(text, styles.EXPLICIT)
            assume(False)
        # A standalone manifest alone has servers that os-migrate has not.
        old = {one.server_id for one in read_manifest(text, PATH).entries}
        assume(
            old
            == {one.server_id for one in read_manifest(after, PATH).entries}
        )
        self.assertEqual([], complaints([after], _version(path)))

    def test_a_server_that_export_adds_is_not_os_migrates(self) -> None:
        text = cases.real_workloads()
        for seed in range(100):
            after = edited(text, PATH, random.Random(seed))
            if 'id: new\n' in after:
                self.assertNotEqual([], complaints([after], '1.0.5'))
                return
        self.fail('no server was added')

    def test_no_wish_has_the_name_of_what_os_migrate_reads(self) -> None:
        names = {
            key
            for kinds in NEEDED.values()
            for needed in kinds.values()
            for key in needed.params | needed.migration
        }
        self.assertEqual([], list(filter(properties.is_property, names)))

    def test_a_backup_is_no_file_of_the_directory(self) -> None:
        path = self.directory() / 'workloads.yml'
        path.write_text('resources: []\n', encoding='utf-8')
        before = files.read(str(path))
        files.write(before, 'resources: [ ]\n', backup=True)
        names = [one.name for one in path.parent.iterdir()]
        self.assertEqual(2, len(names))
        self.assertEqual(['workloads.yml'], fnmatch.filter(names, '*.yml'))
