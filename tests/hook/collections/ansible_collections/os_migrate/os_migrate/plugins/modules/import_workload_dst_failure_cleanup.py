#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Deletes the volumes of an import that failed, as os-migrate's module."""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.os_migrate.os_migrate.plugins.module_utils import (
    clouds,
)


def main():
    module = AnsibleModule(
        argument_spec={
            'cloud': {'type': 'raw'},
            'data': {'type': 'dict', 'required': True},
            'volume_map': {'type': 'dict', 'required': True},
        }
    )
    storage = clouds.client(module.params['cloud'], 'block-storage')
    for mapping in module.params['volume_map'].values():
        path = f'/volumes/{mapping["dest_id"]}'
        found = storage.get(path)
        # What hangs on a server is an earlier workload's, whose map this is.
        if found.ok and not found.json()['volume']['attachments']:
            storage.delete(path)
    module.exit_json(changed=True)


if __name__ == '__main__':
    main()
