# SPDX-License-Identifier: Apache-2.0

"""Members of an answer, read by their types.

Each function raises ValueError where the member is something else, which is
told as an answer that is not valid. KeyError, where it has to be there, is
told likewise.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from osc_hwmt.cloud.ids import is_id
from osc_hwmt.i18n import _

#: Half of a character, which JSON can spell and no file can have.
_HALF = re.compile('[\ud800-\udfff]')


def text(row: Mapping[str, Any], key: str) -> str:
    """Return a text that can be written to a file."""
    value = row[key]
    if not isinstance(value, str):
        raise _odd(key, _('a string'), value)
    if not value.isascii() and _HALF.search(value):
        raise _odd(key, _('valid Unicode characters'), value)
    return value


def text_if_any(row: Mapping[str, Any], key: str) -> str | None:
    """Return a text, None where it is absent or null."""
    return None if row.get(key) is None else text(row, key)


def identifier(row: Mapping[str, Any], key: str = 'id') -> str:
    """Return an id."""
    value = text(row, key)
    if not is_id(value):
        raise _odd(key, _('an ID'), value)
    return value


def number(row: Mapping[str, Any], key: str) -> int:
    """Return a whole number."""
    value = row[key]
    if type(value) is not int:
        raise _odd(key, _('a whole number'), value)
    return value


def time(row: Mapping[str, Any], key: str) -> datetime.datetime | None:
    """Return a time in UTC, which one without a zone is in; None if absent."""
    written = text_if_any(row, key)
    if not written:
        return None
    # Python's own parser knows the Z from 3.11 on only.
    found = datetime.datetime.fromisoformat(written.replace('Z', '+00:00'))
    if found.tzinfo is None:
        return found.replace(tzinfo=datetime.timezone.utc)
    return found.astimezone(datetime.timezone.utc)


def rows(row: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return a list of objects, an empty one where it is absent or null."""
    value = row.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _odd(key, _('a list'), value)
    for one in value:
        if not isinstance(one, dict):
            raise _odd(key, _('a list of objects'), one)
    return value


def texts(row: Mapping[str, Any], key: str) -> dict[str, str] | None:
    """Return properties or metadata, None where they are absent or null.

    Nova gives some values as numbers or as true and false. One that is null
    is left out.
    """
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise _odd(key, _('an object'), value)
    ''.join(value).encode()
    return {
        name: text(value, name) if isinstance(one, str) else _scalar(name, one)
        for name, one in value.items()
        if one is not None
    }


def _scalar(key: str, value: object) -> str:
    if not isinstance(value, (bool, int, float)):
        raise _odd(key, _('a string'), value)
    return str(value)


def _odd(key: str, expected: str, value: object) -> ValueError:
    return ValueError(
        _('%(key)s: expected %(expected)s, found %(value).100r')
        % {'key': key, 'expected': expected, 'value': value}
    )
