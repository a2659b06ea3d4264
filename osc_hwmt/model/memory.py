# SPDX-License-Identifier: Apache-2.0

"""Records and texts of a hundred thousand servers, kept small."""

from __future__ import annotations

import dataclasses
import functools
import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

_Record = TypeVar('_Record')
_Key = TypeVar('_Key')
_Value = TypeVar('_Value')

#: Returns an equal text, the same one for many that are alike.
intern_value = sys.intern

#: Characters by which a text grows at once.
_MANY = 16 * 1024
#: So many different ones are kept.
_MOST = 1024
_SHARED: dict[Any, Any] = {}
_NOTHING: Mapping[Any, Any] = types.MappingProxyType({})


def slotted(record: type[_Record]) -> type[_Record]:
    """Return a dataclass whose instances have slots and no dictionary.

    From Python 3.10 on dataclass(slots=True) does the same.
    """
    names = [field.name for field in dataclasses.fields(record)]  # type: ignore[arg-type]
    members = {
        name: member
        for name, member in vars(record).items()
        if name not in (*names, '__dict__', '__weakref__')
    }
    inherited = {
        name
        for base in record.__mro__[1:]
        for name in getattr(base, '__slots__', ())
    }
    members['__slots__'] = [name for name in names if name not in inherited]
    members['__qualname__'] = record.__qualname__
    kind: Any = type(record)
    made: type[_Record] = kind(record.__name__, record.__bases__, members)
    return made


def empty_mapping() -> Mapping[Any, Any]:
    """Return the mapping that has nothing, as a default of many records."""
    return _NOTHING


def intern_mapping(mapping: Mapping[_Key, _Value]) -> Mapping[_Key, _Value]:
    """Return an equal mapping, the same one for many that are alike."""
    return _kept(tuple(mapping.items())) if mapping else _NOTHING


def intern_record(record: _Record) -> _Record:
    """Return an equal record, the same one for many that are alike.

    Its fields can be hashed, or are mappings of intern_mapping() and
    empty_mapping().
    """
    members = (
        getattr(record, field.name)
        for field in dataclasses.fields(record)  # type: ignore[arg-type]
    )
    key = (
        type(record),
        *(id(one) if isinstance(one, Mapping) else one for one in members),
    )
    if len(_SHARED) >= _MOST:
        _SHARED.clear()
    kept: _Record = _SHARED.setdefault(key, record)
    return kept


@functools.lru_cache(maxsize=_MOST)
def _kept(members: tuple[tuple[Any, Any], ...]) -> Mapping[Any, Any]:
    return dict(members)


def consume(records: list[_Record]) -> Iterator[_Record]:
    """Yield the records of a list, which lets go of each: it is empty then."""
    records.reverse()
    while records:
        yield records.pop()


def concat(pieces: Iterable[str]) -> str:
    """Return a text of many pieces, of which few are there at once.

    CPython lets a text grow in its place that only one name refers to, where
    join() and StringIO come to hold it twice.
    """
    text = ''
    some: list[str] = []
    size = 0
    for piece in pieces:
        some.append(piece)
        size += len(piece)
        if size > _MANY:
            text += ''.join(some)
            some.clear()
            size = 0
    text += ''.join(some)
    return text
