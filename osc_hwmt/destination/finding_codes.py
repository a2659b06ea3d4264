# SPDX-License-Identifier: Apache-2.0

"""The codes of verify's findings, and what each means, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from osc_hwmt.compatibility import rules
from osc_hwmt.destination.refusals import Refusal
from osc_hwmt.i18n import _

OK = 'ok'
LEFT = 'left-to-destination'
UNDECIDED = Refusal.UNDECIDED.value
NOT_IMPORTED_YET = Refusal.NOT_IMPORTED_YET.value
DIFFERS = 'volume-differs'
SERVER_OK = 'server-ok'
SERVER_DIFFERS = 'server-differs'
SERVER_UNKNOWN = 'server-unknown'
MADE_BY_NOVA = 'volume-made-by-nova'
DISK_GOES = 'disk-goes-with-server'
DESTINATION_OK = 'destination-ok'

_OF_RULES = {rule.code: rule.summary for rule in rules.RULES}
MEANINGS: Mapping[str, str] = {
    **_OF_RULES,
    OK: _('the volume or the image has what the manifest wants'),
    LEFT: _('the manifest leaves the hardware to the destination'),
    UNDECIDED: _(
        'no machine type is recorded for the server and nobody chose one: '
        "collect data from the source's hosts, or choose one with export "
        '--set'
    ),
    DIFFERS: _(
        "the volume's image metadata is missing or differs from what the "
        'manifest wants; apply fixes one server with --server, or all of '
        'them without'
    ),
    SERVER_OK: _('the server that was built has what the manifest wants'),
    SERVER_DIFFERS: _(
        'the server that was built has something else: it was built before '
        'its volume was right'
    ),
    DISK_GOES: _(
        'the server has something else, and deleting it to create it again '
        'would delete its disk'
    ),
    SERVER_UNKNOWN: _(
        'no collected data, record or journal shows what the server has'
    ),
    MADE_BY_NOVA: _(
        'Nova created the boot volume from an image or a snapshot when it '
        "built the server: it read the image, or the snapshot's volume as it "
        'was then'
    ),
    DESTINATION_OK: _('no known obstacle'),
    Refusal.PROJECT_NOT_FOUND.value: _(
        'the destination has no project with that name, or none that this '
        'user can see'
    ),
    Refusal.VOLUME_NOT_FOUND.value: _(
        'the destination has no volume that matches the server'
    ),
    NOT_IMPORTED_YET: _(
        'the destination has neither a server nor a volume with that name yet'
    ),
    Refusal.VOLUME_NAME_UNKNOWN.value: _(
        'the manifest does not say which volume the server boots from, or '
        'that volume has no name on the source'
    ),
    Refusal.SERVER_ON_IMAGE.value: _(
        'the destination has a server with that name, which boots from an '
        'image and not from the copied volume'
    ),
    Refusal.IMAGE_BESIDE_VOLUME.value: _(
        'the server was created with both an image and a boot volume, so '
        'Nova read the image and not the volume'
    ),
    Refusal.VOLUME_AMBIGUOUS.value: _('several volumes match'),
    Refusal.VOLUME_CLAIMED_TWICE.value: _(
        'two servers or volumes of the manifest resolve to the same volume'
    ),
    Refusal.VOLUME_UNUSABLE.value: _(
        'the volume is in an error state or is being deleted: no server can '
        'be built from it'
    ),
    Refusal.VOLUME_NOT_READY.value: _(
        'Cinder is still filling the volume, and may give it other image '
        'metadata'
    ),
    Refusal.METADATA_UNKNOWN.value: _(
        "Cinder's policy hides the volume's image metadata from this user"
    ),
    Refusal.MACHINE_TYPE_MISSING.value: _(
        'the manifest has no machine type for the server: os-migrate dropped '
        'it, or export could not read it'
    ),
    Refusal.ON_IMAGE.value: _(
        'the server boots from an image of the destination, which has '
        'something else'
    ),
    Refusal.UNFIT.value: _(
        'the destination cannot run what the manifest wants, so apply '
        'refuses it'
    ),
}
