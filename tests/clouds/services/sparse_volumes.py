# SPDX-License-Identifier: Apache-2.0

"""A Cinder volume driver that keeps every volume in one sparse file.

It needs no kernel module, no qemu-img and no root.  It does not convert
image formats: images have to be raw.
"""

import os
import subprocess

from cinder import interface
from cinder.volume import driver
from oslo_config import cfg

OPTIONS = [
    cfg.StrOpt(
        'sparse_volumes_directory',
        help='Where the files of the volumes are kept.',
    ),
]
GIGABYTE = 1 << 30
CAPACITY_GB = 100000


@interface.volumedriver
class SparseFileDriver(driver.VolumeDriver):
    """Volumes and snapshots as sparse files of one directory."""

    VERSION = '1.0'
    CI_WIKI_NAME = 'none'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.configuration.append_config_values(OPTIONS)

    def do_setup(self, context):
        os.makedirs(self._directory(), exist_ok=True)

    def check_for_setup_error(self):
        pass

    def get_volume_stats(self, refresh=False):
        return {
            'volume_backend_name': self.configuration.safe_get(
                'volume_backend_name'
            ),
            'vendor_name': 'osc-hwmt',
            'driver_version': self.VERSION,
            'storage_protocol': 'file',
            'total_capacity_gb': CAPACITY_GB,
            'free_capacity_gb': CAPACITY_GB,
            'provisioned_capacity_gb': 0,
            'reserved_percentage': 0,
            'max_over_subscription_ratio': '20.0',
            'thin_provisioning_support': True,
            'multiattach': True,
            'QoS_support': False,
        }

    # The base class asks for the figures under this name as well.
    _update_volume_stats = get_volume_stats

    def create_volume(self, volume):
        with open(self.local_path(volume), 'wb') as target:
            target.truncate(volume['size'] * GIGABYTE)

    def clone_image(
        self, context, volume, image_location, image_meta, image_service
    ):
        # Saying "cloned" keeps Cinder from fetching the image with qemu-img,
        # while Cinder itself still copies the image's properties to the
        # volume and sets the bootable flag.
        self.copy_image_to_volume(
            context, volume, image_service, image_meta['id']
        )
        return {}, True

    def copy_image_to_volume(
        self, context, volume, image_service, image_id, disable_sparse=False
    ):
        with open(self.local_path(volume), 'wb') as target:
            image_service.download(context, image_id, target)
            target.truncate(volume['size'] * GIGABYTE)

    def copy_volume_to_image(self, context, volume, image_service, image_meta):
        with open(self.local_path(volume), 'rb') as source:
            image_service.update(context, image_meta['id'], {}, source)

    def extend_volume(self, volume, new_size):
        with open(self.local_path(volume), 'r+b') as target:
            target.truncate(new_size * GIGABYTE)

    def delete_volume(self, volume):
        remove(self.local_path(volume))

    def create_snapshot(self, snapshot):
        sparse_copy(
            self.local_path(snapshot.volume), self._snapshot_path(snapshot)
        )

    def delete_snapshot(self, snapshot):
        remove(self._snapshot_path(snapshot))

    def create_volume_from_snapshot(self, volume, snapshot):
        sparse_copy(self._snapshot_path(snapshot), self.local_path(volume))
        self.extend_volume(volume, volume['size'])

    def create_cloned_volume(self, volume, src_vref):
        sparse_copy(self.local_path(src_vref), self.local_path(volume))
        self.extend_volume(volume, volume['size'])

    def ensure_export(self, context, volume):
        pass

    def create_export(self, context, volume, connector):
        pass

    def remove_export(self, context, volume):
        pass

    def initialize_connection(self, volume, connector, **kwargs):
        # To Nova that is a file which both of them can open, and nothing
        # has to be attached or mounted for it.
        return {
            'driver_volume_type': 'gpfs',
            'data': {'device_path': self.local_path(volume)},
        }

    def terminate_connection(self, volume, connector, **kwargs):
        pass

    def manage_existing(self, volume, existing_ref):
        os.rename(self._existing(existing_ref), self.local_path(volume))

    def manage_existing_get_size(self, volume, existing_ref):
        size = os.path.getsize(self._existing(existing_ref))
        return max(1, -(-size // GIGABYTE))

    def unmanage(self, volume):
        pass

    def local_path(self, volume):
        return os.path.join(self._directory(), f'volume-{volume["id"]}')

    def _snapshot_path(self, snapshot):
        return os.path.join(self._directory(), f'snapshot-{snapshot["id"]}')

    def _existing(self, reference):
        name = os.path.basename(reference['source-name'])
        return os.path.join(self._directory(), name)

    def _directory(self):
        return self.configuration.sparse_volumes_directory


def remove(path):
    """Delete a file; that it is gone already is fine."""
    if os.path.exists(path):
        os.unlink(path)


def sparse_copy(source, target):
    """Copy a file, and leave out what is empty."""
    subprocess.check_call(['cp', '--sparse=always', source, target])
