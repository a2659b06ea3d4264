# SPDX-License-Identifier: Apache-2.0

"""What made a volume the right one when its write was approved.

Between the plan and the write, minutes or days may pass. What is not as it
was approved is not written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from osc_hwmt.destination.match import Rule
from osc_hwmt.destination.plan import (
    Set,
    Step,
    Unchanged,
    holder_of,
    server_of,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.display import exact
from osc_hwmt.i18n import _
from osc_hwmt.model.changes import Change, Write
from osc_hwmt.model.inventory import Volume
from osc_hwmt.model.memory import slotted


@slotted
@dataclasses.dataclass(frozen=True)
class Approved:
    """A write, and all that made its volume the right one.

    ``servers`` are those that the volume was attached to, and ``server`` is
    the destination's own, None where it did not exist.
    """

    write: Write
    name: str
    size: int
    bootable: bool
    servers: tuple[str, ...]
    rule: Rule
    server: str | None

    @classmethod
    def of(cls, step: Set) -> Approved:
        """Return what is approved with a step of a plan."""
        volume, server = step.match.volume, step.match.server
        return cls(
            write=step.write,
            name=volume.name,
            size=volume.size,
            bootable=volume.bootable,
            servers=_servers(volume),
            rule=step.match.rule,
            server=server.id if server else None,
        )


def changed(
    approved: Approved, step: Step | None, volume: Volume | None
) -> str:
    """Return what is not as it was approved, nothing where all is.

    ``step`` is what a plan would do now for the same entry of a manifest,
    None where there is no such entry any more. ``volume`` is the approved
    one as it is now, None where it is not there.
    """
    return '; '.join(_changes(approved, step, volume))


def _changes(
    approved: Approved, step: Step | None, volume: Volume | None
) -> Iterator[str]:
    yield from _of_volume(approved, volume)
    if step is None:
        yield _('the server is no longer in the manifest')
    elif isinstance(step, Refused):
        # Whether it is ready is waited for.
        if step.refusal is not Refusal.VOLUME_NOT_READY:
            yield from _of_refusal(approved, step, volume)
    else:
        yield from _of_match(approved, step)
    if isinstance(step, Set):
        yield from _of_values(approved.write.changes, step.changes)


def _of_volume(approved: Approved, volume: Volume | None) -> Iterator[str]:
    write = approved.write
    if volume is None:
        yield (
            _('volume %s no longer exists, or is in another project')
            % write.volume_id
        )
        return
    for was, now, text in (
        (
            exact(approved.name),
            exact(volume.name),
            _(
                'volume %(id)s was named %(was)s when the plan was approved, '
                'and is now named %(now)s'
            ),
        ),
        (
            approved.size,
            volume.size,
            _(
                'volume %(id)s had %(was)s GiB when the plan was approved, '
                'and now has %(now)s GiB'
            ),
        ),
        (
            write.project_id,
            volume.project_id,
            _(
                'volume %(id)s was in project %(was)s when the plan was '
                'approved, and is now in project %(now)s'
            ),
        ),
        (
            _named(approved.servers),
            _named(_servers(volume)),
            _(
                'volume %(id)s was attached to %(was)s when the plan was '
                'approved, and is now attached to %(now)s'
            ),
        ),
    ):
        if was != now:
            yield text % {'id': write.volume_id, 'was': was, 'now': now}
    # Cinder and os-migrate make it bootable once its data are there.
    if approved.bootable and not volume.bootable:
        yield _('volume %s is no longer bootable') % write.volume_id


def _of_refusal(
    approved: Approved, step: Refused, volume: Volume | None
) -> Iterator[str]:
    """Say why it would be refused now, namesakes by their ids."""
    others = [
        one.id for one in step.candidates if one.id != approved.write.volume_id
    ]
    if step.refusal is Refusal.VOLUME_AMBIGUOUS and volume and others:
        yield _('another volume with that name has appeared: %s') % ', '.join(
            others
        )
    else:
        yield step.reason


def _of_match(approved: Approved, step: Step) -> Iterator[str]:
    holder, server = holder_of(step), server_of(step)
    if not isinstance(step, (Set, Unchanged)):
        yield _('the manifest no longer sets anything on it')
        return
    if holder is None or holder.id != approved.write.volume_id:
        yield _('it now resolves to %s') % (
            _('volume %s') % holder.id if holder else _('no volume')
        )
        return
    if server and approved.server is None:
        yield _('server %s now exists') % server.id
    elif server is None and approved.server:
        yield _('server %s no longer exists') % approved.server
    elif server and server.id != approved.server:
        yield _('server %(now)s has replaced server %(was)s') % {
            'now': server.id,
            'was': approved.server,
        }
    if isinstance(step, Set) and step.match.rule is not approved.rule:
        yield _(
            'it was matched by "%(was)s" when the plan was approved, and is '
            'now matched by "%(now)s"'
        ) % {
            'was': approved.rule.value,
            'now': step.match.rule.value,
        }


def _of_values(
    approved: Sequence[Change], now: Sequence[Change]
) -> Iterator[str]:
    """Say which values are others, of those that are still to be written."""
    known = {one.key: one for one in approved}
    for one in now:
        was = known.get(one.key)
        if was is None or was.new != one.new:
            yield _(
                '%(key)s would now be set to %(now)s, which was not approved'
            ) % {
                'key': one.key,
                'now': exact(one.new or '-'),
            }
        elif was.old != one.old:
            yield _(
                '%(key)s was %(was)s when the plan was approved, and is now '
                '%(now)s'
            ) % {
                'key': one.key,
                'was': exact(was.old or '-'),
                'now': exact(one.old or '-'),
            }


def _servers(volume: Volume) -> tuple[str, ...]:
    return tuple(sorted({one.server_id for one in volume.attachments}))


def _named(servers: Sequence[str]) -> str:
    if not servers:
        return _('no server')
    return _('server %s') % ', '.join(servers)
