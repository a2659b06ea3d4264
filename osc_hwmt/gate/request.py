# SPDX-License-Identifier: Apache-2.0

"""What a request orders of Nova, read as Nova reads it.

Read in nova 20.6.1, 27.5.1 and 33.0.2: api/openstack/compute/servers.py
(create, _process_bdms_for_create), block_device.py (from_api,
get_bdm_image_metadata) and compute/api.py (_create_instance). Nova takes the
hardware from one thing, and what it takes it from is not always what boots.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Optional

#: os-volumes_boot is what older clients of volume-backed servers use.
_CREATING = ('servers', 'os-volumes_boot')
_DEVICE = re.compile(r'^(/dev/)?((x?v|s|h)d)?')
#: What an id may be to Nova, and no path.
_ID = re.compile(r'(?!\.+$)[a-zA-Z0-9._-]+')
_DIGITS = re.compile(r'\d+')


class Unreadable(Exception):
    """A body of which it cannot be said what Nova makes of it."""


class Reads(enum.Enum):
    """What Nova reads the hardware of a new server from."""

    VOLUME = 'volume'
    IMAGE = 'image'
    #: The volume that it was made of, as that is now.
    SNAPSHOT = 'snapshot'
    NOTHING = 'nothing'


@dataclasses.dataclass(frozen=True)
class Creation:
    """An order for a server, or for ``count`` servers.

    ``id`` is that of what Nova reads. ``volume_id`` is the volume that the
    server boots from, None where there is none yet: beside an image that the
    request names as well, Nova does not read it.
    """

    name: str
    reads: Reads
    id: str | None
    volume_id: str | None = None
    count: int = 1


def is_creation(method: str, path: str) -> bool:
    """Tell whether a request is one that Nova may create servers for.

    ``path`` is decoded; what stands before its last part is the version and,
    where a client writes it, the project.
    """
    return method == 'POST' and path.rpartition('/')[2] in _CREATING


def acted_on(method: str, path: str) -> str | None:
    """Return the id of the server that a request acts on, if it does."""
    parts = path.split('/')
    if method == 'POST' and parts[-1] == 'action' and 'servers' in parts[:-2]:
        return parts[-2]
    return None


def rebuilds(body: bytes) -> bool:
    """Tell whether an action is a rebuild; raises Unreadable."""
    document = _document(body)
    return isinstance(document, dict) and 'rebuild' in document


def creation(body: bytes) -> Creation | None:
    """Return what a body orders, None where Nova refuses it by itself.

    Nova does not look at the content type. Raises Unreadable.
    """
    document = _document(body)
    server = document.get('server') if isinstance(document, dict) else None
    if not isinstance(server, dict):
        return None
    name, count = server.get('name'), _count(server)
    old = server.get('block_device_mapping') or []
    new = server.get('block_device_mapping_v2') or []
    image = server.get('imageRef') or None
    if (
        not isinstance(name, str)
        or (old and new)
        or not all(isinstance(one, dict) for one in _listed(old, new))
        or not isinstance(image, (str, type(None)))
    ):
        return None
    if count > 1 and any(map(_is_volume, (*old, *new))):
        return None
    read = _legacy(old) if old else _current(new)
    if read is None and not image:
        return None
    reads, id, volume_id = read or (Reads.IMAGE, image, None)
    if image:
        # Train also takes an address that ends with the id.
        reads, id = Reads.IMAGE, image.rpartition('/')[2]
    if not all(_ID.fullmatch(one) for one in (id, volume_id) if one):
        return None
    return Creation(name.strip(), reads, id, volume_id, count)


_Read = tuple[Reads, Optional[str], Optional[str]]


def _listed(*mappings: object) -> list[object]:
    """Return the devices of both lists; what is no list has a wrong one."""
    found: list[object] = []
    for one in mappings:
        found += one if isinstance(one, list) else [None]
    return found


def _document(body: bytes) -> Any:
    """Return what a body says, None where that is no JSON."""
    try:
        return json.loads(body.decode(), parse_int=_integer)
    except RecursionError as exc:
        # Another Python may go deeper.
        raise Unreadable('it is nested too deeply') from exc
    except ValueError:
        return None


def _integer(digits: str) -> int:
    """Return a number of any length; some Pythons refuse the longest."""
    most = 10**18
    if len(digits) < 20:
        return int(digits)
    return -most if digits.startswith('-') else most


def _count(server: Mapping[str, Any]) -> int:
    """Return how many servers are ordered at most."""
    least = _number(server.get('min_count')) or 1
    return max(_number(server.get('max_count')) or least, 1)


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return _integer(value.lstrip('0') or '0')
    return value if isinstance(value, int) else None


def _is_volume(device: Mapping[str, Any]) -> bool:
    return bool(
        device.get('source_type') == 'volume'
        or (device.get('volume_id') and not device.get('source_type'))
    )


def _current(devices: Sequence[Mapping[str, Any]]) -> _Read | None:
    """Return what Nova reads of a block_device_mapping_v2."""
    roots = [one for one in devices if _is_root(one)]
    if len(roots) != 1:
        return None
    device = dict(roots[0])
    kind = device.get('source_type')
    if not device.get('no_device') and kind != 'blank':
        if not device.get('uuid'):
            return None
        device[f'{kind}_id'] = device['uuid']
    return _read(device, device.get('volume_id'))


def _legacy(devices: Sequence[Mapping[str, Any]]) -> _Read | None:
    """Return what Nova reads of a block_device_mapping."""
    found = None
    for device in devices:
        letter = _DEVICE.sub('', _text(device.get('device_name')) or '')
        if _DIGITS.sub('', letter) == 'a':
            volume_id = device.get('volume_id')
            found = _read({**device, 'image_id': None}, volume_id)
            if found[0] is not Reads.NOTHING:
                break
    return found


def _read(device: Mapping[str, Any], volume: object) -> _Read:
    volume_id = _text(volume)
    for reads in (Reads.IMAGE, Reads.SNAPSHOT, Reads.VOLUME):
        id = _text(device.get(f'{reads.value}_id'))
        if id:
            return reads, id, volume_id
    return Reads.NOTHING, None, None


def _is_root(device: Mapping[str, Any]) -> bool:
    """Tell whether Nova takes a device's boot_index for 0."""
    index = device.get('boot_index')
    if isinstance(index, str) and not device.get('no_device'):
        digits = index.strip().removeprefix('-')
        return bool(digits) and not digits.strip('0')
    return isinstance(index, (int, float)) and index == 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
