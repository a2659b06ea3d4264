# SPDX-License-Identifier: Apache-2.0

"""What several sections of the page show alike."""

from __future__ import annotations

from osc_hwmt.manifest.entry import Entry
from osc_hwmt.page.markup import Markup, Templates
from osc_hwmt.page.ways import Stop

_COMMAND = 'openstack '


def stop(parts: Templates, stop: Stop) -> Markup:
    """Return a machine type letter by letter, or the words for none."""
    return parts['value' if stop.is_value else 'word'].fill(value=stop.label)


def project(entry: Entry) -> str:
    """Return the name of a server's project, else its id, else nothing."""
    recorded = entry.recorded
    name = recorded.project_name if recorded else None
    return name or entry.project_id or ''


def remedy(parts: Templates, text: str | None) -> Markup:
    """Return what to do about something; a command stands apart."""
    if not text:
        return Markup()
    kind = 'command' if text.startswith(_COMMAND) else 'advice'
    return parts[kind].fill(remedy=text)


def servers(number: int) -> str:
    """Return a number of servers in words of the page."""
    return '1 server' if number == 1 else f'{number:,} servers'
