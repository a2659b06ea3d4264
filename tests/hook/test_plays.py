# SPDX-License-Identifier: Apache-2.0

"""Plays of several forms, of several hosts, and several at once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from tests.functional.destination import MACHINE_TYPE
from tests.hook.importing import HOOK, PC, Q35, ImportTest, variable


class PlayTest(ImportTest):
    """What a play may be like."""

    def test_what_was_written_is_in_one_journal(self) -> None:
        self.workloads(self.resource('erp', PC), self.resource('web', Q35))
        played = self.play()
        (journal,) = self.data.glob('*.journal')
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        self.assertEqual('hook', lines[0]['command'])
        self.assertEqual(
            [PC, Q35],
            [
                line['changes'][MACHINE_TYPE]['new']
                for line in lines
                if 'intent' in line
            ],
        )
        self.assertEqual(0o600, journal.stat().st_mode & 0o777)
        self.assertIn(f'osc-hwmt: journal: {journal}', played.all)

    def test_a_second_import_has_nothing_to_do(self) -> None:
        self.workloads(self.resource('erp', PC))
        self.play()
        again = self.play()
        self.assertNotIn('osc-hwmt', again.all)
        self.assertEqual(1, len(list(self.data.glob('*.journal'))))

    def test_a_check_changes_nothing_and_asks_for_nothing(self) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play('--check')
        self.assertNotIn('osc-hwmt', played.all)
        self.assertEqual([], self.destination.listed('volumev3', 'volumes'))

    def test_data_may_be_copied_in_the_background(self) -> None:
        for poll in ('1', '0'):
            with self.subTest(poll):
                name = f'poll-{poll}'
                self.workloads(self.resource(name, PC))
                self.play('-e', f'transfer_limit=60 transfer_poll={poll}')
                self.assertEqual(PC, self.destination.built_with()[name])

    def test_several_hosts_import_at_once(self) -> None:
        other = self.data_directory('other')
        self.workloads(self.resource('erp', PC), self.resource('web', Q35))
        self.workloads(self.resource('crm', Q35), path=other / 'workloads.yml')
        hosts = {'here': self.data, 'there': other}
        self.play('--forks', '2', hosts=hosts)
        self.assertEqual(
            {'erp': PC, 'web': Q35, 'crm': Q35},
            self.destination.built_with(),
        )


class TurnsTest(ImportTest):
    """Several at once that write to one project."""

    def test_two_plays_of_one_directory_do_not_disturb_each_other(
        self,
    ) -> None:
        names = ('erp', 'crm')
        self.workloads(*(self.resource(name, PC) for name in names))
        halves = [
            self.workloads(self.resource(name, PC), path=self.home / name)
            for name in names
        ]
        manifest = self.home / 'manifest.yml'
        self.workloads(*self._read(*halves), path=manifest)
        with ThreadPoolExecutor(2) as pool:
            plays = [
                pool.submit(
                    self.play,
                    *('-e', f'workloads_file={half}'),
                    manifest=str(manifest),
                )
                for half in halves
            ]
        for playing in plays:
            self.assertIn('1 server: 1 set', playing.result().all)
        self.assertEqual({'erp': PC, 'crm': PC}, self.destination.built_with())
        self.assertEqual(2, len(list(self.home.glob('*.journal'))))

    def _read(self, *paths: Path) -> list[dict[str, Any]]:
        return [
            one
            for path in paths
            for one in yaml.safe_load(path.read_text())['resources']
        ]


class UntouchedTest(ImportTest):
    """Plays that the hook has nothing to do in."""

    def test_any_other_play_does_not_even_load_the_package(self) -> None:
        playbook = self.write(
            self.home / 'other.yml',
            [{'hosts': 'all', 'tasks': [{'ansible.builtin.ping': {}}]}],
        )
        self.environment['PYTHONPROFILEIMPORTTIME'] = '1'
        played = self.play(playbook=playbook, manifest='/nowhere.yml')
        loaded = {
            line.rpartition('|')[2].strip().partition('.')[0]
            for line in played.err.splitlines()
            if line.startswith('import time:')
        }
        self.assertIn('ansible', loaded)
        self.assertNotIn('osc_hwmt', loaded)

    def test_ansible_shows_what_can_be_set(self) -> None:
        shown = self.ansible('ansible-doc', '-t', 'callback', HOOK)
        for option in (
            'manifest',
            'destination_cloud',
            'clouds_file',
            'on_failure',
            'journal_directory',
            'retry_minutes',
            'keep_volumes',
        ):
            self.assertIn(variable(option), shown.out)
