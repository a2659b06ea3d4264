# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.compatibility import rules
from osc_hwmt.compatibility.hosts import Devices, Offer, Support
from osc_hwmt.compatibility.rules.definition import Hardware, Severity
from osc_hwmt.model.machine_type import Family
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35

SUPPORTED = Offer(Support.SUPPORTED, known_from='a test')
RHEL_9 = dataclasses.replace(SUPPORTED, rhel_major=9)
UEFI = {'hw_firmware_type': 'uefi'}
#: A change of chipset says this of any guest.
CHANGE = {'chipset-change-windows', 'chipset-change-nic-names'}


def _hardware(machine_type: str | None = PC, **differing: Any) -> Hardware:
    return Hardware(machine_type, **{'before': machine_type, **differing})


class RulesTestCase(cases.TestCase):
    def codes(self, hardware: Hardware, offer: Offer = SUPPORTED) -> set[str]:
        return {one.rule.code for one in rules.check(hardware, offer)}

    def speaks(
        self, code: str, hardware: Hardware, offer: Offer = SUPPORTED
    ) -> str:
        """Return what the rule of that code says: its text and remedy."""
        found = {one.rule.code: one for one in rules.check(hardware, offer)}
        self.assertIn(code, found)
        concern = found[code]
        self.assertTrue(concern.remedy, 'every concern has a remedy')
        return f'{concern.text} | {concern.remedy}'

    def silent(
        self, code: str, hardware: Hardware, offer: Offer = SUPPORTED
    ) -> None:
        self.assertNotIn(code, self.codes(hardware, offer))


class RulesTest(RulesTestCase):
    def test_codes_are_unique_and_every_rule_has_a_source(self) -> None:
        codes = [rule.code for rule in rules.RULES]
        self.assertEqual(len(set(codes)), len(codes))
        for rule in rules.RULES:
            self.assertTrue(rule.source and rule.summary, rule.code)

    def test_what_stays_as_it_was_raises_no_concern(self) -> None:
        for machine_type in (PC, Q35):
            self.assertEqual(set(), self.codes(_hardware(machine_type)))

    def test_errors_come_first(self) -> None:
        hardware = _hardware(
            'q35', before=PC, properties={'hw_disk_bus': 'ide'}
        )
        weights = [
            one.rule.severity for one in rules.check(hardware, SUPPORTED)
        ]
        self.assertEqual(
            sorted(weights, key=list(Severity).index), weights, weights
        )
        self.assertIs(Severity.ERROR, weights[0])

    def test_nothing_is_judged_where_nothing_is_known(self) -> None:
        nothing = Offer(Support.UNKNOWN)
        self.assertEqual(set(), self.codes(_hardware(None), nothing))
        self.assertEqual(set(), self.codes(_hardware(PC), nothing))


class BootDiskTest(RulesTestCase):
    code = 'boot-volume-size'

    def test_a_volume_of_another_size_is_a_warning(self) -> None:
        for now in (9, 11):
            said = self.speaks(
                self.code, _hardware(gigabytes=now, gigabytes_before=10)
            )
            self.assertIn(f'{now} GiB, but 10 GiB at the source', said)

    def test_the_same_size_and_an_unknown_one_are_none(self) -> None:
        for now, before in ((10, 10), (None, 10), (10, None)):
            self.silent(
                self.code, _hardware(gigabytes=now, gigabytes_before=before)
            )


class SupportTest(RulesTestCase):
    CODE = 'unsupported-machine-type'

    def test_an_unsupported_type_comes_with_the_nearest(self) -> None:
        offer = Offer(Support.UNSUPPORTED, ('compute-7',), nearest=PC)
        said = self.speaks(self.CODE, _hardware('pc-i440fx-rhel7.4.0'), offer)
        for word in ('pc-i440fx-rhel7.4.0', 'compute-7', PC, '--translate'):
            self.assertIn(word, said)
        offer = Offer(Support.UNSUPPORTED, ('compute-7',))
        self.assertIn('list', self.speaks(self.CODE, _hardware(), offer))

    def test_of_many_hosts_a_few_are_named_and_the_rest_counted(self) -> None:
        hosts = tuple(f'compute-{n}' for n in range(100))
        said = self.speaks(
            self.CODE, _hardware(), Offer(Support.UNSUPPORTED, hosts)
        )
        self.assertIn('compute-2 and 97 more hosts', said)
        self.assertNotIn('compute-3', said)

    def test_deprecated_is_a_warning(self) -> None:
        offer = Offer(Support.DEPRECATED, known_from='a test')
        (concern,) = rules.check(_hardware(), offer)
        self.assertEqual(
            ('deprecated-machine-type', False),
            (concern.rule.code, concern.is_error),
        )

    def test_what_nobody_told_is_said_to_be_unknown(self) -> None:
        offer = Offer(Support.UNKNOWN, known_from='caps.xml')
        said = self.speaks('support-unknown', _hardware(), offer)
        self.assertIn('caps.xml', said)
        self.assertIn(PC, said)

    def test_more_vcpus_than_the_type_has_is_an_error(self) -> None:
        offer = dataclasses.replace(SUPPORTED, max_cpus=240)
        said = self.speaks('too-many-vcpus', _hardware(vcpus=241), offer)
        self.assertIn('241', said)
        self.assertIn('240', said)
        self.silent('too-many-vcpus', _hardware(vcpus=240), offer)
        self.silent('too-many-vcpus', _hardware(vcpus=None), offer)
        self.silent('too-many-vcpus', _hardware(vcpus=999), SUPPORTED)


class FloatingTest(RulesTestCase):
    CODE = 'floating-machine-type'

    def test_an_alias_is_what_the_host_takes_it_for(self) -> None:
        offer = dataclasses.replace(RHEL_9, canonical=Q35)
        said = self.speaks(self.CODE, _hardware('q35'), offer)
        self.assertIn(Q35, said)
        self.assertIn('--pin', said)

    def test_a_versioned_type_stays_what_it_is(self) -> None:
        self.silent(self.CODE, _hardware(Q35))

    def test_pc_is_one_and_the_same_from_rhel_7_to_9_only(self) -> None:
        self.silent(self.CODE, _hardware('pc'), RHEL_9)
        rhel_10 = dataclasses.replace(SUPPORTED, rhel_major=10)
        for offer in (rhel_10, SUPPORTED):
            self.speaks(self.CODE, _hardware('pc'), offer)

    def test_what_the_destination_takes_was_not_chosen(self) -> None:
        self.silent(self.CODE, _hardware('q35', chosen=False))


class CombinationTest(RulesTestCase):
    def test_ide_on_q35_is_an_error_for_disk_and_cdrom(self) -> None:
        for key in ('hw_disk_bus', 'hw_cdrom_bus'):
            ide = {key: 'ide'}
            said = self.speaks('ide-on-q35', _hardware(Q35, properties=ide))
            self.assertIn(f'params.{key}', said)
            self.silent('ide-on-q35', _hardware(PC, properties=ide))
            self.silent('ide-on-q35', _hardware(Q35, properties={key: 'sata'}))

    def test_secure_boot_says_what_it_lacks(self) -> None:
        code = 'secure-boot-needs-q35-and-uefi'
        required = {'os_secure_boot': 'required'}
        both = {**required, **UEFI}
        said = self.speaks(code, _hardware(PC, properties=required))
        self.assertIn('q35 and hw_firmware_type=uefi', said)
        said = self.speaks(code, _hardware(Q35, properties=required))
        self.assertNotIn('machine type q35 and', said)
        said = self.speaks(code, _hardware(PC, properties=both))
        self.assertNotIn('hw_firmware_type', said)
        self.silent(code, _hardware(Q35, properties=both))
        self.silent(
            code, _hardware(PC, properties={'os_secure_boot': 'optional'})
        )

    def test_uefi_on_i440fx_is_an_error_on_rhel_only(self) -> None:
        code = 'uefi-on-i440fx'
        self.speaks(code, _hardware(PC, properties=UEFI), RHEL_9)
        self.silent(code, _hardware(PC, properties=UEFI), SUPPORTED)
        self.silent(code, _hardware(Q35, properties=UEFI), RHEL_9)
        self.silent(code, _hardware(PC), RHEL_9)

    def test_uefi_that_would_be_lost_is_an_error(self) -> None:
        code = 'firmware-lost'
        said = self.speaks(code, _hardware(found=UEFI))
        self.assertIn('hw_firmware_type: uefi', said)
        self.speaks(
            code,
            _hardware(found=UEFI, properties={'hw_firmware_type': 'bios'}),
        )
        self.silent(code, _hardware(found=UEFI, properties=UEFI))
        self.silent(code, _hardware(found={'hw_firmware_type': 'bios'}))

    def test_viommu_and_sev_need_q35(self) -> None:
        for code, properties in (
            ('viommu-needs-q35', {'hw_viommu_model': 'intel'}),
            ('sev-needs-q35', {'hw_mem_encryption': 'True'}),
        ):
            self.speaks(code, _hardware(PC, properties=properties))
            self.silent(code, _hardware(Q35, properties=properties))
            self.silent(code, _hardware(None, properties=properties))
        off = {'hw_mem_encryption': 'false'}
        self.silent('sev-needs-q35', _hardware(PC, properties=off))

    def test_cirrus_is_doubtful_on_rhel_9_unless_the_host_has_it(self) -> None:
        code = 'cirrus-on-rhel-9'
        cirrus = _hardware(properties={'hw_video_model': 'cirrus'})
        self.speaks(code, cirrus, RHEL_9)
        self.silent(code, cirrus, SUPPORTED)
        told = dataclasses.replace(
            RHEL_9, devices=Devices(video_models=frozenset(('cirrus',)))
        )
        self.assertEqual(set(), self.codes(cirrus, told))

    def test_what_libvirt_does_not_list_is_an_error(self) -> None:
        offer = dataclasses.replace(
            SUPPORTED,
            devices=Devices(
                disk_buses=frozenset(('virtio', 'sata')),
                video_models=frozenset(('vga',)),
            ),
        )
        said = self.speaks(
            'device-not-offered',
            _hardware(
                properties={'hw_disk_bus': 'ide', 'hw_video_model': 'qxl'}
            ),
            offer,
        )
        self.assertIn('hw_disk_bus=ide, hw_video_model=qxl', said)
        self.silent(
            'device-not-offered',
            _hardware(properties={'hw_disk_bus': 'sata'}),
            offer,
        )

    def test_a_floppy_on_q35_is_a_warning(self) -> None:
        floppy = {'hw_floppy_bus': 'fdc'}
        self.speaks('floppy-on-q35', _hardware(Q35, properties=floppy))
        self.silent('floppy-on-q35', _hardware(PC, properties=floppy))


class ChipsetChangeTest(RulesTestCase):
    def test_a_change_of_chipset_is_told_of_each_system(self) -> None:
        for os_type, codes in (
            ('windows', {'chipset-change-windows'}),
            ('Linux', {'chipset-change-nic-names'}),
            (None, CHANGE),
        ):
            properties = {'os_type': os_type} if os_type else {}
            for where in ('properties', 'found'):
                hardware = _hardware(Q35, before=PC, **{where: properties})
                self.assertEqual(codes, self.codes(hardware), os_type)

    def test_no_change_is_told_that_is_none_or_not_known(self) -> None:
        for hardware in (
            _hardware(PC, before='pc'),
            _hardware(Q35, before=None),
            _hardware('strange', before=PC),
        ):
            self.assertEqual(set(), self.codes(hardware))

    def test_a_change_that_nobody_chose_tells_what_keeps_it(self) -> None:
        code = 'chipset-changes-by-default'
        hardware = _hardware('q35', before=PC, chosen=False)
        self.assertIn(
            f'set params.hw_machine_type to {PC} to',
            self.speaks(code, hardware),
        )
        self.silent(code, _hardware('q35', before=PC))
        self.silent(code, _hardware('q35', before=Q35, chosen=False))


class PresumedChipsetTest(RulesTestCase):
    """Where nothing better is known, what a server presumably ran counts."""

    def presumed(
        self, machine_type: str = 'q35', **differing: Any
    ) -> Hardware:
        return _hardware(
            machine_type,
            before=None,
            presumed=Family.I440FX,
            chosen=False,
            **differing,
        )

    def test_a_change_from_it_is_told_as_such(self) -> None:
        self.assertNotIn(
            'chipset-changes-by-default',
            self.codes(self.presumed()),
            'being undecided says that',
        )
        for code, keep in (
            ('chipset-change-windows', 'keep pc unless'),
            ('chipset-change-nic-names', 'or keep pc'),
        ):
            said = self.speaks(code, self.presumed())
            self.assertIn('from i440fx (presumably) to q35', said)
            self.assertIn(keep, said)

    def test_ports_count_for_it(self) -> None:
        offer = dataclasses.replace(SUPPORTED, pcie_ports=24)
        self.speaks('pcie-ports', self.presumed(devices=30), offer)

    def test_what_is_known_counts_before_it(self) -> None:
        known = dataclasses.replace(self.presumed(), before=Q35)
        self.assertEqual(set(), self.codes(known))

    def test_the_same_chipset_is_no_change(self) -> None:
        self.assertEqual(set(), self.codes(self.presumed('pc'), RHEL_9))


class PciePortsTest(RulesTestCase):
    def ports(self, ports: int | None, devices: int | None) -> bool:
        hardware = _hardware(Q35, before=PC, devices=devices)
        offer = dataclasses.replace(SUPPORTED, pcie_ports=ports)
        return 'pcie-ports' in self.codes(hardware, offer)

    def test_nearly_as_many_devices_as_ports_is_a_warning(self) -> None:
        for ports, devices, speaks in (
            (24, 19, False),
            (24, 20, True),
            # Without ports of Nova libvirt keeps a few free.
            (0, 4, False),
            (0, 5, True),
            # What was not told is no concern.
            (None, 100, False),
            (24, None, False),
        ):
            self.assertEqual(speaks, self.ports(ports, devices), ports)

    def test_a_server_that_ran_on_q35_has_them_already(self) -> None:
        self.silent(
            'pcie-ports',
            _hardware(Q35, devices=100),
            dataclasses.replace(SUPPORTED, pcie_ports=24),
        )
