# SPDX-License-Identifier: Apache-2.0

"""Listings by pages, with our own markers.

The links that servers send carry an address of their own choosing; sending a
token there is up to whoever configured it, so only their presence counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from osc_hwmt.cloud.transport import RefusedError
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _

#: What services allow by default (osapi_max_limit, max_limit); a lower limit
#: of theirs is obeyed silently, by them and so by us.
PAGE_SIZE = 1000
#: What one listing may come to: a million servers where a service gives 100 a
#: page, 100,000 that take 10 KiB each, and pages that take two minutes each.
PAGES = 10_000
LISTING_BYTES = 1 << 30
LISTING_SECONDS = 4 * 3600.0


def pages(
    fetch: Callable[[str], Any],
    path: str,
    key: str,
    query: Mapping[str, str],
    is_marker: Callable[[Mapping[str, Any]], bool] = lambda row: True,
) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a listing, no row twice.

    ``fetch`` gets a path with its query, returns the decoded answer and
    raises CloudError. ``is_marker`` tells which rows a service can go on
    from. Raises CloudError and, where a service does not go on from a
    marker, ValueError.
    """
    listing = _Listing(fetch, path, key, query)
    known: set[str] = set()
    while True:
        body = listing.page()
        rows = [row for row in body[key] if row['id'] not in known]
        known.update(row['id'] for row in rows)
        yield rows
        markers = [row['id'] for row in body[key] if is_marker(row)]
        if not markers or not _goes_on(body, key):
            return
        listing.go_on(markers, progress=bool(rows))


class Bounds:
    """How much one listing has come to; ``clock`` is in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = clock() + LISTING_SECONDS
        self._pages = 0
        self._bytes = 0

    def add(self, size: int) -> None:
        """Count a page of so many bytes; raises RefusedError."""
        self._pages += 1
        self._bytes += size
        for passed, bound in (
            (self._pages > PAGES, _('%d pages') % PAGES),
            (
                self._bytes > LISTING_BYTES,
                _('%d MiB') % (LISTING_BYTES >> 20),
            ),
            (
                self._clock() > self._until,
                _('%d hours') % (LISTING_SECONDS // 3600),
            ),
        ):
            if passed:
                raise RefusedError(
                    _('the listing does not end after %s') % bound
                )


class _Listing:
    """Where a listing has got to."""

    def __init__(
        self,
        fetch: Callable[[str], Any],
        path: str,
        key: str,
        query: Mapping[str, str],
    ) -> None:
        self._fetch = fetch
        self._path = path
        self._key = key
        self._query = {**query, 'limit': str(PAGE_SIZE)}
        self._markers: list[str] = []
        # How many pages may bring nothing new, after steps back.
        self._repetitions = 0

    def page(self) -> Any:
        """Return the next page.

        Whoever deletes what the marker names makes the service refuse it:
        404 by Cinder, 400 by Nova. Then an older one will do.
        """
        back = 1
        while True:
            marker = self._markers[-1] if self._markers else None
            try:
                return self._from(marker)
            except CloudError as exc:
                if marker is None or not _is_about(exc, marker):
                    raise
            self._repetitions += back
            del self._markers[-back:]
            back *= 2

    def go_on(self, markers: list[str], *, progress: bool) -> None:
        """Go on behind the last of a page's markers."""
        if not progress:
            self._repetitions -= 1
        if self._repetitions < 0:
            raise ValueError(f'the listing of {self._key} repeats itself')
        self._markers += markers

    def _from(self, marker: str | None) -> Any:
        query = {**self._query, 'marker': marker} if marker else self._query
        return self._fetch(f'{self._path}?{urlencode(query)}')


def page_of(body: Any, key: str) -> Any:
    """Return an answer that has a page; raises ValueError for any other.

    cinderclient turns one that was cut off into None.
    """
    if not isinstance(body, dict) or not isinstance(body.get(key), list):
        raise ValueError(f'{key} expected')
    return body


def _goes_on(body: Mapping[str, Any], key: str) -> bool:
    """Tell whether a page is not the last one: Glance has no list of links."""
    links = body.get(f'{key}_links') or ()
    return bool(body.get('next')) or any(
        link.get('rel') == 'next' for link in links
    )


def _is_about(error: CloudError, marker: str) -> bool:
    return error.code in (400, 404) and marker in str(error)
