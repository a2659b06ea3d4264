# SPDX-License-Identifier: Apache-2.0

"""Ids on their way into an address.

They come from manifests, journals, os-migrate's results and clouds, and an id
such as ``../../<project>/volumes/<id>`` would ask for something else than a
message says: requests resolves its dots before anything is sent.
"""

from __future__ import annotations

import re

from osc_hwmt.cloud.transport import RefusedError
from osc_hwmt.display import printable
from osc_hwmt.i18n import _

#: UUIDs as all services make them, and whatever may stand for one in an
#: address without a meaning there.
_ID = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]{0,254}')


def is_id(text: str) -> bool:
    """Tell whether a text is an id and nothing more."""
    return _ID.fullmatch(text) is not None


def segment(text: str) -> str:
    """Return an id, as a part of an address; raises RefusedError for others.

    Whatever makes an address from an id, a client library included, gets it
    from here.
    """
    if not is_id(text):
        raise RefusedError(_('not an ID: %s') % printable(text))
    return text
