# SPDX-License-Identifier: Apache-2.0

"""A wave that two controllers import side by side, as job slices do."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.format import Record
from tests.hook.importing import PC, Q35, ImportTest, Played

PLAYBOOK = 'osc_hwmt.machine_type.import_wave'


class SliceTest(ImportTest):
    def setUp(self) -> None:
        super().setUp()
        self.journals = self.home / 'journals'
        self.environment['OSC_HWMT_JOURNAL_DIRECTORY'] = str(self.journals)
        self.projects: dict[str, Path] = {}
        for number in range(4):
            name = f'project-{number}'
            self.projects[name] = self.data_directory(name)
            self.workloads(
                *(
                    self.resource(f'{kind}-{number}', wanted)
                    for kind, wanted in (('erp', PC), ('web', Q35))
                ),
                self.resource(f'later-{number}', PC),
                path=self.projects[name] / 'workloads.yml',
            )
        self.wave = self.home / 'wave-1.txt'
        self.wave.write_text(
            '# wave 1\n' + ''.join(f'erp-{n}\nweb-{n}\n' for n in range(3))
        )

    def slice(self, number: int, of: int, **variables: str) -> Played:
        """Play a slice of the projects, as AAP gives them out."""
        names = list(self.projects)[number::of]
        return self.play(
            '-e',
            json.dumps(
                {
                    'osc_hwmt_wave': str(self.wave),
                    'osc_hwmt_note': 'wave 1',
                    **variables,
                }
            ),
            playbook=PLAYBOOK,
            hosts={name: self.projects[name] for name in names},
        )

    def records(self) -> list[Record]:
        return [
            journal_format.read_journal(path.read_text(), str(path))
            for path in sorted(self.journals.glob('*.journal'))
        ]

    def test_two_slices_write_each_volume_once_and_wait_for_nobody_gone(
        self,
    ) -> None:
        with ThreadPoolExecutor(2) as pool:
            played = list(
                pool.map(
                    lambda n: self.slice(
                        n, 2, osc_hwmt_reports=str(self.home)
                    ),
                    range(2),
                )
            )
        self.assertEqual(
            {
                f'{kind}-{number}': wanted
                for number in range(3)
                for kind, wanted in (('erp', PC), ('web', Q35))
            },
            self.destination.built_with(),
        )
        written = [
            one.write.server
            for record in self.records()
            for one in record.announced
        ]
        self.assertEqual(
            sorted(f'{kind}-{n}' for kind in ('erp', 'web') for n in range(3)),
            sorted(written),
        )
        self.assertTrue(all(one.ended for one in self.records()))
        self.assertEqual(
            {'wave 1'}, {one.header.note for one in self.records()}
        )
        for one in played:
            for line in re.findall('waiting for .*', one.out):
                # Of whom it waits for there is a journal.
                self.assertRegex(line, r'\.journal')
        self.assertEqual(
            [f'project-{n}.html' for n in range(3)],
            sorted(path.name for path in self.home.glob('*.html')),
        )

    def test_a_slice_that_is_run_again_writes_nothing(self) -> None:
        self.slice(0, 2)
        before = len(self.records())
        again = self.slice(0, 2)
        self.assertEqual(before, len(self.records()))
        self.assertNotIn('osc-hwmt: journal', again.all)
