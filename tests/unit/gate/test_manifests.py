# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os

from osc_hwmt.exceptions import FileError, ManifestError
from osc_hwmt.gate.manifests import Manifests
from osc_hwmt.gate.request import Creation, Reads
from tests.unit.support import cases, fakes
from tests.unit.support.gating import listed


def ordered(name: str, count: int = 1) -> Creation:
    return Creation(name, Reads.IMAGE, 'i', None, count)


class ManifestsTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.said: list[str] = []
        self.warned: list[str] = []
        self.write('a.yml', listed())

    def write(self, name: str, *resources: dict[str, object]) -> str:
        path = self.home / name
        path.write_text(fakes.manifest_text(*resources))
        return str(path)

    def manifests(self, *names: str, keep: bool = False) -> Manifests:
        paths = [str(self.home / name) for name in names or ('a.yml',)]
        return Manifests(
            paths, keep=keep, say=self.said.append, warn=self.warned.append
        )

    def names(self, manifests: Manifests, *names: str) -> list[str]:
        latest = manifests.latest()
        return [e.name for name in names for e in latest.of(ordered(name))]

    def test_several_manifests_are_one_list(self) -> None:
        self.write('b.yml', listed('crm', server_id='source-2'))
        several = self.manifests('a.yml', 'b.yml', 'a.yml')
        self.assertEqual(['web', 'crm'], self.names(several, 'web', 'crm'))
        self.assertEqual(['manifests read; servers in them: 2'], self.said)
        (entry,) = several.latest().of(ordered('crm'))
        self.assertIn('crm', several.of(entry.path).text)

    def test_one_server_in_two_manifests_is_an_error(self) -> None:
        self.write('b.yml', listed())
        several = self.manifests('a.yml', 'b.yml')
        self.assertRaises(ManifestError, several.latest)

    def test_a_manifest_is_read_again_when_it_has_changed(self) -> None:
        one = self.manifests()
        self.assertIs(one.latest(), one.latest())
        self.write('a.yml', listed('crm'))
        self.assertEqual(['crm'], self.names(one, 'web', 'crm'))
        self.assertEqual(2, len(self.said))

    def test_a_file_that_is_replaced_is_another_one(self) -> None:
        one = self.manifests()
        one.latest()
        os.replace(self.write('new.yml', listed('crm')), self.home / 'a.yml')
        self.assertEqual(['crm'], self.names(one, 'crm'))

    def test_while_one_is_broken_nothing_is_listed(self) -> None:
        one = self.manifests()
        one.latest()
        (self.home / 'a.yml').write_text('resources: [')
        for _time in range(2):
            self.assertRaises(ManifestError, one.latest)
        self.write('a.yml', listed())
        self.assertEqual(['web'], self.names(one, 'web'))

    def test_or_the_last_good_one_counts_with_one_warning(self) -> None:
        one = self.manifests(keep=True)
        one.latest()
        for text in ('resources: [', 'resources: [', 'other'):
            (self.home / 'a.yml').write_text(text)
            self.assertEqual(['web'], self.names(one, 'web'))
        self.assertEqual(2, len(self.warned), self.warned)
        self.assertIn(
            'still using the manifests read before: Invalid', self.warned[0]
        )
        (self.home / 'a.yml').unlink()
        self.assertEqual(['web'], self.names(one, 'web'))

    def test_without_a_good_one_there_is_nothing_to_keep(self) -> None:
        (self.home / 'a.yml').unlink()
        error = self.assertRaises(FileError, self.manifests(keep=True).latest)
        self.assertIn('no manifest at', str(error))

    def test_a_text_is_a_manifest_too(self) -> None:
        one = Manifests([], {'[filter]': fakes.manifest_text(listed())})
        self.assertEqual(['web'], self.names(one, 'web'))
        broken = Manifests([], {'[filter]': 'x'}, keep=True)
        error = self.assertRaises(ManifestError, broken.latest)
        self.assertIn('[filter]:1', str(error))

    def test_numbered_names_are_found_up_to_the_count(self) -> None:
        self.write(
            'a.yml',
            *(
                listed(name, server_id=f'source-{name}')
                for name in ('web-2', 'web-03', 'web-10', 'web-', 'web')
            ),
        )
        latest = self.manifests().latest()
        for count, names in (
            (1, ['web']),
            (2, ['web', 'web-2']),
            (10**18, ['web', 'web-2', 'web-10']),
        ):
            found = [one.name for one in latest.of(ordered('web', count))]
            self.assertEqual(names, found, count)

    def test_volumes_of_no_server_are_not_ordered_by_name(self) -> None:
        volume = fakes.source_volume()
        volume['params']['hw_machine_type'] = fakes.PC
        one = Manifests([], {'volumes': fakes.manifest_text(volume)})
        self.assertEqual(0, one.latest().count)
