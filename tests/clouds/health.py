# SPDX-License-Identifier: Apache-2.0

"""Whether the services of a cloud do what they are there for."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.identity import v3
from keystoneauth1.session import Session

from tests.clouds.cloud import CINDER, GLANCE, KEYSTONE, LIBVIRT, NOVA, Cloud

ANSWER_LIMIT = 20
Check = Callable[[], None]


class Unhealthy(Exception):
    """A service does not do its work (yet); the message says which part."""


def admin_session(cloud: Cloud) -> Session:
    """Return a session of the cloud's administrator."""
    credentials = v3.Password(
        auth_url=cloud.identity_url,
        username='admin',
        password=cloud.password,
        project_name='admin',
        user_domain_id='default',
        project_domain_id='default',
    )
    return Session(credentials, timeout=ANSWER_LIMIT)


def check(cloud: Cloud, session: Session, program: str) -> None:
    """Return when a program is healthy.

    :raises Unhealthy: when it is not.
    """
    with _failures_told():
        CHECKS[program](cloud, session)


def check_authentication(session: Session) -> None:
    """Return when Keystone gives a token; a new cloud can do that first.

    :raises Unhealthy: when it does not.
    """
    with _failures_told():
        session.invalidate()
        session.get_token()


@contextlib.contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except exceptions.ConnectFailure as error:
        # What follows the URL are the names of library objects.
        raise Unhealthy(str(error).partition(': ')[0]) from error
    except exceptions.ClientException as error:
        raise Unhealthy(str(error)) from error


def _check_keystone(cloud: Cloud, session: Session) -> None:
    session.invalidate()
    session.get_token()
    _get(session, cloud.placement_url + '/resource_providers')


def _check_glance(cloud: Cloud, session: Session) -> None:
    _get(session, cloud.url(GLANCE, '/v2/images?limit=1'))


def _check_cinder(cloud: Cloud, session: Session) -> None:
    url = cloud.url(CINDER, f'/v3/{session.get_project_id()}')
    _get(session, f'{url}/volumes/detail?limit=1')
    services = _get(session, f'{url}/os-services')['services']
    _require_up(services, {'cinder-scheduler', 'cinder-volume'})


def _check_nova(cloud: Cloud, session: Session) -> None:
    url = cloud.url(NOVA, '/v2.1')
    _get(session, f'{url}/servers/detail?limit=1')
    services = _get(session, f'{url}/os-services')['services']
    _require_up(services, {'nova-conductor', 'nova-scheduler', 'nova-compute'})
    if not _get(session, f'{url}/os-hypervisors')['hypervisors']:
        raise Unhealthy('the host of nova-compute is not mapped to a cell')
    providers = _get(session, cloud.placement_url + '/resource_providers')
    if not providers['resource_providers']:
        raise Unhealthy('nova-compute is not known to placement')


def _check_libvirt(cloud: Cloud, _session: Session) -> None:
    try:
        asked = subprocess.run(
            ['virsh', '--connect', cloud.libvirt_uri, 'uri'],
            capture_output=True,
            text=True,
            timeout=ANSWER_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as exc:
        raise Unhealthy(str(exc)) from exc
    if asked.returncode != 0:
        raise Unhealthy(asked.stderr.strip())


CHECKS: dict[str, Callable[[Cloud, Session], None]] = {
    KEYSTONE: _check_keystone,
    GLANCE: _check_glance,
    CINDER: _check_cinder,
    NOVA: _check_nova,
    LIBVIRT: _check_libvirt,
}


def _require_up(services: list[dict[str, str]], wanted: set[str]) -> None:
    up = {each['binary'] for each in services if each['state'] == 'up'}
    if wanted - up:
        raise Unhealthy(f'not up: {", ".join(sorted(wanted - up))}')


def _get(session: Session, url: str) -> Any:
    return session.get(url).json()
