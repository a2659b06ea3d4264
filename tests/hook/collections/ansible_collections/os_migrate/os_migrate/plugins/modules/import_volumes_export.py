#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Returns the map of volumes that no server has, as os-migrate's module."""

import uuid

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={
            'cloud': {'type': 'raw'},
            'data': {'type': 'list', 'elements': 'dict', 'required': True},
        }
    )
    volumes = {
        volume['_info']['id']: {
            'bootable': volume['_info']['is_bootable'],
            'dest_dev': None,
            'dest_id': None,
            'image_id': None,
            'name': volume['params']['name'],
            'port': 49166,
            'progress': 0.0,
            'size': volume['_info']['size'],
            'snap_id': None,
            'source_dev': '/dev/vdb',
            'source_id': volume['_info']['id'],
            'url': None,
        }
        for volume in module.params['data']
    }
    module.exit_json(
        changed=True, transfer_uuid=str(uuid.uuid4()), volume_map=volumes
    )


if __name__ == '__main__':
    main()
