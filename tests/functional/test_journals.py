# SPDX-License-Identifier: Apache-2.0

"""Journals of several runs in one directory, and a wave undone from them."""

from __future__ import annotations

import fcntl
import json
from typing import Any

from tests.clouds.scenario import I440FX, Q35
from tests.functional.project import ProjectTestCase


class JournalDirectoryTest(ProjectTestCase):
    """Three servers, and runs that share a directory as containers do."""

    def setUp(self) -> None:
        super().setUp()
        self.there = self.directory / 'journals'
        # Each has a file system of its own but for that.
        self.containers = [
            {
                'TMPDIR': str(self.directory),
                'HOME': str(self.directory / f'home-{name}'),
                'OSC_HWMT_JOURNAL_DIRECTORY': str(self.there),
            }
            for name in 'ab'
        ]
        self.volumes = {
            name: self.volume(name) for name in ('web', 'db', 'crm')
        }

    def apply_all(self, machine_type: str, *names: str) -> None:
        self.manifest(dict.fromkeys(names, machine_type))
        self.apply('vms.yml', *self.words, '--note', f'{machine_type} {names}')

    @property
    def words(self) -> tuple[str, ...]:
        return '--auto-approve', '--journal-directory', str(self.there)

    def held(self) -> dict[str, str | None]:
        return {
            name: self.machine_type_of(volume_id)
            for name, volume_id in self.volumes.items()
        }

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines of all journals."""
        return [
            json.loads(line)
            for path in sorted(self.there.glob('*.journal'))
            for line in path.read_text().splitlines()
        ]

    def test_two_containers_write_nothing_twice(self) -> None:
        self.manifest(dict.fromkeys(self.volumes, I440FX))
        processes = [
            self.start(
                *('migrate', 'machine-type', 'apply', '-f', 'json'),
                *('--destination-cloud', 'dst', 'vms.yml', '--auto-approve'),
                environment=container,
            )
            for container in self.containers
        ]
        for process in processes:
            self.end(process, 0)
        self.assertEqual(set(self.volumes), set(self.held()))
        self.assertEqual({I440FX}, set(self.held().values()))
        intents = [one['intent'] for one in self.lines() if 'intent' in one]
        self.assertEqual(sorted(self.volumes.values()), sorted(intents))

    def test_who_waits_is_told_for_whom(self) -> None:
        self.apply_all(I440FX, 'db')
        self.manifest({'web': I440FX})
        (lock,) = self.there.glob('project-*.lock')
        with lock.open('rb+') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            waiting = self.start(
                *('migrate', 'machine-type', 'apply', '-f', 'json'),
                *('--destination-cloud', 'dst', 'vms.yml', *self.words),
            )
            assert waiting.stderr
            told = waiting.stderr.readline()
            self.assertIn('waiting for process ', told)
            self.assertIsNone(self.held()['web'])
        self.end(waiting, 0)
        self.assertEqual(I440FX, self.held()['web'])

    def test_a_wave_is_undone_from_several_journals(self) -> None:
        self.apply_all(I440FX, 'web', 'db')
        self.apply_all(Q35, 'db', 'crm')
        self.apply_all(I440FX, 'db')
        self.assertEqual(
            {'web': I440FX, 'db': I440FX, 'crm': Q35}, self.held()
        )
        (self.directory / 'wave.txt').write_text('db\ncrm\n')
        undo = ('--destination-cloud', 'dst', *self.words)
        answer = self.machine_type(
            'rollback', *undo, '--servers-from', 'wave.txt'
        )
        self.assertEqual(
            [('restored', I440FX), ('restored', Q35)],
            [
                (row['Result'], row['Found']['hw_machine_type'])
                for row in answer.rows
            ],
        )
        self.assertEqual({'web': I440FX, 'db': None, 'crm': None}, self.held())
        for note in (f"({I440FX} ('web', 'db'))", f"({I440FX} ('db',))"):
            self.assertIn(note, answer.err)
        again = self.machine_type('rollback', *undo, '--server', 'db')
        self.assertEqual('as before', again.row(Server='db')['Result'])

    def test_a_forged_journal_writes_nothing(self) -> None:
        self.apply_all(I440FX, 'web')
        (path,) = self.there.glob('*.journal')
        header, intent, *rest = map(json.loads, path.read_text().splitlines())
        change = {'old': 'evil', 'new': I440FX}
        for forged in (
            {'changes': {'image_id': change}},
            {'intent': f'../../{self.project_id}/volumes/x'},
            {'project_id': 'f' * 32},
        ):
            lines = (header, {**intent, **forged}, *rest)
            (self.directory / 'forged').write_text(
                ''.join(json.dumps(line) + '\n' for line in lines)
            )
            self.machine_type(
                'rollback',
                *('forged', '--destination-cloud', 'dst', '--auto-approve'),
                '--overwrite-changed',
                code=1,
            )
        self.assertEqual(I440FX, self.held()['web'])
