# SPDX-License-Identifier: Apache-2.0

"""A gate with a cloud in memory, and a manifest that it reads."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

import fixtures

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility.computes import NOTHING_KNOWN
from osc_hwmt.destination.boot_volumes import BootVolumes
from osc_hwmt.exceptions import CloudError
from osc_hwmt.gate.decision import Verdict
from osc_hwmt.gate.manifests import Manifests
from osc_hwmt.gate.middleware import Environ, Middleware, Settings
from osc_hwmt.gate.writers import Writers
from osc_hwmt.journal.place import Place
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Project
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import OWN, PC

IMAGE = '30000000-0000-4000-8000-000000000000'


def listed(name: str = 'web', **differing: Any) -> dict[str, Any]:
    """Return a server of the caller's project that wants i440fx."""
    facts: dict[str, Any] = {
        'project_name': OWN.name,
        'project_domain_name': OWN.domain_name,
    }
    found = {
        'params': {'hw_machine_type': PC},
        'info': {'hw_machine_type': fakes.facts(**facts)},
    }
    return fakes.resource(name, **{**found, **differing})


def ordering(
    name: str = 'web', volume_id: str | None = 'v', **more: Any
) -> dict[str, Any]:
    """Return an order for a server, from a volume if there is one."""
    mapping = {
        'boot_index': 0,
        'source_type': 'volume',
        'destination_type': 'volume',
        'uuid': volume_id,
    }
    devices = [mapping] if volume_id else []
    return {'name': name, 'block_device_mapping_v2': devices, **more}


class FakeCaller:
    """Who sends requests, in the own project of the cloud in memory."""

    def __init__(self, cloud: FakeCloud, writers: Writers) -> None:
        self.owner = OWN
        self.trouble: CloudError | None = None
        self.asked = 0
        self.servers: dict[str, str] = {}
        self._cloud = cloud
        self._writers = writers

    def project(self) -> Project:
        self.asked += 1
        if self.trouble:
            raise self.trouble
        return self.owner

    def cloud(self) -> Cloud:
        return self._cloud

    def server_name(self, server_id: str) -> str | None:
        return self.servers.get(server_id)

    def boot_volumes(self, entry: Entry) -> BootVolumes:
        return self._writers(entry, self.owner)


class GateTestCase(cases.TestCase):
    """``reached`` are the bodies that came to Nova, ``told`` the verdicts."""

    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        # Locks of its own, that no other test waits for.
        self.useFixture(
            fixtures.EnvironmentVariable('XDG_RUNTIME_DIR', str(self.home))
        )
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        self.path = self.home / 'workloads.yml'
        self.cloud = FakeCloud(volumes=[fakes.volume('v')])
        self.said: list[str] = []
        self.told: list[tuple[str, Verdict, bool]] = []
        self.reached: list[bytes] = []
        self.manifest(listed())
        self.gate()

    def manifest(self, *resources: dict[str, Any]) -> None:
        self.path.write_text(fakes.manifest_text(*resources))

    def gate(self, keep: bool = False, **settings: Any) -> None:
        """Begin anew with these settings."""
        self.manifests = Manifests(
            [str(self.path)],
            keep=keep,
            say=self.said.append,
            warn=self.said.append,
        )
        strict = settings.get('strict', False)
        writers = Writers(
            self.manifests,
            Place(),
            NOTHING_KNOWN,
            strict=strict,
            ignore_unsupported=False,
            say=self.said.append,
        )
        self.addCleanup(writers.close)
        self.caller = FakeCaller(self.cloud, writers)
        self.middleware = Middleware(
            self._nova,
            self.manifests,
            Settings(**settings),
            lambda environ: self.caller,
            lambda *one: self.told.append(one),
        )

    def _nova(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        length = int(environ.get('CONTENT_LENGTH') or 0)
        self.reached.append(environ['wsgi.input'].read(length))
        start_response('202 Accepted', [])
        return [b'']

    def sent(
        self,
        text: bytes,
        path: str = '/servers',
        method: str = 'POST',
        /,
        **environ: Any,
    ) -> tuple[int, dict[str, str], Any]:
        """Return the status, headers and body that a request is answered."""
        answered: list[Any] = []
        whole = {
            'REQUEST_METHOD': method,
            'SCRIPT_NAME': '/v2.1',
            'PATH_INFO': path,
            'CONTENT_LENGTH': str(len(text)),
            'wsgi.input': io.BytesIO(text),
            **environ,
        }
        pieces = self.middleware(whole, lambda *one: answered.append(one))
        body = b''.join(pieces)
        ((status, headers),) = answered
        return (
            int(status.partition(' ')[0]),
            dict(headers),
            json.loads(body) if body else None,
        )

    def order(self, **server: Any) -> int:
        """Return the status that an order for a server is answered with."""
        text = json.dumps({'server': {**ordering(), **server}}).encode()
        return self.sent(text)[0]

    def refused(self, code: int = 409, /, **server: Any) -> str:
        """Return why an order is refused; nothing reaches Nova."""
        text = json.dumps({'server': {**ordering(), **server}}).encode()
        status, _headers, body = self.sent(text)
        self.assertEqual(code, status, f'answered {body}')
        self.assertEqual([], self.reached)
        ((_name, fault),) = body.items()
        self.assertEqual(code, fault['code'])
        return str(fault['message'])

    @property
    def machine_type(self) -> str | None:
        held = self.cloud.block_storage.held['v'].image_metadata or {}
        return held.get('hw_machine_type')

    @property
    def words(self) -> list[str]:
        return [verdict.word.value for _name, verdict, _goes in self.told]
