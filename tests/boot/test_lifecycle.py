# SPDX-License-Identifier: Apache-2.0

"""What later happens to a server, and which machine type it has then.

doc/source/background/later.rst tells operators what is found here.
"""

from __future__ import annotations

from tests.boot.base import NAME, BootTest

REBUILD_OF_VOLUMES = '2.93'


class LifecycleTest(BootTest):
    """The destination's default is Q35."""

    def setUp(self) -> None:
        super().setUp()
        self.image = self.site.image()
        self.boots = 0

    def _volume(self, **properties: str) -> str:
        return self.site.seeder.volume(
            self.site.project,
            NAME,
            image_id=self.image,
            properties=properties,
        )

    def _set(self, volume: str, machine_type: str) -> None:
        self.site.seeder.volume_action(
            self.site.project,
            volume,
            {
                'os-set_image_metadata': {
                    'metadata': {'hw_machine_type': machine_type}
                }
            },
        )

    def _booted(self, server: str) -> str:
        """Return the chipset on which a server was booted once more."""
        self.boots += 1
        greeting = self.site.greeting(server, self.boots)
        family = {'i440FX': 'pc-i440fx-', 'Q35': 'pc-q35-'}[greeting.chipset]
        self.assertIn(family, self.site.machine_type(server))
        return greeting.chipset

    def _resize(self, server: str) -> None:
        flavor = self.site.flavor('m1.larger')
        self.site.act(server, 'resize', 'VERIFY_RESIZE', flavorRef=flavor)
        self.site.act(server, 'confirmResize', 'ACTIVE')

    def test_nova_keeps_what_it_took_from_the_volume(self) -> None:
        volume = self._volume(hw_machine_type='pc')
        server = self.site.build(NAME, volume)
        self.assertEqual('i440FX', self._booted(server))
        self._set(volume, 'q35')
        act = self.site.act

        act(server, 'reboot', 'ACTIVE', type='SOFT')
        self.assertEqual('i440FX', self._booted(server), 'soft reboot')
        act(server, 'reboot', 'ACTIVE', type='HARD')
        self.assertEqual('i440FX', self._booted(server), 'hard reboot')
        act(server, 'os-stop', 'SHUTOFF')
        act(server, 'os-start', 'ACTIVE')
        self.assertEqual('i440FX', self._booted(server), 'stop, start')
        act(server, 'shelve', 'SHELVED_OFFLOADED')
        act(server, 'unshelve', 'ACTIVE')
        self.assertEqual('i440FX', self._booted(server), 'shelve, unshelve')
        self._resize(server)
        self.assertEqual('i440FX', self._booted(server), 'resize')

    def test_a_new_server_takes_what_the_volume_says_now(self) -> None:
        volume = self._volume()
        server = self.site.build(NAME, volume)
        self.assertEqual('Q35', self._booted(server))
        self.site.delete(server)
        self._set(volume, 'pc')
        server = self.site.build(NAME, volume)
        self.assertEqual('i440FX', self._booted(server))

    def test_a_resize_undoes_update_machine_type(self) -> None:
        server = self.site.build(NAME, self._volume())
        self.assertEqual('Q35', self._booted(server))
        self.site.act(server, 'os-stop', 'SHUTOFF')
        update = ('libvirt', 'update_machine_type', server, 'pc')
        refused = self.site.nova_manage(*update)
        self.assertEqual(4, refused.returncode, refused)
        forced = self.site.nova_manage(*update, '--force')
        self.assertEqual(0, forced.returncode, forced)
        self.site.act(server, 'os-start', 'ACTIVE')
        self.assertEqual('i440FX', self._booted(server))

        self._resize(server)
        self.assertEqual('Q35', self._booted(server))

    def test_a_rebuild_takes_what_its_image_says(self) -> None:
        volume = self._volume(hw_machine_type='pc')
        server = self.site.build(NAME, volume)
        self.assertEqual('i440FX', self._booted(server))
        self.site.act(
            server,
            'rebuild',
            'ACTIVE',
            microversion=REBUILD_OF_VOLUMES,
            imageRef=self.image,
        )
        # Its disk is that of the image again.
        self.boots = 0
        self.assertEqual('Q35', self._booted(server))
        shown = self.site.seeder.show_volume(self.site.project, volume)
        self.assertNotIn('hw_machine_type', shown['volume_image_metadata'])
