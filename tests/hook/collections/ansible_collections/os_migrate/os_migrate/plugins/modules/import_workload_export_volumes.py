#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Returns the map of a workload's volumes, as os-migrate's module does.

The disk that is booted from is copied to a temporary volume first, so the
map has that one's id instead of the server's own volume.
"""

import uuid

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={
            'boot_volume_prefix': {'type': 'str'},
            'cloud': {'type': 'raw'},
            'data': {'type': 'dict', 'required': True},
        }
    )
    data = module.params['data']
    volumes = {
        volume['_info']['attachments'][0]['device']: _mapping(
            volume['_info']['id'],
            volume['params']['name'],
            volume['_info']['size'],
            volume['_info']['is_bootable'],
        )
        for volume in data['params']['volumes']
    }
    boots_image = data['params']['image_ref'] is not None
    if not boots_image or data['_migration_params']['boot_disk_copy']:
        name = f'{module.params["boot_volume_prefix"]}{data["params"]["name"]}'
        boot = volumes.setdefault('/dev/vda', _mapping('', name, 1, True))
        boot['source_id'] = str(uuid.uuid4())
    module.exit_json(
        changed=True, transfer_uuid=str(uuid.uuid4()), volume_map=volumes
    )


def _mapping(source_id, name, size, bootable):
    return {
        'bootable': bootable,
        'dest_dev': None,
        'dest_id': None,
        'image_id': None,
        'name': name,
        'port': 49196,
        'progress': 0.0,
        'size': size,
        'snap_id': str(uuid.uuid4()),
        'source_dev': '/dev/vdb',
        'source_id': source_id,
        'url': None,
    }


if __name__ == '__main__':
    main()
