#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Creates a workload's server from its volumes, as os-migrate's does."""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.os_migrate.os_migrate.plugins.module_utils import (
    clouds,
)


def main():
    module = AnsibleModule(
        argument_spec={
            'block_device_mapping': {
                'type': 'list',
                'elements': 'dict',
                'required': True,
            },
            'cloud': {'type': 'raw'},
            'data': {'type': 'dict', 'required': True},
        }
    )
    data, cloud = module.params['data'], module.params['cloud']
    mappings = module.params['block_device_mapping']
    migration = data['_migration_params']
    if not migration['data_copy']:
        named = [migration['boot_volume'], *migration['additional_volumes']]
        mappings = [
            _volume(one['uuid'], 0 if one is named[0] else -1)
            for one in named
            if one['uuid']
        ]
    image_id = None
    if not any(str(one['boot_index']) == '0' for one in mappings):
        image_id = _image_id(cloud, data['params']['image_ref'])
        mappings = [_image(image_id), *mappings]
    server = clouds.create_server(
        clouds.client(cloud, 'compute'),
        data['params']['name'],
        data['params']['flavor_ref']['name'],
        mappings,
        image_id,
    )
    module.exit_json(changed=True, server_id=server['id'], server=server)


def _volume(volume_id, boot_index):
    return {
        'boot_index': boot_index,
        'delete_on_termination': False,
        'destination_type': 'volume',
        'source_type': 'volume',
        'uuid': volume_id,
    }


def _image_id(cloud, reference):
    images = clouds.client(cloud, 'image')
    return clouds.image_id(images, reference['name'])


def _image(image_id):
    return {
        'boot_index': 0,
        'delete_on_termination': True,
        'destination_type': 'local',
        'source_type': 'image',
        'uuid': image_id,
    }


if __name__ == '__main__':
    main()
