# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses

from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.manifest.resource import SERVER_TYPE
from osc_hwmt.model.evidence import Evidence, Observation
from osc_hwmt.source.facts import ExportedServer, ServerFacts
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, manifest_text, resource
from tests.unit.support.updates import (
    KEY,
    PATH,
    UNKNOWN,
    created,
    fact_of,
    found_with,
    server_in,
    updated,
)


class FactsTest(cases.TestCase):
    def test_all_that_is_known_is_recorded(self) -> None:
        fact = fact_of(
            contradicted_by=(Observation(Evidence.IMAGE_PROPERTY, Q35),),
            boot_volume=fakes.volume('volume-1', 'web-boot', size=10),
            boot_volume_rule='only-volume',
            image=fakes.image('image-1'),
            architecture='x86_64',
            project=fakes.OWN,
        )
        update = updated(manifest_text(resource()), found_with(fact))
        self.assertEqual(
            {
                'value': PC,
                'evidence': 'volume-image-metadata',
                'contradicted_by': [
                    {'evidence': 'image-property', 'value': Q35}
                ],
                'boot_volume_id': 'volume-1',
                'boot_volume_name': 'web-boot',
                'boot_volume_size': 10,
                'boot_volume_rule': 'only-volume',
                'image_id': 'image-1',
                'architecture': 'x86_64',
                'project_name': 'erp',
                'project_domain_name': 'Default',
            },
            server_in(update.text)['_info'][KEY],
        )


class NewResourceTest(cases.TestCase):
    def test_a_new_resource_has_the_structure_of_os_migrate(self) -> None:
        update = created(found_with(fact_of()))
        server = server_in(update.text)
        self.assertEqual(SERVER_TYPE, server['type'])
        self.assertEqual(
            {'uuid': None}, server['_migration_params']['boot_volume']
        )
        self.assertEqual(fakes.OWN.id, server['_info']['project_id'])

    def test_an_image_backed_server_names_its_image(self) -> None:
        server = fakes.server(image_id='image-1')
        for image, name in (
            (fakes.image(name='rhel'), 'rhel'),
            (None, 'image-1'),
        ):
            fact = dataclasses.replace(fact_of(), image=image)
            text = created(ServerFacts(ExportedServer.of(server), fact)).text
            entry = read_manifest(text, PATH).entries[0]
            self.assertEqual(name, entry.image_name)
            self.assertFalse(entry.copies_image)

    def test_a_server_of_which_nothing_is_known_has_no_wish(self) -> None:
        text = created(found_with(UNKNOWN)).text
        self.assertNotIn(KEY, server_in(text)['params'])
