#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

"""Says whether a workload is to be imported, as os-migrate's module does."""

import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.os_migrate.os_migrate.plugins.module_utils import (
    clouds,
)


def main():
    module = AnsibleModule(
        argument_spec={
            'cloud': {'type': 'raw'},
            'data': {'type': 'dict', 'required': True},
            'log_dir': {'type': 'str'},
        }
    )
    name = module.params['data']['params']['name']
    compute = clouds.client(module.params['cloud'], 'compute')
    servers = compute.get('/servers').json()['servers']
    if any(server['name'] == name for server in servers):
        module.exit_json(
            changed=False,
            server_name=name,
            msg=f'{name} is there already',
        )
    base = os.path.join(module.params['log_dir'], name)
    module.exit_json(
        changed=True,
        server_name=name,
        log_file=f'{base}.log',
        state_file=f'{base}.state',
    )


if __name__ == '__main__':
    main()
