# SPDX-License-Identifier: Apache-2.0

"""Keystone: which project this is, and which others there are."""

from __future__ import annotations

from typing import Any

from keystoneauth1 import adapter

from osc_hwmt.cloud.errors import Caller
from osc_hwmt.model.inventory import Project


class KeystoneIdentity:
    """interface.Identity over HTTP; the protocol describes the methods."""

    def __init__(self, client: adapter.Adapter, caller: Caller) -> None:
        self._client = client
        self._caller = caller

    def own_project(self) -> Project:
        session: Any = self._client.session
        access = self._caller.retrying(
            'log in', lambda: session.auth.get_access(session)
        )
        return Project(
            access.project_id, access.project_name, access.project_domain_name
        )

    def projects(self) -> list[Project]:
        # Keystone knows no pages here, and needs no request for each project.
        return self._caller.retrying('list all projects', self._projects)

    def _projects(self) -> list[Project]:
        rows = self._client.get('/projects').json()['projects']
        domains = {
            domain['id']: domain['name']
            for domain in self._client.get('/domains').json()['domains']
        }
        return [
            Project(row['id'], row['name'], domains.get(row['domain_id']))
            for row in rows
        ]
