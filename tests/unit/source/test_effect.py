# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses

from osc_hwmt.manifest.entry import Entry, Wanted
from osc_hwmt.source.effect import Effect, line_of
from osc_hwmt.source.facts import ExportedServer, Fact
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35
from tests.unit.support.updates import UNKNOWN, fact_of, found_with


class LineTest(cases.TestCase):
    """What an operator is told of an entry, by what it was and is."""

    def setUp(self) -> None:
        super().setUp()
        self.bare = fakes.entry(wanted=Wanted.of(PC))
        self.known = dataclasses.replace(self.bare, recorded=fakes.recorded())

    def effect(
        self,
        before: Entry | None,
        fact: Fact | None = None,
        after: Entry | None = None,
        *,
        touched: bool = False,
    ) -> Effect:
        found = found_with(fact or fact_of(PC))
        return line_of(after or self.known, before, found, touched).effect

    def test_a_server_that_was_not_there_is_added(self) -> None:
        self.assertEqual(Effect.ADDED, self.effect(None))

    def test_a_resource_without_facts_is_added_where_it_is_edited(
        self,
    ) -> None:
        self.assertEqual(Effect.ADDED, self.effect(self.bare, touched=True))
        self.assertEqual(Effect.UNCHANGED, self.effect(self.bare))

    def test_facts_are_refreshed_where_something_changed(self) -> None:
        self.assertEqual(
            Effect.REFRESHED, self.effect(self.known, touched=True)
        )
        self.assertEqual(Effect.UNCHANGED, self.effect(self.known))

    def test_a_wish_that_differs_is_an_edit(self) -> None:
        after = dataclasses.replace(
            self.known, wanted_properties={'hw_machine_type': Wanted.of(Q35)}
        )
        self.assertEqual(
            Effect.EDIT_KEPT, self.effect(self.known, after=after)
        )

    def test_what_an_option_changed_now_is_no_earlier_edit(self) -> None:
        after = dataclasses.replace(
            self.known, wanted_properties={'hw_machine_type': Wanted.of(Q35)}
        )
        found = dataclasses.replace(
            found_with(fact_of(PC)), wanted={'hw_machine_type': Q35}
        )
        for before, effect in (
            (self.known, Effect.EDITED),
            (after, Effect.EDIT_KEPT),
        ):
            line = line_of(after, before, found, True)
            self.assertIs(effect, line.effect)

    def test_a_server_that_was_renamed_keeps_its_name_and_is_told(
        self,
    ) -> None:
        for name, renamed in ((self.known.name, None), ('new', 'new')):
            origin = ExportedServer.of(fakes.server(name))
            found = dataclasses.replace(found_with(fact_of(PC)), origin=origin)
            line = line_of(self.known, self.known, found, False)
            self.assertEqual(renamed, line.renamed)

    def test_today_may_tell_less_than_an_earlier_look(self) -> None:
        self.assertEqual(Effect.EARLIER_KEPT, self.effect(self.known, UNKNOWN))

    def test_what_is_not_at_the_source_has_no_fact(self) -> None:
        line = line_of(self.known, self.known, None, False)
        self.assertEqual((Effect.NOT_FOUND, None), (line.effect, line.fact))
