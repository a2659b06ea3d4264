#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Makes volumes that no server has, and says which became which.

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
            'ssh_key_path': {'type': 'str', 'no_log': True},
            'transfer_uuid': {'type': 'str', 'required': True},
            'volume_map': {'type': 'dict', 'required': True},
        }
    )
    storage = clouds.client(module.params['cloud'], 'block-storage')
    volumes = module.params['volume_map']
    for mapping in volumes.values():
        mapping['dest_id'] = clouds.create_volume(
            storage, mapping['name'], mapping['size'], mapping['bootable']
        )
        mapping.update(dest_dev='/dev/vdc', progress=100.0)
    module.exit_json(changed=False, volume_map=volumes)


if __name__ == '__main__':
    main()
