# SPDX-License-Identifier: Apache-2.0

"""Access to a cloud's APIs in whatever project is wanted."""

from __future__ import annotations

import threading
from typing import Any

from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.generic import Token
from keystoneauth1.plugin import AUTH_INTERFACE
from keystoneauth1.session import Session

from tests.clouds.errors import SeedError

# The first that knows a server without a network.
COMPUTE_MICROVERSION = '2.37'
# Catalogs name these services without a version in the URL.
UNVERSIONED = {'identity': 3, 'image': 2}


class Access:
    """Access with an administrator's session, scoped to projects at need."""

    def __init__(
        self, session: Session, region_name: str | None, interface: str
    ) -> None:
        self._session = session
        self._region_name = region_name
        self._interface = interface
        self._lock = threading.Lock()
        self._scoped: dict[str, Session] = {}

    @property
    def user_id(self) -> str:
        """Return who the administrator is.

        :raises SeedError: when the session does not know.
        """
        user_id = self._session.get_user_id()
        if user_id is None:
            raise SeedError('The session does not tell whose it is.')
        return user_id

    def adapter(
        self, service_type: str, project_id: str | None = None
    ) -> Adapter:
        """Return access to a service, in a project if one is given.

        :raises SeedError: when the session is not one of Keystone.
        """
        session = self._session
        if project_id is not None:
            session = self._session_in(project_id)
        return Adapter(
            session,
            service_type=service_type,
            interface=self._interface,
            region_name=self._region_name,
            **_versions(service_type),
        )

    def _session_in(self, project_id: str) -> Session:
        with self._lock:
            if project_id not in self._scoped:
                self._scoped[project_id] = self._rescoped(project_id)
            return self._scoped[project_id]

    def _rescoped(self, project_id: str) -> Session:
        """Return a session in a project that has the rights of ours."""
        auth_url = self._session.get_endpoint(interface=AUTH_INTERFACE)
        token = self._session.get_token()
        if auth_url is None or token is None:
            raise SeedError('The session is not one of Keystone.')
        return Session(
            Token(auth_url, token, project_id=project_id),
            verify=self._session.verify,
            cert=self._session.cert,
            timeout=self._session.timeout,
        )


def _versions(service_type: str) -> dict[str, Any]:
    """Return how an adapter is told which API version to speak."""
    if service_type in UNVERSIONED:
        version = UNVERSIONED[service_type]
        return {
            'min_version': (version, 0),
            'max_version': (version, 'latest'),
        }
    if service_type == 'compute':
        return {'default_microversion': COMPUTE_MICROVERSION}
    return {}
