# SPDX-License-Identifier: Apache-2.0

"""What a machine type's name looks like."""

from __future__ import annotations

import re

#: Every machine type that QEMU and its distributors ever named is of this
#: form. Nova cuts a property at 255 characters (nova/utils.py).
_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._+-]{0,254}')
#: YAML knows null, not None; and QEMU's machine "none" boots nothing.
MEANT_AS_NULL = frozenset(('none', 'null'))


def is_machine_type(text: str) -> bool:
    """Tell whether a text can be a machine type that a guest boots on."""
    return bool(_NAME.fullmatch(text)) and text.lower() not in MEANT_AS_NULL
