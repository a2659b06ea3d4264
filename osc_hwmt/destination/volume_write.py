# SPDX-License-Identifier: Apache-2.0

"""A write to one volume, over several attempts."""

from __future__ import annotations

from collections.abc import Mapping

from osc_hwmt.cloud.interface import BlockStorage
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _
from osc_hwmt.model.changes import Write


class VolumeWrite:
    """A write that is made until it is done, or given up.

    ``maybe_done`` tells that it may have been done, all or some of it,
    although it failed.
    """

    def __init__(self, block_storage: BlockStorage, write: Write) -> None:
        self.write = write
        self.maybe_done = False
        self._block_storage = block_storage

    def make(self) -> None:
        """Make it; raises CloudError.

        Where an earlier one may have been it, the volume is looked at first:
        Cinder may still be busy with that, and two at once can leave a key
        there twice (no unique constraint, no lock: cinder/db/sqlalchemy).
        """
        if self.maybe_done:
            now = self._block_storage.image_metadata(
                self.write.volume_id, retrying=False
            )
            if now is not None and self.write.missing(now) is None:
                return
        try:
            self._send()
        except CloudError as exc:
            self.maybe_done = self.maybe_done or not _is_refusal(exc)
            raise

    def _send(self) -> None:
        volume_id, changes = self.write.volume_id, self.write.changes
        values = {one.key: one.new for one in changes if one.new is not None}
        if values:
            now = self._block_storage.set_image_metadata(volume_id, values)
            self.maybe_done = True
            _compare(volume_id, values, now)
        removed = [one.key for one in changes if one.new is None]
        if removed:
            self._block_storage.unset_image_metadata(volume_id, removed)


def _is_refusal(error: CloudError) -> bool:
    """Tell whether nothing was done: 408 is a proxy's word for no answer."""
    code = error.code
    return code is not None and 400 <= code < 500 and code != 408


def _compare(
    volume_id: str, values: Mapping[str, str], now: Mapping[str, str]
) -> None:
    """Raise CloudError where Cinder's answer is not what was set."""
    if any(now.get(key) != value for key, value in values.items()):
        raise CloudError(
            _('volume %(id)s has %(now)s after setting %(values)s')
            % {'id': volume_id, 'now': dict(now), 'values': dict(values)}
        )
