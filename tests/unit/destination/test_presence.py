# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination.presence import Presence, presence
from osc_hwmt.manifest.entry import Entry, Wanted
from osc_hwmt.model.inventory import Inventory
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import entry, server, volume
from tests.unit.support.planning import built

LEFT = entry(wanted=Wanted.of(None))


def _presence(one: Entry, cloud: Inventory) -> Presence:
    return presence(built([one], cloud), cloud)


class PresenceTest(cases.TestCase):
    def test_an_entry_without_server_and_volume_is_absent(self) -> None:
        for one in (entry(), LEFT, fakes.undecided()):
            found = _presence(one, fakes.holding())
            self.assertEqual({'source-1'}, found.absent, one)
            self.assertEqual({}, found.servers, one)

    def test_a_server_that_is_left_to_the_destination_is_looked_for(
        self,
    ) -> None:
        here = server(created=None)
        for one in (LEFT, fakes.undecided()):
            found = _presence(one, fakes.holding(servers=[here]))
            self.assertEqual({'source-1': here}, found.servers)
            self.assertEqual(frozenset(), found.absent)

    def test_a_volume_of_any_size_is_something(self) -> None:
        cloud = fakes.holding(volumes=[volume(size=9, status='error')])
        for one in (entry(), LEFT):
            self.assertEqual(frozenset(), _presence(one, cloud).absent, one)

    def test_a_named_volume_that_is_not_there_is_no_absence(self) -> None:
        one = entry(destination_volume_id='gone')
        self.assertEqual(frozenset(), _presence(one, fakes.holding()).absent)

    def test_a_project_that_is_not_there_is_no_absence(self) -> None:
        one = entry(recorded=fakes.recorded(project=('crm', 'Default')))
        self.assertEqual(frozenset(), _presence(one, fakes.holding()).absent)
