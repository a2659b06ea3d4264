# SPDX-License-Identifier: Apache-2.0

"""The gate as a paste filter of nova-api, behind keystonecontext.

It may share the process with everything that nova-api does, on eventlet or on
threads, so it blocks on nothing that eventlet does not know, and needs no
library that nova-api lacks. It logs its journal: a pod's files go with it.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from osc_hwmt.cloud.block_storage import CinderBlockStorage
from osc_hwmt.cloud.errors import Caller as RequestCaller
from osc_hwmt.cloud.inspecting import NovaInspecting
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.cloud.retry import READING, RetryGate
from osc_hwmt.collected import load
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.destination.boot_volumes import BootVolumes
from osc_hwmt.exceptions import CloudError, Error
from osc_hwmt.gate.account import line
from osc_hwmt.gate.decision import Verdict
from osc_hwmt.gate.manifests import Manifests
from osc_hwmt.gate.middleware import (
    LONGEST,
    Application,
    Environ,
    Middleware,
    Missing,
    Mode,
    Rebuild,
    Settings,
)
from osc_hwmt.i18n import _
from osc_hwmt.journal import file as journal
from osc_hwmt.journal import reading
from osc_hwmt.journal.history import GATE
from osc_hwmt.journal.log import LoggedJournal
from osc_hwmt.local.locks import Turns
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Image, Project

LOG = logging.getLogger(__name__)

#: What a manifest in the section is called in messages.
SECTION = '[filter]'
_SETTINGS = (
    'manifest',
    'manifest_text',
    'mode',
    'missing',
    'rebuild',
    'strict',
    'timeout',
    'ignore_unsupported',
    'destination_release',
)
_BOOLEANS = {'true': True, 'false': False}
#: A blocking flock would stop all greenlets, and the one that has it as well.
_WRITING = threading.Lock()

_Choice = TypeVar('_Choice')


def filter_factory(
    _global: Mapping[str, str], **section: str
) -> Callable[[Application], Middleware]:
    """Return what puts the gate in front of an application.

    Raises ValueError for a setting that is wrong. A manifest that cannot be
    read is no reason for nova-api not to start.
    """
    settings, writers = _settings(section), _Writers(section)
    manifests = _manifests(
        tuple(section.get('manifest', '').split()),
        section.get('manifest_text', ''),
    )

    def put(application: Application) -> Middleware:
        return Middleware(
            application,
            manifests,
            settings,
            lambda environ: _ContextOwner(environ, manifests, writers),
            _told,
        )

    return put


@functools.lru_cache
def _manifests(paths: tuple[str, ...], text: str) -> Manifests:
    """Return the manifests, the same for all of nova-api's pipelines."""
    if not paths and not text.strip():
        raise ValueError(_('expected manifest or manifest_text'))
    found = Manifests(
        paths,
        {SECTION: text} if text.strip() else None,
        keep=True,
        say=LOG.info,
        warn=LOG.error,
    )
    try:
        found.latest()
    except Error as exc:
        LOG.error('%s', exc)
    return found


def _settings(section: Mapping[str, str]) -> Settings:
    unknown = sorted(set(section) - set(_SETTINGS))
    if unknown:
        raise ValueError(
            _('%(name)s: expected one of %(known)s')
            % {'name': unknown[0], 'known': ', '.join(_SETTINGS)}
        )
    timeout = section.get('timeout', '25')
    if not timeout.isdecimal() or not 1 <= int(timeout) <= LONGEST:
        raise ValueError(
            _('timeout: expected seconds, from 1 to %(most)d, found %(value)s')
            % {'most': LONGEST, 'value': timeout}
        )
    return Settings(
        mode=_chosen(section, 'mode', {one.value: one for one in Mode}),
        missing=_chosen(
            section, 'missing', {one.value: one for one in Missing}
        ),
        rebuild=_chosen(
            section, 'rebuild', {one.value: one for one in Rebuild}, 'warn'
        ),
        strict=_chosen(section, 'strict', _BOOLEANS, 'false'),
        timeout=float(timeout),
    )


def _chosen(
    section: Mapping[str, str],
    name: str,
    choices: Mapping[str, _Choice],
    default: str | None = None,
) -> _Choice:
    """Return what a setting chooses; the first is the default unless said."""
    value = section.get(name, default or next(iter(choices))).lower()
    if value not in choices:
        raise ValueError(
            _('%(name)s: expected one of %(choices)s, found %(value)s')
            % {'name': name, 'choices': ', '.join(choices), 'value': value}
        )
    return choices[value]


class _Writers:
    """Returns what writes for an entry: for each order anew."""

    def __init__(self, section: Mapping[str, str]) -> None:
        self._ignore_unsupported = _chosen(
            section, 'ignore_unsupported', _BOOLEANS, 'false'
        )
        self._strict = _chosen(section, 'strict', _BOOLEANS, 'false')
        try:
            self._computes: Computes = load.computes(
                section.get('destination_release'), ()
            )
        except Error as exc:
            raise ValueError(f'destination_release: {exc}') from exc

    def new(self, entry: Entry, manifests: Manifests) -> BootVolumes:
        def open_journal(cloud: Cloud) -> journal.Journal:
            read = manifests.of(entry.path)
            return LoggedJournal(
                journal.header(
                    GATE,
                    cloud,
                    [reading.digest(read.path, read.text)],
                    {'ignore_unsupported': self._ignore_unsupported},
                ),
                LOG.info,
            )

        return BootVolumes(
            open_journal,
            self._computes,
            strict=self._strict,
            ignore_unsupported=self._ignore_unsupported,
            new=True,
            turns=_OneProcess(),
        )


class _OneProcess(Turns):
    """Turns of one process; those of others are seen by what they wrote."""

    @contextlib.contextmanager
    def held(
        self, _project_ids: Iterable[str], _journal: str
    ) -> Iterator[None]:
        with _WRITING:
            yield


class _ContextOwner:
    """Whose request it is, as nova-api knows them."""

    def __init__(
        self, environ: Environ, manifests: Manifests, writers: _Writers
    ) -> None:
        self._environ = environ
        self._context = environ['nova.context']
        self._manifests = manifests
        self._writers = writers

    def project(self) -> Project:
        token = self._environ.get('keystone.token_info') or {}
        known = token.get('token', {}).get('project') or {}
        return Project(
            self._context.project_id,
            known.get('name') or self._environ.get('HTTP_X_PROJECT_NAME'),
            (known.get('domain') or {}).get('name')
            or self._environ.get('HTTP_X_PROJECT_DOMAIN_NAME'),
        )

    def cloud(self) -> Cloud:
        return cast(Cloud, _NovaCloud(self._context, self.project()))

    def server_name(self, server_id: str) -> str | None:
        from nova import exception
        from nova.compute import api

        try:
            found = api.API().get(self._context, server_id)
        except exception.NotFound:
            return None
        return str(found.display_name)

    def boot_volumes(self, entry: Entry) -> BootVolumes:
        return self._writers.new(entry, self._manifests)


class _NovaCloud:
    """As much of a cloud as is needed, through nova-api's own clients.

    They have the caller's token, and TLS and addresses as nova.conf says.
    """

    name = 'nova'
    #: The clock that is compared is this one.
    clock_ahead = 0.0

    def __init__(self, context: Any, project: Project) -> None:
        self._context = context
        self._project = project
        self._caller = RequestCaller(self.name, RetryGate(READING, 1))
        self.images = self
        self.identity = self

    @property
    def auth_url(self) -> str | None:
        import nova.conf

        section = getattr(nova.conf.CONF, 'keystone_authtoken', None)
        found = getattr(section, 'www_authenticate_uri', None)
        return str(found) if found else None

    @property
    def region_name(self) -> str | None:
        """Cinder's, which is what a journal has to name."""
        import nova.conf

        named = nova.conf.CONF.cinder.os_region_name
        regions = {
            endpoint.get('region')
            for service in self._context.service_catalog
            if service.get('type') in ('volumev3', 'block-storage')
            for endpoint in service.get('endpoints', ())
        }
        return named or (regions.pop() if len(regions) == 1 else None)

    def own_project(self) -> Project:
        return self._project

    @functools.cached_property
    def _cinder(self) -> Any:
        from nova.volume import cinder

        return cinder.cinderclient(self._context)

    @functools.cached_property
    def block_storage(self) -> CinderBlockStorage:
        return CinderBlockStorage(self._cinder, self._caller)

    @functools.cached_property
    def inspecting(self) -> NovaInspecting:
        compute: Any = None
        return NovaInspecting(compute, self._cinder.client, self._caller)

    def image(self, image_id: str) -> Image | None:
        """Return an image, None if there is none for the caller."""
        from nova import exception
        from nova.image import glance

        if hasattr(glance, 'API'):
            api = glance.API()
        else:
            from nova.image import api as image_api  # before Victoria

            api = image_api.API()
        try:
            found = api.get(self._context, image_id)
        except (exception.ImageNotFound, exception.ImageNotAuthorized):
            return None
        except exception.NovaException as exc:
            raise CloudError(
                _('cannot read image %(id)s: %(why)s')
                % {'id': image_id, 'why': exc},
                transient=True,
            ) from exc
        properties = found.get('properties') or {}
        return Image(
            str(found['id']),
            str(found.get('name') or ''),
            {str(key): str(value) for key, value in properties.items()},
        )


def _told(name: str, verdict: Verdict, goes_on: bool) -> None:
    text = f'osc-hwmt: {line(name, verdict, goes_on)}'
    if verdict.stops:
        LOG.warning('%s', text)
    else:
        LOG.info('%s', text)
