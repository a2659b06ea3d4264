# SPDX-License-Identifier: Apache-2.0

"""The gate as a gateway: Nova and Keystone of a cloud, on this machine.

Some clients take Nova's address from nothing but the catalog that Keystone
sends with a token (openstackclient before 7 creates servers so). So Keystone
is behind the gateway as well, and its answers name the gateway for Nova.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote

from osc_hwmt.cloud.connection import ConnectedCloud
from osc_hwmt.cloud.forwarding import Addresses, Service, root
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.destination.boot_volumes import BootVolumes
from osc_hwmt.exceptions import CloudError
from osc_hwmt.gate.manifests import Manifests
from osc_hwmt.gate.middleware import (
    Environ,
    Middleware,
    Settings,
    StartResponse,
    Told,
    answer,
)
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Project

COMPUTE, IDENTITY = '/compute', '/identity'
#: Seconds that requests under way have at the end.
_ENDING = 30.0
#: Returns what writes for an entry in a project.
Writers = Callable[[Entry, Project], BootVolumes]


class Gateway:
    """A WSGI application at the address ``own``; raises CloudError."""

    def __init__(
        self,
        own: str,
        cloud: ConnectedCloud,
        manifests: Manifests,
        settings: Settings,
        writers: Writers,
        told: Told,
    ) -> None:
        nova, keystone = cloud.addresses('compute'), cloud.auth_url or ''
        others = cloud.addresses('identity')
        if any(root(one).startswith(own) for one in (*nova, keystone)):
            raise CloudError(
                _(
                    'cloud %(cloud)s: its address in clouds.yaml is that of '
                    'the gate itself'
                )
                % {'cloud': cloud.name}
            )
        addresses = Addresses(
            {
                **{root(one): own + COMPUTE for one in nova},
                **{root(one): own + IDENTITY for one in (keystone, *others)},
            }
        )
        self._middleware = Middleware(
            _Forward(cloud.service(root(nova[0])), addresses),
            manifests,
            settings,
            lambda environ: _TokenOwner(
                cloud, environ.get('HTTP_X_AUTH_TOKEN'), writers
            ),
            told,
        )
        self._keystone = _Forward(cloud.service(root(keystone)), addresses)
        self._ending = threading.Event()
        self._under_way = 0
        self._changed = threading.Condition()

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        with self._changed:
            self._under_way += 1
        try:
            return self._answer(environ, start_response)
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    @property
    def is_ending(self) -> bool:
        """Tell whether no more requests are taken."""
        return self._ending.is_set()

    def end(self) -> None:
        """Take no more requests, and wait until those under way are done."""
        self._ending.set()
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, _ENDING)
        self._middleware.idle(_ENDING)

    def _answer(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if self.is_ending:
            return answer(
                environ, start_response, 503, _('the gate is stopping')
            )
        path = environ.get('PATH_INFO', '')
        if not {'.', '..'}.isdisjoint(path.split('/')):
            return answer(
                environ, start_response, 400, _('expected a path without dots')
            )
        for prefix, application in (
            (COMPUTE, self._middleware),
            (IDENTITY, self._keystone),
        ):
            if f'{path}/'.startswith(f'{prefix}/'):
                environ['SCRIPT_NAME'] = prefix
                environ['PATH_INFO'] = path[len(prefix) :]
                return application(environ, start_response)
        return answer(
            environ,
            start_response,
            404,
            _('expected %(compute)s or %(identity)s')
            % {'compute': COMPUTE, 'identity': IDENTITY},
        )


class _Forward:
    """Hands requests on as they are."""

    def __init__(self, service: Service, addresses: Addresses) -> None:
        self._service = service
        self._addresses = addresses

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        headers = {
            key[5:].replace('_', '-').title(): value
            for key, value in environ.items()
            if key.startswith('HTTP_')
        }
        if environ.get('CONTENT_TYPE'):
            headers['Content-Type'] = environ['CONTENT_TYPE']
        length = int(environ.get('CONTENT_LENGTH') or 0)
        body = environ['wsgi.input'].read(length) if length else b''
        method = environ['REQUEST_METHOD']
        try:
            got = self._service.send(method, _target(environ), headers, body)
        except CloudError as exc:
            return answer(environ, start_response, 502, str(exc))
        text = got.body
        if b'json' in _header(got.headers, 'content-type').encode():
            text = self._addresses.body(text)
        given = [
            (
                name,
                self._addresses.header(value)
                if name.lower() in ('location', 'content-location')
                else value,
            )
            for name, value in got.headers
        ]
        if method != 'HEAD' and got.status not in (204, 304):
            given.append(('Content-Length', str(len(text))))
        start_response(f'{got.status} {got.reason}', given)
        return [text]


class _TokenOwner:
    """The caller whose token a request has."""

    def __init__(
        self, cloud: ConnectedCloud, token: str | None, writers: Writers
    ) -> None:
        self._through = cloud
        self._token = token
        self._writers = writers

    @functools.cached_property
    def _own(self) -> ConnectedCloud:
        if not self._token:
            raise CloudError(_('the request has no token'), 401)
        return self._through.with_token(self._token)

    def project(self) -> Project:
        return self._own.identity.own_project()

    def cloud(self) -> Cloud:
        return self._own

    def server_name(self, server_id: str) -> str | None:
        return self._own.compute.server_name(server_id)

    def boot_volumes(self, entry: Entry) -> BootVolumes:
        return self._writers(entry, self.project())


def _target(environ: Environ) -> str:
    """Return the path and query to hand on, as the client wrote them."""
    path = quote(
        environ['PATH_INFO'].encode('latin-1'), safe="/:@!$&'()*+,;=~"
    )
    written = environ.get('REQUEST_URI', '').partition('?')[0]
    after = written.partition(environ['SCRIPT_NAME'])[2]
    if unquote(after, 'latin-1') == environ['PATH_INFO']:
        path = after
    query = environ.get('QUERY_STRING')
    return f'{path}?{query}' if query else path


def _header(headers: Iterable[tuple[str, str]], wanted: str) -> str:
    return next(
        (value for name, value in headers if name.lower() == wanted), ''
    )
