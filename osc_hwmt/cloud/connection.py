# SPDX-License-Identifier: Apache-2.0

"""A cloud of clouds.yaml, opened: one keystoneauth session for all of it."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import functools
import logging
import os
import re
from collections.abc import Iterator
from typing import Any

from keystoneauth1 import adapter
from keystoneauth1 import session as keystone_session
from keystoneauth1.access import access
from keystoneauth1.identity.access import AccessInfoPlugin

from osc_hwmt.cloud import errors, transport
from osc_hwmt.cloud.block_storage import CinderBlockStorage
from osc_hwmt.cloud.compute import NovaCompute
from osc_hwmt.cloud.forwarding import Service
from osc_hwmt.cloud.identity import KeystoneIdentity, scope_of
from osc_hwmt.cloud.images import GlanceImages
from osc_hwmt.cloud.inspecting import NovaInspecting
from osc_hwmt.cloud.probing import NovaProbing
from osc_hwmt.cloud.retry import READING, RetryGate
from osc_hwmt.cloud.temporary import TemporaryResources
from osc_hwmt.exceptions import CloudError, ConfigurationError
from osc_hwmt.i18n import _

#: Seconds for one request where clouds.yaml has no api_timeout. keystoneauth
#: has no limit of its own, and openstackclient switches off the SDK's.
TIMEOUT = 60.0
#: An address with a user name, and perhaps a password, in it.
_LOGIN = re.compile('https?://[^/?#]*@')


@dataclasses.dataclass(frozen=True)
class ConnectedCloud:
    """A cloud whose services are reached through one session.

    ``clock_ahead`` is how many seconds its clock is ahead of ours, within a
    second, None if it did not tell the time.
    """

    name: str
    region: Any
    session: keystone_session.Session
    connections: int
    clock_ahead: float | None

    @property
    def auth_url(self) -> str | None:
        auth = self.region.config.get('auth') or {}
        return auth.get('auth_url')

    @property
    def region_name(self) -> str | None:
        """The region, None where the cloud's only one is meant."""
        return self.region.region_name or None

    @functools.cached_property
    def compute(self) -> NovaCompute:
        return NovaCompute(self._adapter('compute'), self._caller)

    @functools.cached_property
    def block_storage(self) -> CinderBlockStorage:
        """Cinder, reached with python-cinderclient."""
        return CinderBlockStorage(self._cinder(), self._caller)

    @functools.cached_property
    def images(self) -> GlanceImages:
        return GlanceImages(self._image_adapter(), self._caller)

    @functools.cached_property
    def identity(self) -> KeystoneIdentity:
        return KeystoneIdentity(
            self._adapter('identity', min_version='3', max_version='3.latest'),
            self._caller,
        )

    @functools.cached_property
    def temporary(self) -> TemporaryResources:
        return TemporaryResources(
            self._adapter('compute'),
            self._image_adapter(),
            self._cinder().client,
            self._caller,
        )

    @functools.cached_property
    def probing(self) -> NovaProbing:
        return NovaProbing(
            self._adapter('compute'), self._image_adapter(), self._caller
        )

    @functools.cached_property
    def inspecting(self) -> NovaInspecting:
        return NovaInspecting(
            self._adapter('compute'), self._cinder().client, self._caller
        )

    def with_token(self, token: str) -> ConnectedCloud:
        """Return the same cloud as the owner of a token reaches it.

        Keystone is asked what the token is good for. Raises CloudError.
        """
        with errors.translated(self.name, 'check a token'):
            answer = self._adapter(
                'identity', min_version='3', max_version='3.latest'
            ).get(
                '/auth/tokens',
                authenticated=False,
                headers={'X-Auth-Token': token, 'X-Subject-Token': token},
                log=False,
            )
            known = access.create(resp=answer, auth_token=token)
        verify, certificate = self.region.get_requests_verify_args()
        session = keystone_session.Session(
            auth=AccessInfoPlugin(known, self.auth_url),
            session=self.session.session,
            verify=verify,
            cert=certificate,
            timeout=self.session.timeout,
            redirect=transport.REDIRECTS,
        )
        return dataclasses.replace(
            self, session=session, clock_ahead=errors.clock_ahead()
        )

    def addresses(self, service_type: str) -> list[str]:
        """Return where a service of this region is.

        The first one is that of clouds.yaml, or of its interface; raises
        CloudError.
        """
        with errors.translated(self.name, f'find its {service_type} service'):
            own = self._adapter(service_type).get_endpoint()
            auth: Any = self.session.auth
            known = auth.get_access(self.session)
        catalog = known.service_catalog.catalog if known else ()
        urls = [
            endpoint['url']
            for service in catalog
            if service['type'] == service_type
            for endpoint in service['endpoints']
            if self.region_name in (None, endpoint.get('region'))
        ]
        return [one for one in dict.fromkeys((own, *urls)) if one]

    def service(self, root: str) -> Service:
        """Return what hands requests on to an address of this cloud."""
        verify, certificate = self.region.get_requests_verify_args()
        return Service(
            root,
            verify,
            certificate,
            self.connections,
            self.session.timeout or TIMEOUT,
        )

    @functools.cached_property
    def _caller(self) -> errors.Caller:
        return errors.Caller(self.name, RetryGate(READING, self.connections))

    def _cinder(self) -> Any:
        from cinderclient import client  # costs start-up time

        return client.Client(
            '3',
            session=self.session,
            region_name=self.region.region_name,
            interface=self.region.get_interface('block-storage'),
            os_endpoint=self.region.get_endpoint('block-storage'),
        )

    def _image_adapter(self) -> adapter.Adapter:
        return self._adapter('image', min_version='2', max_version='2.latest')

    def _adapter(self, service_type: str, **options: Any) -> adapter.Adapter:
        return adapter.Adapter(
            self.session,
            service_type=service_type,
            region_name=self.region.region_name,
            interface=self.region.get_interface(service_type),
            endpoint_override=self.region.get_endpoint(service_type),
            **options,
        )


def open_cloud(
    configuration: Any, name: str, connections: int, **selection: Any
) -> ConnectedCloud:
    """Return the cloud that an openstack.config configuration selects.

    ``selection`` goes to its get_one(), ``name`` is for messages. Raises
    ConfigurationError where that describes no cloud, and CloudError.
    """
    from openstack import exceptions as sdk_exceptions  # start-up time

    try:
        with errors.translated(name, 'log in'):
            region = configuration.get_one(**selection)
        return connect(region, name, connections)
    except CloudError as exc:
        if not isinstance(exc.__cause__, sdk_exceptions.ConfigException):
            raise
        raise ConfigurationError(str(exc.__cause__).rstrip('.')) from exc


def open_from_file(path: str, name: str, **overruling: Any) -> ConnectedCloud:
    """Return a cloud of one clouds.yaml, whatever the environment says.

    It is for one request at a time. ``overruling`` are settings that count
    instead of the file's. Raises ConfigurationError and CloudError.
    """
    from openstack import config  # start-up time

    if not os.path.exists(path):
        # To openstack.config it is as good as an empty one.
        raise ConfigurationError(
            _('%(path)s: cannot be read: %(why)s')
            % {'path': path, 'why': os.strerror(errno.ENOENT)}
        )
    configuration = config.OpenStackConfig(
        config_files=[path], load_envvars=False
    )
    try:
        return open_cloud(configuration, name, 1, cloud=name, **overruling)
    except ConfigurationError as exc:
        raise ConfigurationError(f'{path}: {exc}') from exc


def connect(region: Any, name: str, connections: int) -> ConnectedCloud:
    """Return the cloud that an openstack.config CloudRegion describes.

    ``connections`` is how many requests may be under way at once. A token is
    fetched now, so that wrong credentials show here and threads find one.
    Raises CloudError.
    """
    _refuse_password(region, name)
    with errors.translated(name, 'log in'):
        session = region.get_session()
        session.timeout = float(region.config.get('api_timeout') or TIMEOUT)
        transport.bound(session, connections)
        session.session.hooks['response'].append(errors.keep_last_response)
        with _said_once():
            access = session.auth.get_access(session)
        ahead = errors.clock_ahead()
        own = scope_of(access) if access.project_id else None
    if own is None:
        raise CloudError(
            _(
                'cloud %s: the login is not scoped to a project. Set '
                'project_name in clouds.yaml, or OS_PROJECT_NAME'
            )
            % name
        )
    return ConnectedCloud(name, region, session, connections, ahead)


def _refuse_password(region: Any, name: str) -> None:
    """Raise CloudError where an address has a password in it.

    The libraries would put it into their messages and into --debug, and we
    would into journals and reports.
    """
    said = {**region.config, **(region.config.get('auth') or {})}
    for key, value in said.items():
        if isinstance(value, str) and _LOGIN.match(value):
            raise CloudError(
                _(
                    'cloud %(cloud)s: %(key)s contains a user name or '
                    'password, which would be shown and recorded. Put it into '
                    '~/.netrc'
                )
                % {'cloud': name, 'key': key}
            )


@contextlib.contextmanager
def _said_once() -> Iterator[None]:
    """Keep keystoneauth from warning of what the exception then says."""
    logger = logging.getLogger('keystoneauth.identity')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
