# SPDX-License-Identifier: Apache-2.0

"""What these modules ask of a cloud, by plain HTTP."""

import time


def client(cloud, service):
    """Return access to a service of a cloud of OS_CLIENT_CONFIG_FILE."""
    from keystoneauth1 import adapter
    from openstack import config

    region = config.OpenStackConfig().get_one(cloud=cloud)
    return adapter.Adapter(
        region.get_session(),
        service_type=service,
        region_name=region.region_name,
        interface=region.get_interface(service),
        default_microversion='2.60' if service == 'compute' else None,
        raise_exc=False,
    )


def await_status(service, kind, identifier, wanted):
    """Return when a volume or server has a status; fail on an error."""
    for _attempt in range(600):
        shown = service.get(f'/{kind}s/{identifier}').json()[kind]
        if shown['status'] == wanted:
            return shown
        if shown['status'].lower().startswith('error'):
            raise RuntimeError(f'{kind} {identifier}: {shown}')
        time.sleep(0.2)
    raise RuntimeError(f'{kind} {identifier} is not {wanted}')


def create_volume(service, name, size, bootable):
    """Return the id of a new volume that can be written to."""
    answer = service.post(
        '/volumes', json={'volume': {'name': name, 'size': size}}
    )
    volume = _made(answer)['volume']
    await_status(service, 'volume', volume['id'], 'available')
    if bootable:
        _made(
            service.post(
                f'/volumes/{volume["id"]}/action',
                json={'os-set_bootable': {'bootable': True}},
            )
        )
    return volume['id']


def create_server(service, name, flavor, mappings, image_id=None):
    """Return a new server without a network that is active."""
    flavors = _made(service.get('/flavors'))['flavors']
    (flavor_id,) = (one['id'] for one in flavors if one['name'] == flavor)
    server = {
        'name': name,
        'flavorRef': flavor_id,
        'networks': 'none',
        'block_device_mapping_v2': mappings,
    }
    if image_id is not None:
        server['imageRef'] = image_id
    made = _made(service.post('/servers', json={'server': server}))['server']
    return await_status(service, 'server', made['id'], 'ACTIVE')


def image_id(service, name):
    """Return the id of the image of that name."""
    (found,) = _made(service.get('/v2/images', params={'name': name}))[
        'images'
    ]
    return found['id']


def _made(answer):
    if answer.status_code >= 400:
        raise RuntimeError(f'{answer.status_code}: {answer.text}')
    return answer.json() if answer.content else {}
