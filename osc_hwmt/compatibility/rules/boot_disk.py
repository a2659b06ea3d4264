# SPDX-License-Identifier: Apache-2.0

"""The disk that a server boots from, beside the one that it booted from."""

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Offer
from osc_hwmt.compatibility.rules.definition import (
    Hardware,
    Said,
    Severity,
    rule,
)
from osc_hwmt.i18n import _


@rule(
    'boot-volume-size',
    Severity.WARNING,
    'the boot volume has a different size than at the source',
    source='os-migrate 1.0.5, plugins/module_utils/volume_common.py: a copy '
    'has the size of its source',
)
def other_size(hardware: Hardware, offer: Offer) -> Said:
    before, now = hardware.gigabytes_before, hardware.gigabytes
    if before is None or now is None or before == now:
        return None
    return (
        _('its boot volume has %(now)d GiB, but %(before)d GiB at the source')
        % {'now': now, 'before': before},
        _(
            "make sure that it is the copy of this server's volume and of no "
            'other'
        ),
    )
