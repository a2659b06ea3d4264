# SPDX-License-Identifier: Apache-2.0

"""A follower of a play, with a cloud in memory."""

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.exceptions import CloudError
from osc_hwmt.hook.follower import Follower
from osc_hwmt.hook.hooks import Settings
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.play import Surroundings
from osc_hwmt.hook.stopper import Stopper
from tests.unit.support import cases, fakes, play
from tests.unit.support.cloud import FakeCloud

TYPED = {'hw_machine_type': fakes.PC}


class RememberingStopper(Stopper):
    """Keeps who was stopped for what reason."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: dict[str, str] = {}

    def stop(self, host: str, reason: str) -> None:
        self.stops[host] = reason


class FollowerTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.around = Surroundings(str(self.home), None, {'verify': False})
        self.cloud = FakeCloud(volumes=[fakes.volume('v')])
        self.opened: list[tuple[str, str, dict[str, Any]]] = []
        self.replace('osc_hwmt.cloud.connection.open_from_file', self._open)
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        play.pretend_ansible(self)
        self.said: list[str] = []
        self.warned: list[str] = []
        self.manifest(fakes.resource(params=TYPED))
        self.follow()

    def _open(self, path: str, name: str, **overruling: Any) -> Any:
        self.opened.append((path, name, overruling))
        return self.cloud

    def follow(self, **settings: Any) -> None:
        """Begin anew with these settings."""
        plain = Settings('dst', None, None, None, stop=True)
        stopper = RememberingStopper()
        self.stops = stopper.stops
        self.follower = Follower(
            dataclasses.replace(plain, **settings),
            stopper,
            self.said.append,
            self.warned.append,
        )
        self.addCleanup(self.follower.finish)

    def manifest(self, *resources: dict[str, Any]) -> None:
        path = self.home / 'workloads.yml'
        path.write_text(fakes.manifest_text(*resources))

    def announced(self, workload: Workload = play.WEB) -> None:
        self.follower.ended(
            play.ending(play.PRELIMINARY, workload, changed=True), self.around
        )

    def transferred(self, volume_id: str = 'v', **more: Any) -> None:
        self.follower.ended(
            play.ending(**{**play.transferred(volume_id), **more}),
            self.around,
        )


class StartingTestCase(FollowerTestCase):
    def starts(
        self, action: str, data: object = None, **variables: Any
    ) -> tuple[str, Any]:
        """Return what a task does instead, and what it says."""
        known = {'os_migrate_data_dir': str(self.home), **variables}
        host, task = play.start(action, data)
        self.follower.task_starts(play.play(**known), host, task)
        return task.action.rpartition('.')[2], task.args.get('msg')

    def creates(self, **variables: Any) -> tuple[str, Any]:
        known = {'item': fakes.resource(params=TYPED), **variables}
        return self.starts(play.CREATE, '{{ item }}', **known)

    def cleans_up(self) -> tuple[str, Any]:
        return self.starts(play.CLEAN_UP, '{{ item }}')

    def failed_transfer(self, **more: Any) -> None:
        """Let a workload fail that has a data disk beside its boot volume."""
        self.cloud.block_storage.failing['v'] = CloudError('Cinder is away')
        self.transferred(
            volume_map={
                '/dev/vda': {'source_id': 't', 'dest_id': 'v'},
                '/dev/vdb': {'source_id': 'u', 'dest_id': 'w'},
            },
            block_device_mapping=[
                {'boot_index': 0, 'uuid': 'v'},
                {'boot_index': -1, 'uuid': 'w'},
            ],
            **more,
        )
