# SPDX-License-Identifier: Apache-2.0

"""A plan is carried out on what was approved, or not at all.

What the cloud does between a plan and its approval, or while a volume is
filled, this test does itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import subprocess
import threading
import time
import unittest
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.clouds import state
from tests.clouds.scenario import I440FX, MACHINE_TYPE, Q35
from tests.functional import fleet as fleets
from tests.functional.base import Answer, FunctionalTest
from tests.functional.destination import Destination
from tests.functional.faulty_proxy import FaultyProxy
from tests.functional.terminal import Terminal

#: What Cinder copies into a volume.
IMAGE_SIZE = 1024 * 1024


def setUpModule() -> None:
    """Make a project, once for all tests of this module."""
    if not fleets.available():
        raise unittest.SkipTest('only the test clouds can be held up')
    PlanTestCase.destination = Destination.made()


def tearDownModule() -> None:
    """Delete it."""
    PlanTestCase.destination.remove()


class PlanTestCase(FunctionalTest):
    destination: Destination

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.destination.empty)
        self.seeder = self.destination.seeder
        self.project_id = self.destination.project_id
        self.configuration = self.directory / 'clouds.yaml'
        self._write(
            self.configuration, {'clouds': {'dst': self.destination.cloud}}
        )

    def _write(self, path: Path, data: object) -> None:
        path.write_text(yaml.safe_dump(data), encoding='utf-8')

    def manifest(
        self,
        wishes: Mapping[str, str],
        named: Mapping[str, str] | None = None,
    ) -> None:
        """Write a manifest of servers, their machine types and volumes."""
        self._write(
            self.directory / 'vms.yml',
            {
                'resources': [
                    _resource(name, wanted, (named or {}).get(name))
                    for name, wanted in wishes.items()
                ]
            },
        )

    def volume(self, name: str, **properties: str) -> str:
        """Make a server's volume."""
        return self.seeder.volume(
            self.project_id,
            f'{name}-boot',
            bootable=True,
            properties=properties,
        )

    def rename(self, volume_id: str, name: str) -> None:
        self.seeder.adapter('volumev3', self.project_id).put(
            f'/volumes/{volume_id}', json={'volume': {'name': f'{name}-boot'}}
        )

    def reset(self, volume_id: str, status: str) -> None:
        """Let a volume be in a status until the test ends."""
        self.seeder.volume_action(
            self.project_id, volume_id, {'os-reset_status': {'status': status}}
        )
        if status != 'available':
            self.addCleanup(self.reset, volume_id, 'available')

    def shown(self, volume_id: str) -> dict[str, Any]:
        return self.seeder.show_volume(self.project_id, volume_id)

    def machine_type_of(self, volume_id: str) -> str | None:
        found: Mapping[str, str] = self.shown(volume_id).get(
            'volume_image_metadata', {}
        )
        return found.get(MACHINE_TYPE)

    def apply(self, *words: str, code: int = 0) -> Answer:
        """Return what apply answers."""
        return self.machine_type(
            'apply', '--destination-cloud', 'dst', *words, code=code
        )

    def approved(
        self, *words: str, change: Callable[[], None], code: int
    ) -> tuple[Answer, str]:
        """Return what apply answers where the cloud changes before the "y".

        Also returned is what it asked.
        """
        terminal = Terminal()
        self.addCleanup(terminal.close)
        process = self.start(
            *('migrate', 'machine-type', 'apply', '-f', 'json'),
            *('--destination-cloud', 'dst', *words),
            stdin=terminal.end,
            stderr=terminal.end,
        )
        asked = terminal.read_until('[y/N] ')
        change()
        terminal.type('y\n')
        return self.end(process, code, asked), asked


class PromptTest(PlanTestCase):
    """What changes while a human reads the question."""

    def setUp(self) -> None:
        super().setUp()
        self.manifest({'web': I440FX, 'db': Q35})
        self.web, self.db = self.volume('web'), self.volume('db')

    def test_two_volumes_whose_names_are_swapped_are_both_refused(
        self,
    ) -> None:
        def swap() -> None:
            self.rename(self.web, 'db')
            self.rename(self.db, 'web')

        answer, asked = self.approved('vms.yml', change=swap, code=1)
        self.assertIn(
            'Write to 2 volumes of cloud dst '
            f'({self.destination.cloud["auth"]["auth_url"]}, region '
            f'{self.destination.cloud["region_name"]}, project '
            f'{self.destination.cloud["auth"]["project_name"]})?',
            asked,
        )
        for name, other, mine, theirs in (
            ('web', 'db', self.web, self.db),
            ('db', 'web', self.db, self.web),
        ):
            row = answer.row(Server=name)
            self.assertEqual('changed meanwhile', row['Result'])
            self.assertIn(
                f'volume {mine} was called {name}-boot when the plan was '
                f'approved, and is called {other}-boot now',
                row['Detail'],
            )
            self.assertIn(f'it would be volume {theirs} now', row['Detail'])
            self.assertIsNone(self.machine_type_of(mine))
        self.apply('--auto-approve', 'vms.yml')
        self.assertEqual(
            (Q35, I440FX),
            (self.machine_type_of(self.web), self.machine_type_of(self.db)),
        )

    def test_a_namesake_that_appears_stops_its_server_alone(self) -> None:
        made: list[str] = []
        answer, _asked = self.approved(
            'vms.yml',
            change=lambda: made.append(self.volume('db')),
            code=1,
        )
        self.assertEqual('set', answer.row(Server='web')['Result'])
        row = answer.row(Server='db')
        self.assertEqual('changed meanwhile', row['Result'])
        self.assertIn(
            f'a second volume of that name has appeared: {made[0]}',
            row['Detail'],
        )
        self.assertEqual(
            (I440FX, None, None),
            tuple(map(self.machine_type_of, (self.web, self.db, made[0]))),
        )

    def test_a_server_that_appears_is_named(self) -> None:
        def build() -> None:
            self.seeder.server(
                self.project_id,
                'web',
                block_devices=[
                    {
                        'boot_index': 0,
                        'uuid': self.web,
                        'source_type': 'volume',
                        'destination_type': 'volume',
                    }
                ],
            )

        answer, _asked = self.approved('vms.yml', change=build, code=1)
        self.assertRegex(
            answer.row(Server='web')['Detail'], r'server \S+ exists now'
        )
        self.assertEqual('set', answer.row(Server='db')['Result'])
        self.assertIsNone(self.machine_type_of(self.web))

    def test_a_volume_that_broke_is_not_written(self) -> None:
        answer, _asked = self.approved(
            'vms.yml', change=lambda: self.reset(self.web, 'error'), code=1
        )
        self.assertIn(
            f'volume {self.web} is in status error',
            answer.row(Server='web')['Detail'],
        )
        self.assertIsNone(self.machine_type_of(self.web))

    def test_what_has_not_changed_is_written(self) -> None:
        answer, _asked = self.approved('vms.yml', change=lambda: None, code=0)
        self.assertEqual(
            ['set', 'set'], [row['Result'] for row in answer.rows]
        )


class PlanFileTest(PlanTestCase):
    """What somebody else approves."""

    def setUp(self) -> None:
        super().setUp()
        self.manifest({'web': I440FX, 'db': Q35})
        self.web, self.db = self.volume('web'), self.volume('db')
        self.plan = self.directory / 'plan.json'
        self.saved = self.apply(
            '--dry-run', '--save-plan', 'plan.json', 'vms.yml'
        )

    def test_a_plan_is_carried_out_and_named_in_the_journal(self) -> None:
        digest = hashlib.sha256(self.plan.read_bytes()).hexdigest()
        self.assertIn(f'Plan: plan.json, sha256 {digest}\n', self.saved.err)
        self.assertEqual(0o600, stat.S_IMODE(self.plan.stat().st_mode))
        self.assertIsNone(self.machine_type_of(self.web))
        answer = self.apply('--plan', 'plan.json', '--auto-approve')
        self.assertEqual(
            ['set', 'set'], [row['Result'] for row in answer.rows]
        )
        self.assertEqual(
            (I440FX, Q35),
            (self.machine_type_of(self.web), self.machine_type_of(self.db)),
        )
        (journal,) = self.directory.glob('*.journal')
        header = json.loads(journal.read_text().splitlines()[0])
        self.assertEqual(
            {'path': 'plan.json', 'sha256': digest}, header['plan']
        )
        again = self.apply('--plan', 'plan.json', '--auto-approve')
        self.assertEqual(
            ['unchanged'] * 2, [row['Result'] for row in again.rows]
        )

    def test_on_a_terminal_it_is_asked_about_with_its_digest(self) -> None:
        digest = hashlib.sha256(self.plan.read_bytes()).hexdigest()
        answer, asked = self.approved(
            *('--plan', 'plan.json'),
            change=lambda: self.rename(self.db, 'crm'),
            code=1,
        )
        self.assertIn(f'Plan: plan.json, sha256 {digest}, made ', asked)
        self.assertEqual('set', answer.row(Server='web')['Result'])
        self.assertIn(
            'and is called crm-boot now', answer.row(Server='db')['Detail']
        )

    def test_what_changed_since_is_refused_and_named(self) -> None:
        self.rename(self.web, 'db')
        self.rename(self.db, 'web')
        answer = self.apply('--plan', 'plan.json', '--auto-approve', code=1)
        self.assertEqual(
            ['changed meanwhile'] * 2, [row['Result'] for row in answer.rows]
        )
        self.assertEqual([], list(self.directory.glob('*.journal')))

    def test_a_manifest_that_changed_is_refused(self) -> None:
        path = self.directory / 'vms.yml'
        path.write_text(path.read_text().replace(I440FX, Q35))
        answer = self.apply('--plan', 'plan.json', '--auto-approve', code=1)
        self.assertIn('vms.yml: was changed since plan plan.json', answer.err)

    def test_another_project_is_refused(self) -> None:
        plan = json.loads(self.plan.read_text())
        self.plan.write_text(json.dumps({**plan, 'project_id': 'x' * 32}))
        answer = self.apply('--plan', 'plan.json', '--auto-approve', code=1)
        self.assertIn('not the one that the plan is of', answer.err)

    def test_what_is_no_plan_is_refused_and_kept(self) -> None:
        answer = self.apply('--plan', 'vms.yml', '--auto-approve', code=1)
        self.assertIn('vms.yml: not a plan', answer.err)
        before = (self.directory / 'vms.yml').read_bytes()
        answer = self.apply(
            '--dry-run', '--save-plan', 'vms.yml', 'vms.yml', code=1
        )
        self.assertIn('is there already and no plan', answer.err)
        self.assertEqual(before, (self.directory / 'vms.yml').read_bytes())


class StatusTest(PlanTestCase):
    """A volume's status counts."""

    def test_what_is_broken_or_going_is_never_set_or_well(self) -> None:
        volume_id = self.volume('web', **{MACHINE_TYPE: I440FX})
        for named, status, wanted in (
            ({}, 'error', I440FX),
            ({'web': volume_id}, 'error_managing', I440FX),
            ({'web': volume_id}, 'error_restoring', Q35),
        ):
            self.manifest({'web': wanted}, named)
            self.reset(volume_id, status)
            row = self.apply('--auto-approve', 'vms.yml', code=1).row(
                Server='web'
            )
            self.assertEqual('refused', row['Result'], row)
            self.assertRegex(
                row['Detail'],
                rf'candidates: {volume_id} \(error\w*, \d+ \w+ old\)',
            )
            verified = self.machine_type(
                *('verify', '--destination-cloud', 'dst', 'vms.yml'), code=3
            )
            self.assertEqual(
                ['volume-unusable'], [one['Finding'] for one in verified.rows]
            )
        self.assertEqual(I440FX, self.machine_type_of(volume_id))

    def test_what_a_failed_import_left_is_not_meant(self) -> None:
        self.manifest({'web': I440FX})
        left = self.volume('web')
        self.reset(left, 'error_deleting')
        right = self.volume('web')
        self.apply('--auto-approve', 'vms.yml')
        self.assertEqual(
            (None, I440FX),
            (self.machine_type_of(left), self.machine_type_of(right)),
        )

    def test_a_volume_that_stays_busy_is_not_done_yet(self) -> None:
        self.manifest({'web': I440FX, 'db': I440FX})
        web, db = self.volume('web'), self.volume('db')
        self.reset(web, 'downloading')
        answer = self.apply('--auto-approve', 'vms.yml', code=1)
        self.assertEqual('set', answer.row(Server='db')['Result'])
        row = answer.row(Server='web')
        self.assertEqual('not done yet', row['Result'])
        self.assertIn('still in status downloading', row['Detail'])
        self.assertIn('give --wait', row['Detail'])
        self.assertEqual(
            (None, I440FX),
            (self.machine_type_of(web), self.machine_type_of(db)),
        )


class FilledTest(PlanTestCase):
    """A volume into which Cinder copies an image.

    The image's file is a pipe, and so its copy takes as long as the test
    wants.
    """

    def setUp(self) -> None:
        super().setUp()
        self.images = state.default_directory() / state.DESTINATION / 'images'
        adapter = self.seeder.adapter('volumev3', self.project_id)
        self.cinder = FaultyProxy(str(adapter.get_endpoint()))
        self.cinder.listen()
        self.addCleanup(self.cinder.cut)
        cloud = {
            **self.destination.cloud,
            'block_storage_endpoint_override': self.cinder.url,
        }
        self._write(self.configuration, {'clouds': {'dst': cloud}})

    @contextlib.contextmanager
    def being_filled(self, **properties: str) -> Iterator[tuple[str, Any]]:
        """Return a volume and what lets Cinder finish it."""
        image_id = self.seeder.image(
            self.project_id, 'slow', properties, bytes(IMAGE_SIZE)
        )
        path = self.images / image_id
        path.unlink()
        os.mkfifo(path)
        made = self.seeder.adapter('volumev3', self.project_id).post(
            '/volumes',
            json={
                'volume': {
                    'name': 'web-boot',
                    'size': 1,
                    'imageRef': image_id,
                }
            },
        )
        volume_id = str(made.json()['volume']['id'])
        filled = threading.Event()

        def fill() -> None:
            if not filled.is_set():
                filled.set()
                path.write_bytes(bytes(IMAGE_SIZE))

        try:
            yield volume_id, fill
        finally:
            fill()

    def settled(self, volume_id: str) -> str:
        """Return the status of a volume that Cinder has finished."""
        for _attempt in range(300):
            status = str(self.shown(volume_id)['status'])
            if status not in ('creating', 'downloading'):
                return status
            time.sleep(0.1)
        raise AssertionError('it is still being filled')

    def waiting(self, *words: str) -> subprocess.Popen[str]:
        """Return apply, when it has looked at the volume in vain."""
        process = self.start(
            *('migrate', 'machine-type', 'apply', '-f', 'json'),
            *('--destination-cloud', 'dst', '--auto-approve'),
            *(*words, 'vms.yml'),
        )
        for _attempt in range(600):
            if self._looks() > 2:
                break
            time.sleep(0.1)
        self.assertIsNone(process.poll(), 'it does not wait')
        return process

    def _looks(self) -> int:
        return sum(
            'volumes/detail' in one.request.path
            for one in list(self.cinder.seen)
        )

    def test_a_key_written_too_early_breaks_the_volume(self) -> None:
        """Why apply waits: this is Cinder's own doing."""
        with self.being_filled(**{MACHINE_TYPE: Q35}) as (volume_id, fill):
            self.assertEqual('creating', self.shown(volume_id)['status'])
            self.seeder.volume_action(
                self.project_id,
                volume_id,
                {
                    'os-set_image_metadata': {
                        'metadata': {MACHINE_TYPE: I440FX}
                    }
                },
            )
            fill()
            self.assertEqual('error', self.settled(volume_id))
        self.manifest({'web': I440FX}, {'web': volume_id})
        row = self.apply('--auto-approve', 'vms.yml', code=1).row(Server='web')
        self.assertEqual('refused', row['Result'])
        self.assertIn('in status error', row['Detail'])

    def test_a_volume_is_written_to_when_it_is_filled(self) -> None:
        with self.being_filled() as (volume_id, fill):
            self.manifest({'web': I440FX}, {'web': volume_id})
            process = self.waiting()
            self.assertIsNone(self.machine_type_of(volume_id))
            fill()
            answer = self.end(process, 0)
        self.assertEqual('set', answer.row(Server='web')['Result'])
        self.assertEqual('available', self.shown(volume_id)['status'])
        self.assertEqual(I440FX, self.machine_type_of(volume_id))

    def test_what_the_image_brings_is_not_overwritten_unseen(self) -> None:
        with self.being_filled(**{MACHINE_TYPE: Q35}) as (volume_id, fill):
            self.manifest({'web': I440FX}, {'web': volume_id})
            process = self.waiting()
            fill()
            answer = self.end(process, 1)
        row = answer.row(Server='web')
        self.assertEqual('changed meanwhile', row['Result'])
        self.assertIn(
            f'{MACHINE_TYPE} was - when the plan was approved, and is {Q35} '
            'now',
            row['Detail'],
        )
        self.assertEqual('available', self.settled(volume_id))
        self.apply('--auto-approve', 'vms.yml')
        self.assertEqual(I440FX, self.machine_type_of(volume_id))

    def test_wait_goes_on_until_it_is_filled(self) -> None:
        with self.being_filled(**{MACHINE_TYPE: Q35}) as (volume_id, fill):
            self.manifest({'web': I440FX}, {'web': volume_id})
            process = self.waiting('--wait')
            fill()
            answer = self.end(process, 0)
        self.assertEqual('set', answer.row(Server='web')['Result'])
        self.assertEqual(I440FX, self.machine_type_of(volume_id))
        self.assertEqual('available', self.shown(volume_id)['status'])


def _resource(name: str, wanted: str, volume_id: str | None) -> dict[str, Any]:
    return {
        'type': 'openstack.compute.Server',
        'params': {
            'name': name,
            MACHINE_TYPE: wanted,
            'volumes': [
                {
                    'type': 'openstack.network.ServerVolume',
                    'params': {'name': f'{name}-boot'},
                    '_info': {
                        'id': str(uuid.uuid4()),
                        'is_bootable': True,
                        'size': 1,
                    },
                }
            ],
        },
        '_info': {'id': str(uuid.uuid4())},
        '_migration_params': {'boot_volume': {'uuid': volume_id}},
    }
