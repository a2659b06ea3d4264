#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Makes a workload's volumes and says which became which.

The result has the form of that of os-migrate's module; nothing is copied.
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.os_migrate.os_migrate.plugins.module_utils import (
    clouds,
)


def main():
    module = AnsibleModule(
        argument_spec={
            'cloud': {'type': 'raw'},
            'conversion_host': {'type': 'dict', 'required': True},
            'data': {'type': 'dict', 'required': True},
            'log_file': {'type': 'str'},
            'ssh_key_path': {'type': 'str', 'no_log': True},
            'state_file': {'type': 'str'},
            'transfer_uuid': {'type': 'str', 'required': True},
            'volume_map': {'type': 'dict', 'required': True},
        }
    )
    storage = clouds.client(module.params['cloud'], 'block-storage')
    volumes = module.params['volume_map']
    boot_name = (
        module.params['data']['_migration_params']
        .get('boot_volume_params', {})
        .get('name')
    )
    for device, mapping in volumes.items():
        name = mapping['name']
        if device == '/dev/vda' and boot_name:
            name = boot_name
        mapping['dest_id'] = clouds.create_volume(
            storage, name, mapping['size'], mapping['bootable']
        )
        mapping.update(dest_dev='/dev/vdc', progress=100.0)
    module.exit_json(
        changed=False,
        volume_map=volumes,
        block_device_mapping=[
            _block_device(device, volumes[device]['dest_id'])
            for device in sorted(volumes)
        ],
    )


def _block_device(device, volume_id):
    boots = device == '/dev/vda'
    return {
        'boot_index': 0 if boots else -1,
        'delete_on_termination': boots,
        'destination_type': 'volume',
        'device_name': device.rpartition('/')[2],
        'source_type': 'volume',
        'uuid': volume_id,
    }


if __name__ == '__main__':
    main()
