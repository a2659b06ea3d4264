# SPDX-License-Identifier: Apache-2.0

"""Listings by pages, with our own markers.

The links that servers send carry an address of their own choosing; sending a
token there is up to whoever configured it, so only their presence counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

#: What services allow by default (osapi_max_limit, max_limit); a lower limit
#: of theirs is obeyed silently, by them and so by us.
PAGE_SIZE = 1000


def pages(
    fetch: Callable[[str], Any], path: str, key: str, query: dict[str, str]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a listing.

    ``fetch`` gets a path with its query and returns the decoded answer.
    Raises ValueError where the service does not go on from the marker.
    """
    wanted = {**query, 'limit': str(PAGE_SIZE)}
    seen: set[str] = set()
    while True:
        body = fetch(f'{path}?{urlencode(wanted)}')
        page = body[key]
        yield page
        links = body.get(f'{key}_links') or ()
        if not page or not any(link.get('rel') == 'next' for link in links):
            return
        marker = page[-1]['id']
        if marker in seen:
            raise ValueError(f'the listing of {key} repeats itself')
        seen.add(marker)
        wanted['marker'] = marker
