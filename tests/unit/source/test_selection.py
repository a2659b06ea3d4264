# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.model.evidence import Conclusion, Evidence
from osc_hwmt.model.properties import SHIPPED
from osc_hwmt.source.facts import ExportedServer, ServerFacts
from osc_hwmt.source.selection import RequestedProperties
from tests.unit.support import cases, fakes
from tests.unit.support.updates import fact_of

ORIGIN = ExportedServer.of(fakes.server())


class AskedTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.fact = fact_of(
            properties={
                'hw_disk_bus': Conclusion('ide', Evidence.LIBVIRT_DOMAIN),
                'hw_pmu': Conclusion(None, Evidence.NONE),
                'os_type': Conclusion(None, Evidence.NONE),
            }
        )
        self.found = ServerFacts(ORIGIN, self.fact)

    def test_nothing_more_is_asked_for_than_the_machine_type(self) -> None:
        self.assertEqual(frozenset(), RequestedProperties().keys())
        self.assertEqual([], RequestedProperties().of(self.found))

    def test_named_ones_are_written_and_shipped_ones_where_found(self) -> None:
        asked = RequestedProperties(frozenset({'os_type'}), hardware=True)
        self.assertEqual({'os_type', *SHIPPED}, asked.keys())
        self.assertEqual(['hw_disk_bus', 'os_type'], asked.of(self.found))

    def test_what_an_entry_has_is_looked_for_and_written_again(self) -> None:
        entry = fakes.entry(properties={'hw_pmu': 'true'})
        self.assertEqual({'hw_pmu'}, RequestedProperties().keys([entry]))
        self.assertEqual(
            ['hw_pmu'], RequestedProperties().of(self.found, entry)
        )

    def test_what_is_ordered_is_written_with_its_facts(self) -> None:
        found = ServerFacts(ORIGIN, self.fact, {'os_type': 'linux'})
        self.assertEqual(['os_type'], RequestedProperties().of(found))

    def test_the_machine_type_is_no_other_property(self) -> None:
        key = 'hw_machine_type'
        properties = {key: Conclusion('pc', Evidence.IMAGE_PROPERTY)}
        fact = fact_of(properties=properties)
        found = ServerFacts(ORIGIN, fact, {key: 'q35'})
        for asked in (
            RequestedProperties(),
            RequestedProperties(hardware=True),
        ):
            self.assertEqual([], asked.of(found))
