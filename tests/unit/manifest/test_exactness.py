# SPDX-License-Identifier: Apache-2.0

"""Whatever way a manifest is written, an edit is all that changes in it.

For facts, wishes, new servers and parked metadata alike: without
the edit, the result is the file as it was, to the byte.
"""

from __future__ import annotations

import codecs
import pathlib
import random

import yaml
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from osc_hwmt.exceptions import Error
from osc_hwmt.local import files
from osc_hwmt.manifest.reading import read_manifest
from tests.manifest_properties import styles
from tests.manifest_properties.edits import edited
from tests.manifest_properties.styles import EXPLICIT
from tests.manifest_properties.undoing import undone
from tests.unit.support import cases

PATH = 'workloads.yml'
_SEEDS = st.integers(0, 1 << 60)


class StyleTest(cases.TestCase):
    """The files of these tests are what they are taken for."""

    @settings(max_examples=30)
    @given(_SEEDS)
    def test_yaml_reads_what_was_written(self, seed: int) -> None:
        chance = random.Random(seed)
        data = styles.data(chance)
        text = styles.written(data, chance)
        self.assertEqual(data, yaml.safe_load(text))
        read_manifest(text, PATH)

    def test_drawn_files_differ_in_all_that_matters(self) -> None:
        texts = []
        for seed in range(300):
            chance = random.Random(seed)
            data = styles.data(chance)
            texts.append(styles.written(data, chance, editable=seed % 2 == 0))
        cut = [
            read_manifest(text, PATH).listing.spans is not None
            for text in texts
        ]
        self.assertGreater(cut.count(True), 60)
        self.assertGreater(cut.count(False), 60)
        for mark in ('\r\n', '---', '...', ' &a1 ', '{', "'", '"', '|-', '#'):
            many = sum(mark in text for text in texts)
            self.assertGreater(many, 10, mark)


class ExactnessTest(cases.TestCase):
    @settings(max_examples=150)
    @given(_SEEDS)
    def test_without_the_edit_it_is_what_it_was(self, seed: int) -> None:
        chance = random.Random(seed)
        before = styles.written(styles.data(chance), chance, editable=True)
        try:
            after = edited(before, PATH, chance)
        except Error as exc:
            self.assertIn('cannot be edited in place', str(exc))
            self.assertRegex(before, EXPLICIT)
            assume(False)
        event('edited' if after != before else 'nothing to edit')
        self.assertEqual(before, undone(before, after))

    def test_bytes_around_the_text_stay(self) -> None:
        path = pathlib.Path(self.directory() / 'workloads.yml')
        chance = random.Random(1)
        text = cases.real_workloads()
        for mark in (b'', codecs.BOM_UTF8):
            content = mark + text.encode()
            path.write_bytes(content)
            read = files.read(str(path))
            after = edited(read.text, PATH, chance)
            self.assertNotEqual(read.text, after)
            files.write(read, after)
            now = path.read_bytes()
            self.assertEqual(mark, now[: len(mark)])
            back = undone(text, now[len(mark) :].decode())
            self.assertEqual(content, mark + back.encode())

    def test_an_edit_that_is_not_ours_is_found_out(self) -> None:
        before = cases.real_workloads()
        after = edited(before, PATH, random.Random(1))
        for old, new in (
            ('    name: erp-win2012\n', '    name:  erp-win2012\n'),
            ('    name: erp-win2012\n', '    name: erp-win2012 # c\n'),
            ('    status: ACTIVE\n', ''),
            ('os_migrate_version: 1.0.5\n', 'os_migrate_version: "1.0.5"\n'),
        ):
            self.assertIn(old, after)
            try:
                found = undone(before, after.replace(old, new, 1))
            except ValueError:
                continue
            self.assertNotEqual(before, found)
