# SPDX-License-Identifier: Apache-2.0

"""Volumes that are broken, going, or not filled yet."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.clouds import state
from tests.clouds.scenario import I440FX, MACHINE_TYPE, Q35
from tests.functional.faulty_proxy import FaultyProxy
from tests.functional.project import ProjectTestCase

#: What Cinder copies into a volume.
IMAGE_SIZE = 1024 * 1024


class StatusTest(ProjectTestCase):
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
        self.assertIn('use --wait', row['Detail'])
        self.assertEqual(
            (None, I440FX),
            (self.machine_type_of(web), self.machine_type_of(db)),
        )


class FilledTest(ProjectTestCase):
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
        self.write(self.configuration, {'clouds': {'dst': cloud}})

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
            f'{MACHINE_TYPE} was - when the plan was approved, and is now '
            f'{Q35}',
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
