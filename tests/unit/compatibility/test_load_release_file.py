# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility import release_file
from osc_hwmt.exceptions import FileError, ManifestError
from tests.unit.support import cases

OWN = """
products:
  rhoso18: {{hosts: {{rhel9.6: attested}}, status: attested, source: {}}}
"""


class LoadTest(cases.TestCase):
    def test_the_package_knows_something(self) -> None:
        self.assertIn('rhoso18', release_file.load([]).products)

    def test_the_last_file_has_the_last_word(self) -> None:
        paths = []
        for name in ('one', 'two'):
            paths.append(str(self.directory() / name))
            with open(paths[-1], 'w', encoding='utf-8') as file:
                file.write(OWN.format(name))
        product = release_file.load(paths).product('rhoso18')
        self.assertEqual(['rhel9.6'], list(product.hosts))
        self.assertEqual('two', product.source)
        self.assertEqual('q35', product.default(None))

    def test_a_wrong_file_is_named(self) -> None:
        path = self.directory() / 'own.yaml'
        path.write_text('hosts: 3', encoding='utf-8')
        error = self.assertRaises(
            ManifestError, release_file.load, [str(path)]
        )
        self.assertIn(f'{path}:1:8: expected a mapping', str(error))

    def test_an_absent_file_is_named(self) -> None:
        path = str(self.directory() / 'no.yaml')
        error = self.assertRaises(FileError, release_file.load, [path])
        self.assertIn(path, str(error))
