# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.cloud.paging import PAGE_SIZE, pages
from tests.unit import base

NEXT = [{'rel': 'next', 'href': 'http://elsewhere.test/'}]


class PagesTest(base.TestCase):
    def read(self, *bodies: dict[str, Any]) -> tuple[list[Any], list[str]]:
        asked: list[str] = []
        left = iter(bodies)

        def fetch(path: str) -> dict[str, Any]:
            asked.append(path)
            return next(left)

        found = list(pages(fetch, '/things', 'things', {'a': 'b c'}))
        return found, asked

    def test_the_marker_is_the_last_id_and_never_the_servers_link(
        self,
    ) -> None:
        found, asked = self.read(
            {'things': [{'id': '1'}, {'id': '2'}], 'things_links': NEXT},
            {'things': [{'id': '3'}]},
        )
        self.assertEqual([2, 1], [len(page) for page in found])
        self.assertEqual(
            [
                f'/things?a=b+c&limit={PAGE_SIZE}',
                f'/things?a=b+c&limit={PAGE_SIZE}&marker=2',
            ],
            asked,
        )

    def test_a_link_that_is_not_the_next_one_ends_it(self) -> None:
        _found, asked = self.read(
            {'things': [{'id': '1'}], 'things_links': [{'rel': 'self'}]}
        )
        self.assertEqual(1, len(asked))

    def test_an_empty_page_ends_it_whatever_its_link(self) -> None:
        found, asked = self.read({'things': [], 'things_links': NEXT})
        self.assertEqual(([[]], 1), (found, len(asked)))

    def test_a_listing_that_repeats_itself_is_refused(self) -> None:
        page = {'things': [{'id': '1'}], 'things_links': NEXT}
        error = self.assertRaises(ValueError, self.read, page, page)
        self.assertIn('things repeats itself', str(error))
