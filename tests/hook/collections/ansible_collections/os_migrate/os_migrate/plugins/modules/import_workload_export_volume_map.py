#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Returns the map of a workload's volumes for nbdkit, as os-migrate's does.

It is made from the resource alone: nothing is copied at the source first.
"""

import uuid

from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule(
        argument_spec={
            'cloud': {'type': 'raw'},
            'data': {'type': 'dict', 'required': True},
        }
    )
    volumes = {
        volume['_info']['attachments'][0]['device']: {
            'bootable': volume['_info'].get('bootable', False),
            'dest_dev': None,
            'dest_id': None,
            'image_id': None,
            'name': volume['params']['name'],
            'port': None,
            'progress': 0.0,
            'size': volume['_info']['size'],
            'snap_id': None,
            'source_dev': None,
            'source_id': volume['_info']['id'],
            'url': None,
        }
        for volume in module.params['data']['params']['volumes']
    }
    module.exit_json(
        changed=False, transfer_uuid=str(uuid.uuid4()), volume_map=volumes
    )


if __name__ == '__main__':
    main()
