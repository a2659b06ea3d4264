# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.cloud import paging
from osc_hwmt.cloud.paging import PAGE_SIZE, pages
from osc_hwmt.cloud.transport import RefusedError
from osc_hwmt.exceptions import CloudError
from tests.unit.support import cases

NEXT = [{'rel': 'next', 'href': 'http://elsewhere.test/'}]


class PagesTest(cases.TestCase):
    def read(
        self, *bodies: dict[str, Any], **options: Any
    ) -> tuple[list[Any], list[str]]:
        fetched: list[str] = []
        left = iter(bodies)

        def fetch(path: str) -> dict[str, Any]:
            fetched.append(path)
            return next(left)

        found = list(
            pages(fetch, '/volumes', 'volumes', {'a': 'b c'}, **options)
        )
        return found, fetched

    def test_the_marker_is_the_last_id_and_never_the_servers_link(
        self,
    ) -> None:
        found, fetched = self.read(
            {'volumes': [{'id': '1'}, {'id': '2'}], 'volumes_links': NEXT},
            {'volumes': [{'id': '3'}]},
        )
        self.assertEqual([2, 1], [len(page) for page in found])
        self.assertEqual(
            [
                f'/volumes?a=b+c&limit={PAGE_SIZE}',
                f'/volumes?a=b+c&limit={PAGE_SIZE}&marker=2',
            ],
            fetched,
        )

    def test_a_listing_ends_without_a_next_link_or_without_rows(self) -> None:
        for page in (
            {'volumes': [{'id': '1'}], 'volumes_links': [{'rel': 'self'}]},
            {'volumes': [], 'volumes_links': NEXT},
        ):
            found, fetched = self.read(page)
            self.assertEqual(([page['volumes']], 1), (found, len(fetched)))

    def test_a_row_that_comes_again_is_dropped(self) -> None:
        found, _asked = self.read(
            {'volumes': [{'id': '1'}, {'id': '2'}], 'volumes_links': NEXT},
            {'volumes': [{'id': '2'}, {'id': '3'}]},
        )
        self.assertEqual(
            ['1', '2', '3'], [row['id'] for page in found for row in page]
        )

    def test_rows_that_are_no_markers_are_passed_over(self) -> None:
        found, fetched = self.read(
            {'volumes': [{'id': '1'}, {'id': 'x'}], 'volumes_links': NEXT},
            {'volumes': [{'id': 'x'}], 'volumes_links': NEXT},
            is_marker=lambda row: row['id'] != 'x',
        )
        self.assertEqual([2, 0], [len(page) for page in found])
        self.assertIn('marker=1', fetched[1])

    def test_a_listing_that_repeats_itself_is_refused(self) -> None:
        page = {'volumes': [{'id': '1'}], 'volumes_links': NEXT}
        error = self.assertRaises(ValueError, self.read, page, page)
        self.assertIn('volumes repeats itself', str(error))

    def test_glance_says_otherwise_that_there_is_more(self) -> None:
        found, fetched = self.read(
            {'volumes': [{'id': '1'}], 'next': '/v2/images?marker=1'},
            {'volumes': [{'id': '2'}]},
        )
        self.assertEqual(2, len(found))
        self.assertTrue(fetched[1].endswith('&marker=1'), fetched[1])


class BoundsTest(cases.TestCase):
    """A listing has an end, whatever a service says."""

    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0
        self.bounds = paging.Bounds(lambda: self.now)

    def passed(self, size: int = 0) -> str:
        """Return what is said of one page more than there may be."""
        return str(self.assertRaises(RefusedError, self.bounds.add, size))

    def test_a_hundred_thousand_servers_are_within_them(self) -> None:
        for _page in range(1000):
            self.bounds.add(300_000)
            self.now += 10

    def test_pages_are_counted(self) -> None:
        for _page in range(paging.PAGES):
            self.bounds.add(100)
        self.assertIn('not end after 10000 pages', self.passed())

    def test_bytes_are_counted(self) -> None:
        for _page in range(16):
            self.bounds.add(64 << 20)
        self.assertIn('not end after 1024 MiB', self.passed(1))

    def test_time_is_counted(self) -> None:
        self.bounds.add(1)
        self.now = paging.LISTING_SECONDS + 1
        self.assertIn('not end after 4 hours', self.passed())


class LostMarkerTest(cases.TestCase):
    """Things are deleted while they are listed."""

    def setUp(self) -> None:
        super().setUp()
        self.volumes = [f'{number:03}' for number in range(100)]
        self.deleted: set[str] = set()
        self.fetched: list[str | None] = []
        self.size = 10

    def fetch(self, path: str) -> dict[str, Any]:
        query = parse_qs(urlsplit(path).query)
        (marker,) = query.get('marker', [None])
        self.fetched.append(marker)
        if marker in self.deleted:
            raise CloudError(f'marker [{marker}] not found', 400)
        left = [
            one
            for one in self.volumes
            if one > (marker or '') and one not in self.deleted
        ]
        return {
            'volumes': [{'id': one} for one in left[: self.size]],
            'volumes_links': NEXT if len(left) >= self.size else [],
        }

    def listed(self, deleted: dict[int, set[str]]) -> list[str]:
        """Return what a listing finds; after pages, some are deleted."""
        found: list[str] = []
        for number, page in enumerate(pages(self.fetch, '/x', 'volumes', {})):
            found += [row['id'] for row in page]
            self.deleted |= deleted.get(number, set())
        return found

    def test_a_lost_marker_is_replaced_by_an_older_one(self) -> None:
        self.assertEqual(self.volumes, self.listed({0: {'009'}}))
        self.assertEqual([None, '009', '008', '019'], self.fetched[:4])

    def test_lost_markers_are_replaced_by_the_beginning(self) -> None:
        gone = set(self.volumes[:20])
        self.assertEqual(self.volumes, self.listed({1: gone}))

    def test_another_error_is_no_lost_marker(self) -> None:
        def fail(path: str) -> dict[str, Any]:
            if 'marker' in path:
                raise CloudError('bad request', 400)
            return self.fetch(path)

        listing = pages(fail, '/x', 'volumes', {})
        next(listing)
        self.assertRaises(CloudError, next, listing)

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(
        st.integers(1, 30),
        st.dictionaries(
            st.integers(0, 12),
            st.sets(st.integers(0, 99).map('{:03}'.format), max_size=60),
        ),
    )
    def test_what_stays_is_found_once_whatever_goes(
        self, size: int, deleted: dict[int, set[str]]
    ) -> None:
        self.deleted.clear()
        self.size = size
        found = self.listed(deleted)
        self.assertEqual(len(found), len(set(found)))
        stays = set(self.volumes).difference(*deleted.values())
        self.assertEqual(set(), stays - set(found))
