# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from osc_hwmt.exceptions import Error
from osc_hwmt.manifest.entry import SourceVolume
from osc_hwmt.model.evidence import (
    Conclusion,
    Evidence,
    Guest,
    Observation,
    conclude,
)
from osc_hwmt.model.inventory import Inventory
from osc_hwmt.source.facts import Defaults, Fact, establish, establish_volume
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35

KEY = 'hw_machine_type'
ANY = Defaults(otherwise='pc')


def _volume_backed(**volume: Any) -> Inventory:
    return fakes.holding(
        servers=[fakes.server()],
        volumes=[fakes.volume(attached_to='server-1', **volume)],
    )


def _fact(source: Inventory, defaults: Defaults | None = None) -> Fact:
    known = [defaults] if defaults else []
    return establish(source.servers[0], source, known)


class ConcludeTest(cases.TestCase):
    def test_the_strongest_evidence_wins_whatever_the_order(self) -> None:
        weak = Observation(Evidence.IMAGE_PROPERTY, Q35)
        strong = Observation(Evidence.LIBVIRT_DOMAIN, PC)
        for seen in ([weak, strong], [strong, weak]):
            fact = conclude(seen)
            self.assertEqual(
                (PC, Evidence.LIBVIRT_DOMAIN), (fact.value, fact.evidence)
            )

    def test_what_contradicts_the_strongest_is_kept_beside_it(self) -> None:
        weak = Observation(Evidence.VOLUME_IMAGE_METADATA, Q35)
        fact = conclude([Observation(Evidence.NOVA_RECORD, PC), weak])
        self.assertEqual((weak,), fact.contradicted_by)

    def test_what_agrees_or_says_nothing_is_no_contradiction(self) -> None:
        fact = conclude(
            [
                Observation(Evidence.NOVA_RECORD, PC),
                Observation(Evidence.VOLUME_IMAGE_METADATA, PC),
                Observation(Evidence.IMAGE_PROPERTY, None),
                Observation(Evidence.RELEASE_DEFAULT, ''),
            ]
        )
        self.assertEqual((), fact.contradicted_by)

    def test_no_word_at_all_is_no_evidence(self) -> None:
        self.assertEqual(
            Conclusion(None, Evidence.NONE),
            conclude([Observation(Evidence.IMAGE_PROPERTY, None)]),
        )


class PropertiesTest(cases.TestCase):
    def properties(
        self, source: Inventory, *keys: str
    ) -> Mapping[str, Conclusion]:
        (server,) = source.servers
        return establish(server, source, [ANY], keys).properties

    def test_each_key_that_was_asked_for_has_its_own_conclusion(self) -> None:
        source = _volume_backed(
            image_metadata={'os_type': 'linux', 'hw_disk_bus': 'scsi'}
        )
        found = self.properties(source, 'os_type', 'hw_vif_model')
        self.assertEqual(
            {
                'os_type': Conclusion('linux', Evidence.VOLUME_IMAGE_METADATA),
                'hw_vif_model': Conclusion(None, Evidence.NONE),
            },
            found,
        )

    def test_a_default_is_for_the_machine_type_alone(self) -> None:
        found = self.properties(_volume_backed(), 'hw_disk_bus')
        self.assertIsNone(found['hw_disk_bus'].value)

    def test_what_may_not_be_seen_is_unknown_for_every_key(self) -> None:
        found = self.properties(_volume_backed(known=False), 'os_type')
        self.assertIn('not allowed', found['os_type'].unknown or '')

    def test_what_nova_would_refuse_is_unknown(self) -> None:
        source = _volume_backed(image_metadata={'hw_disk_bus': 'floppy'})
        found = self.properties(source, 'hw_disk_bus')['hw_disk_bus']
        self.assertIn("says 'floppy'; expected one of", found.unknown or '')


class DetachedVolumeTest(cases.TestCase):
    def test_a_volume_tells_of_itself(self) -> None:
        volume = fakes.volume(
            image_metadata={'hw_machine_type': PC, 'os_type': 'linux'}
        )
        source = fakes.holding(volumes=[volume])
        fact = establish_volume(volume, source, ['os_type'])
        self.assertEqual(
            (PC, Evidence.VOLUME_IMAGE_METADATA, fakes.OWN),
            (fact.value, fact.evidence, fact.project),
        )
        self.assertEqual('linux', fact.properties['os_type'].value)

    def test_what_may_not_be_seen_is_unknown(self) -> None:
        volume = fakes.volume(known=False)
        fact = establish_volume(volume, fakes.holding(volumes=[volume]))
        self.assertIn('not allowed', fact.unknown or '')


class VolumeBackedTest(cases.TestCase):
    def test_the_boot_volume_tells(self) -> None:
        fact = _fact(_volume_backed(image_metadata={'hw_machine_type': PC}))
        self.assertEqual(
            (PC, Evidence.VOLUME_IMAGE_METADATA, None, 'only-volume'),
            (fact.value, fact.evidence, fact.unknown, fact.boot_volume_rule),
        )

    def test_a_volume_that_says_nothing_is_a_normal_outcome(self) -> None:
        fact = _fact(_volume_backed(image_metadata={'os_type': 'linux'}))
        self.assertEqual(
            (None, Evidence.NONE, None),
            (fact.value, fact.evidence, fact.unknown),
        )

    def test_metadata_that_may_not_be_seen_is_unknown_and_not_unset(
        self,
    ) -> None:
        fact = _fact(_volume_backed(known=False))
        self.assertIn('not allowed', fact.unknown or '')
        self.assertIsNotNone(
            fact.boot_volume, 'the boot volume itself is known'
        )

    def test_what_is_no_machine_type_is_unknown_and_stops_nothing(
        self,
    ) -> None:
        # Nova's own form in nova.conf, easily put on a volume by mistake.
        for odd in ('x86_64=q35', 'none', 'p c', '\x1b[2J'):
            source = _volume_backed(image_metadata={'hw_machine_type': odd})
            fact = _fact(source, ANY)
            self.assertEqual(
                (None, Evidence.NONE), (fact.value, fact.evidence)
            )
            self.assertIn(
                f'volume-image-metadata says {odd!r}', fact.unknown or ''
            )
            self.assertIsNotNone(fact.boot_volume)

    def test_an_unclear_boot_volume_names_the_candidates(self) -> None:
        source = fakes.holding(
            servers=[fakes.server(volumes=['a', 'b'])],
            volumes=[fakes.volume('a'), fakes.volume('b')],
        )
        fact = _fact(source, ANY)
        self.assertIn('a, b', fact.unknown or '')
        self.assertIsNone(fact.boot_volume)

    def test_a_server_whose_volume_is_hidden_is_unknown(self) -> None:
        fact = _fact(fakes.holding(servers=[fakes.server()]), ANY)
        self.assertIn('none of its volumes', fact.unknown or '')

    def test_the_boot_volume_is_recorded_as_it_is(self) -> None:
        source = _volume_backed(name='erp-boot', size=40, bootable=True)
        self.assertEqual(
            SourceVolume('volume-1', 'erp-boot', 40, True),
            _fact(source).boot_volume,
        )

    def test_the_project_comes_along(self) -> None:
        self.assertEqual(fakes.OWN, _fact(_volume_backed()).project)

    def test_the_key_that_nova_prefers_gives_the_architecture(self) -> None:
        for metadata, expected in (
            ({'architecture': 'x86_64'}, 'x86_64'),
            ({'architecture': 'x', 'hw_architecture': 'aarch64'}, 'aarch64'),
            ({}, None),
        ):
            fact = _fact(_volume_backed(image_metadata=metadata))
            self.assertEqual(expected, fact.architecture)


class ImageBackedTest(cases.TestCase):
    def _source(self, **properties: str) -> Inventory:
        return fakes.holding(
            servers=[fakes.server(image_id='image-1')],
            images=[fakes.image(**properties)],
        )

    def test_the_image_tells(self) -> None:
        fact = _fact(self._source(hw_machine_type=Q35))
        self.assertEqual(
            (Q35, Evidence.IMAGE_PROPERTY), (fact.value, fact.evidence)
        )

    def test_what_is_no_machine_type_is_unknown(self) -> None:
        fact = _fact(self._source(hw_machine_type='x86_64=q35'))
        self.assertIsNone(fact.value)
        self.assertIn('image-property says', fact.unknown or '')

    def test_an_image_that_is_gone_is_unknown(self) -> None:
        source = fakes.holding(servers=[fakes.server(image_id='image-1')])
        fact = _fact(source, ANY)
        self.assertEqual(None, fact.value)
        self.assertIn(
            'image-1 was deleted or is not visible', fact.unknown or ''
        )

    def test_what_nova_recorded_is_stronger_than_the_image(self) -> None:
        source = fakes.holding(
            servers=[fakes.server(image_id='image-1', recorded=PC)],
            images=[fakes.image(hw_machine_type=Q35)],
        )
        fact = _fact(source)
        self.assertEqual(
            (PC, Evidence.NOVA_RECORD), (fact.value, fact.evidence)
        )
        self.assertEqual(
            (Observation(Evidence.IMAGE_PROPERTY, Q35),), fact.contradicted_by
        )

    def test_what_nova_recorded_outlives_the_image(self) -> None:
        server = fakes.server(image_id='image-1', recorded=PC)
        fact = _fact(fakes.holding(servers=[server]))
        self.assertEqual((PC, None), (fact.value, fact.unknown))

    def test_attached_volumes_say_nothing_of_it(self) -> None:
        source = fakes.holding(
            servers=[fakes.server(image_id='image-1')],
            images=[fakes.image()],
            volumes=[
                fakes.volume(
                    image_metadata={'hw_machine_type': PC},
                    attached_to='server-1',
                )
            ],
        )
        self.assertIsNone(_fact(source).value)


class DefaultsTest(cases.TestCase):
    def test_a_default_fills_only_what_was_read_and_silent(self) -> None:
        arm = Defaults({'aarch64': 'virt'})
        both = Defaults({'aarch64': 'virt'}, 'pc')
        by_operator, nothing = Evidence.OPERATOR_DEFAULT, Evidence.NONE
        for volume, defaults, expected in (
            ({}, ANY, ('pc', by_operator)),
            (
                {'image_metadata': {KEY: Q35}},
                ANY,
                (Q35, Evidence.VOLUME_IMAGE_METADATA),
            ),
            ({'known': False}, ANY, (None, nothing)),
            (
                {'image_metadata': {'hw_architecture': 'aarch64'}},
                both,
                ('virt', by_operator),
            ),
            (
                {'image_metadata': {'hw_architecture': 'x86_64'}},
                both,
                ('pc', by_operator),
            ),
            ({}, arm, (None, nothing)),
        ):
            fact = _fact(_volume_backed(**volume), defaults)
            self.assertEqual(expected, (fact.value, fact.evidence))

    def test_what_is_said_without_an_architecture_is_for_all_others(
        self,
    ) -> None:
        self.assertEqual(
            Defaults({'aarch64': 'virt'}, 'pc'),
            Defaults.of([('aarch64', 'virt'), (None, 'pc')]),
        )
        self.assertEqual(Defaults(), Defaults.of([]))

    def test_two_defaults_for_one_architecture_are_refused(self) -> None:
        for architecture in ('x86_64', None):
            said = [(architecture, 'pc'), (architecture, 'q35')]
            error = self.assertRaises(Error, Defaults.of, said)
            self.assertIn('both pc and q35', str(error))

    def test_the_same_default_twice_is_one(self) -> None:
        self.assertEqual(ANY, Defaults.of([(None, 'pc'), (None, 'pc')]))


def _guest(
    machine_type: str | None = PC,
    evidence: Evidence = Evidence.LIBVIRT_DOMAIN,
    **differing: Any,
) -> Guest:
    return Guest('server-1', evidence, machine_type, 'a.xml:1', **differing)


class CollectedTest(cases.TestCase):
    """What was collected from computes and from Nova's database."""

    def fact(self, *guests: Guest, **volume: Any) -> Fact:
        source = _volume_backed(**volume)
        keys = ('hw_disk_bus',)
        return establish(source.servers[0], source, [ANY], keys, guests)

    def test_what_runs_is_stronger_than_what_nova_was_told(self) -> None:
        fact = self.fact(_guest(PC), image_metadata={KEY: Q35})
        self.assertEqual(
            (PC, Evidence.LIBVIRT_DOMAIN), (fact.value, fact.evidence)
        )
        self.assertEqual(
            (Observation(Evidence.VOLUME_IMAGE_METADATA, Q35),),
            fact.contradicted_by,
        )

    def test_an_alias_confirms_what_it_stands_for(self) -> None:
        fact = self.fact(
            _guest(PC),
            _guest('pc', Evidence.NOVA_RECORD),
            image_metadata={KEY: 'pc'},
        )
        self.assertEqual((PC, ()), (fact.value, fact.contradicted_by))
        self.assertEqual(
            [Evidence.NOVA_RECORD, Evidence.VOLUME_IMAGE_METADATA],
            [one.evidence for one in fact.confirmed_by],
        )

    def test_two_words_of_the_same_strength_leave_it_unknown(self) -> None:
        fact = self.fact(_guest(PC), _guest(Q35))
        self.assertIsNone(fact.value)
        self.assertIn(PC, fact.unknown or '')
        self.assertIn(Q35, fact.unknown or '')

    def test_a_collected_machine_type_is_known_whatever_cinder_hides(
        self,
    ) -> None:
        fact = self.fact(_guest(PC), known=False)
        self.assertEqual((PC, None), (fact.value, fact.unknown))

    def test_nothing_recorded_by_nova_leaves_it_to_the_default(self) -> None:
        fact = self.fact(_guest(None, Evidence.NOVA_RECORD))
        self.assertEqual(
            ('pc', Evidence.OPERATOR_DEFAULT), (fact.value, fact.evidence)
        )

    def test_a_guest_tells_other_hardware(self) -> None:
        fact = self.fact(
            _guest(
                PC,
                properties={'hw_disk_bus': 'ide', 'hw_firmware_type': 'uefi'},
                architecture='x86_64',
                vcpus=4,
                disks=2,
                interfaces=1,
            )
        )
        self.assertEqual('ide', fact.properties['hw_disk_bus'].value)
        self.assertEqual({'hw_firmware_type': 'uefi'}, fact.context)
        self.assertEqual(
            ('x86_64', 4, 3), (fact.architecture, fact.vcpus, fact.devices)
        )

    def test_of_two_counts_the_larger_one_holds(self) -> None:
        for counts in ((2, 4), (4, 2)):
            guests = [_guest(vcpus=number) for number in counts]
            self.assertEqual(4, self.fact(*guests).vcpus, counts)

    def test_the_architecture_of_the_host_outweighs_the_volumes(self) -> None:
        fact = self.fact(
            _guest(architecture='x86_64'),
            image_metadata={'hw_architecture': 'aarch64'},
        )
        self.assertEqual('x86_64', fact.architecture)

    def test_guests_tell_the_boot_volume_where_the_apis_do_not(self) -> None:
        volumes = [
            fakes.volume(id, attached_to='server-1', device=device)
            for id, device in (('a', '/dev/vdb'), ('b', '/dev/vdc'))
        ]
        server = fakes.server(volumes=('a', 'b'))
        volumes.append(fakes.volume('elsewhere'))
        source = fakes.holding(servers=[server], volumes=volumes)
        for told, found in (('b', 'b'), ('elsewhere', None)):
            guest = _guest(boot_volume_id=told)
            fact = establish(server, source, guests=[guest])
            volume = fact.boot_volume
            self.assertEqual(found, volume.id if volume else None)
        for evidence in (Evidence.LIBVIRT_DOMAIN, Evidence.NOVA_RECORD):
            guest = _guest(evidence=evidence, boot_volume_id='b')
            fact = establish(server, source, guests=[guest])
            self.assertEqual(evidence.value, fact.boot_volume_rule)


class DefaultsOrderTest(cases.TestCase):
    def test_the_operator_knows_better_than_the_release(self) -> None:
        source = _volume_backed()
        release = Defaults(otherwise=Q35, evidence=Evidence.RELEASE_DEFAULT)
        arm = Defaults({'aarch64': 'virt'})
        for known, expected in (
            ([ANY, release], ('pc', Evidence.OPERATOR_DEFAULT)),
            ([arm, release], (Q35, Evidence.RELEASE_DEFAULT)),
        ):
            fact = establish(source.servers[0], source, known)
            self.assertEqual(expected, (fact.value, fact.evidence))
