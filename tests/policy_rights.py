# SPDX-License-Identifier: Apache-2.0

"""Every request that the package makes, and the policy rules that it needs.

The documentation's tables are made from it.
``tests/unit/test_policy_rights.py`` compares it with the requests that the
package makes.

The rules were read in the services' policies: tags queens-eol and train-eol,
branch unmaintained/2023.1, and master of August 2026.
"""

from __future__ import annotations

import dataclasses

KEYSTONE, NOVA, GLANCE, CINDER = 'Keystone', 'Nova', 'Glance', 'Cinder'
SERVICES = (KEYSTONE, NOVA, GLANCE, CINDER)
ADMIN, MEMBER, READER = 'admin', 'member', 'reader'


@dataclasses.dataclass(frozen=True)
class Right:
    """What policy has to allow, for what, and what happens if it does not.

    ``request`` has ``{id}`` for an id, and an action's name after a space;
    without one, Nova sends it in this user's name. ``role`` is what the
    default of the newest release asks for. ``before`` has the rule's name in
    older releases, where that differs.
    """

    service: str
    rule: str
    role: str
    request: str
    needed: str
    without: str
    before: str = ''


_SHOWN = 'volume_extension:volume_image_metadata (Wallaby and older)'
_PROBE = 'list --probe'
_INSPECT = '--inspect of export and verify'
_FAILS = 'the command fails with 403'
RIGHTS = (
    Right(
        KEYSTONE,
        'identity:list_projects',
        ADMIN,
        'GET /projects',
        'servers of projects other than that of the login',
        'export --project fails with 403. export --all-projects shows other '
        'projects by ID only. apply and verify refuse their servers: '
        'project-not-found',
    ),
    Right(
        KEYSTONE,
        'identity:list_domains',
        ADMIN,
        'GET /domains',
        'the same',
        'the same',
    ),
    Right(
        KEYSTONE,
        'identity:validate_token',
        'any, for its own token',
        'GET /auth/tokens',
        'gate, to identify who creates a server',
        'no server is built through the gate',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:detail',
        READER,
        'GET /servers/detail',
        'export, apply, verify',
        _FAILS,
    ),
    Right(
        NOVA,
        'os_compute_api:servers:detail:get_all_tenants',
        ADMIN,
        'GET /servers/detail all_tenants',
        'the same, for projects other than that of the login',
        _FAILS,
    ),
    Right(
        NOVA,
        'os_compute_api:os-extended-server-attributes',
        ADMIN,
        'GET /servers/detail',
        'the root device of a server with several bootable volumes',
        'the boot volume may be unknown; set params.hw_machine_type yourself',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:show',
        READER,
        'GET /servers/{id}',
        f'{_PROBE}; gate, where a server is rebuilt',
        'the host is reported with the reason; the rebuild is refused',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:create_image',
        MEMBER,
        'POST /servers/{id}/action createImage',
        _INSPECT,
        'no server is inspected; each is reported with the reason',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:create_image:allow_volume_backed',
        MEMBER,
        'POST /servers/{id}/action createImage',
        'the same',
        'the same',
    ),
    Right(
        NOVA,
        'os_compute_api:os-services:list',
        ADMIN,
        'GET /os-services',
        _PROBE,
        _FAILS,
        'os_compute_api:os-services (Train and older)',
    ),
    Right(
        NOVA,
        'os_compute_api:os-hypervisors:list-detail',
        ADMIN,
        'GET /os-hypervisors/detail',
        _PROBE,
        _FAILS,
        'os_compute_api:os-hypervisors (Train and older)',
    ),
    Right(
        NOVA,
        'os_compute_api:os-flavor-manage:create',
        ADMIN,
        'POST /flavors',
        f'{_PROBE} without --flavor',
        _FAILS,
        'os_compute_api:os-flavor-manage (Queens)',
    ),
    Right(
        NOVA,
        'os_compute_api:os-flavor-manage:delete',
        ADMIN,
        'DELETE /flavors/{id}',
        f'{_PROBE} without --flavor',
        'the flavor is left and reported; the next run removes it',
        'os_compute_api:os-flavor-manage (Queens)',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:create',
        MEMBER,
        'POST /servers',
        _PROBE,
        'no host is queried; each is reported with the reason',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:create:forced_host',
        ADMIN,
        'POST /servers',
        _PROBE,
        'no host is queried; each is reported with the reason',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:create:zero_disk_flavor',
        ADMIN,
        'POST /servers',
        f'{_PROBE} without --flavor',
        'no host is queried; each is reported with the reason',
    ),
    Right(
        NOVA,
        'os_compute_api:servers:delete',
        MEMBER,
        'DELETE /servers/{id}',
        _PROBE,
        'the server is left and reported; the next run removes it',
    ),
    Right(
        GLANCE,
        'get_image',
        READER,
        'GET /images/{id}',
        'export, for servers that boot from an image; --inspect',
        'the machine type is reported as unknown, unless Nova shows it (API '
        '2.98)',
    ),
    Right(
        GLANCE,
        'get_images',
        READER,
        'GET /images',
        'apply and verify, for servers that boot from an image; to remove '
        'what --inspect and --probe created',
        _FAILS,
    ),
    Right(
        GLANCE,
        'add_image',
        MEMBER,
        'POST /images',
        _PROBE,
        _FAILS,
    ),
    Right(
        GLANCE,
        'upload_image',
        MEMBER,
        'PUT /images/{id}/file',
        _PROBE,
        _FAILS,
    ),
    Right(
        GLANCE,
        'delete_image',
        MEMBER,
        'DELETE /images/{id}',
        'the same, and --inspect',
        'the image is left and reported; the next run removes it',
    ),
    Right(
        CINDER,
        'volume:get_all',
        READER,
        'GET /volumes/detail',
        'export, apply, verify, rollback',
        _FAILS,
    ),
    Right(
        CINDER,
        'context_is_admin',
        ADMIN,
        'GET /volumes/detail all_tenants',
        'the same, for projects other than that of the login',
        "Cinder lists only the volumes of the login's project",
    ),
    Right(
        CINDER,
        'volume_extension:volume_tenant_attribute',
        READER,
        'GET /volumes/detail',
        'apply and verify, for projects other than that of the login',
        'volumes of other projects are not found: volume-not-found',
    ),
    Right(
        CINDER,
        'volume_extension:volume_image_metadata:show',
        READER,
        'GET /volumes/detail',
        'export, apply, verify, to read the machine types of many volumes at '
        'once',
        'each boot volume is read separately, which takes more requests',
        _SHOWN,
    ),
    Right(
        CINDER,
        'volume:get',
        READER,
        'GET /volumes/{id}',
        'all, to read one volume',
        'Cinder answers that there is no such volume, and nothing is written',
    ),
    Right(
        CINDER,
        'volume:get_volume_metadata',
        READER,
        'POST /volumes/{id}/action os-show_image_metadata',
        'all, to prove that a volume has no machine type',
        'apply, hook and gate refuse the volume: metadata-unknown. export '
        'reports its machine type as unknown',
    ),
    Right(
        CINDER,
        'volume_extension:volume_image_metadata:set',
        MEMBER,
        'POST /volumes/{id}/action os-set_image_metadata',
        'apply, hook, gate; rollback, to restore another machine type',
        'the volume is reported as failed, with 403; the others are not '
        'affected',
        _SHOWN,
    ),
    Right(
        CINDER,
        'volume:update_volume_metadata',
        MEMBER,
        'POST /volumes/{id}/action os-set_image_metadata',
        'the same',
        'the same',
    ),
    Right(
        CINDER,
        'volume_extension:volume_image_metadata:remove',
        MEMBER,
        'POST /volumes/{id}/action os-unset_image_metadata',
        'rollback, to restore that there was none; apply, if the manifest '
        'has an empty value',
        'the volume is reported as failed, with 403; the others are not '
        'affected',
        _SHOWN,
    ),
    Right(
        CINDER,
        'volume:delete_volume_metadata',
        MEMBER,
        'POST /volumes/{id}/action os-unset_image_metadata',
        'the same',
        'the same',
    ),
    Right(
        CINDER,
        'limits_extension:used_limits',
        READER,
        'GET /limits',
        _INSPECT,
        _FAILS,
    ),
    Right(
        CINDER,
        'volume:create_snapshot',
        MEMBER,
        '',
        f'{_INSPECT}: Nova makes the snapshots as this user',
        'no server is inspected; each is reported with the reason',
    ),
    Right(
        CINDER,
        'volume:get_all_snapshots',
        READER,
        'GET /snapshots/detail',
        f'{_INSPECT}, to remove the snapshots',
        _FAILS,
    ),
    Right(
        CINDER,
        'volume:get_snapshot',
        READER,
        'GET /snapshots/{id}',
        f'{_INSPECT}, of servers with several volumes',
        'these are not inspected, and reported with the reason',
    ),
    Right(
        CINDER,
        'volume:delete_snapshot',
        MEMBER,
        'DELETE /snapshots/{id}',
        f'{_INSPECT}, to remove the snapshots',
        'the snapshot is left and reported; the next run removes it',
    ),
)

#: What no policy forbids: the versions of a service, a login, and flavors,
#: of which Nova shows private ones to administrators.
WITHOUT_RULE = (
    'GET /',
    'POST /auth/tokens',
    'GET /flavors',
    'GET /flavors/detail',
    'GET /flavors/{id}',
)
