# SPDX-License-Identifier: Apache-2.0

"""Keystone: which project this is, and which others there are."""

from __future__ import annotations

from typing import Any

from keystoneauth1 import adapter

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.paging import page_of
from osc_hwmt.model.inventory import Project


class KeystoneIdentity:
    """interface.Identity over HTTP; the protocol describes the methods."""

    def __init__(self, client: adapter.Adapter, caller: Caller) -> None:
        self._client = client
        self._caller = caller

    def own_project(self) -> Project:
        session: Any = self._client.session
        return self._caller.retrying(
            'log in', lambda: scope_of(session.auth.get_access(session))
        )

    def projects(self) -> list[Project]:
        # Keystone knows no pages here, and needs no request for each project.
        return self._caller.retrying('list all projects', self._projects)

    def _projects(self) -> list[Project]:
        rows = self._all('projects')
        domains = {
            answers.text(domain, 'id'): answers.text(domain, 'name')
            for domain in self._all('domains')
        }
        return [
            Project(
                answers.identifier(row),
                answers.text(row, 'name'),
                domains.get(answers.text(row, 'domain_id')),
            )
            for row in rows
        ]

    def _all(self, key: str) -> list[dict[str, Any]]:
        body = page_of(self._client.get(f'/{key}').json(), key)
        return answers.rows(body, key)


def scope_of(access: Any) -> Project:
    """Return the project that a login is for; raises ValueError if odd."""
    scope = {
        'project': access.project_id,
        'its name': access.project_name,
        "its domain's name": access.project_domain_name,
    }
    return Project(
        answers.identifier(scope, 'project'),
        answers.text_if_any(scope, 'its name'),
        answers.text_if_any(scope, "its domain's name"),
    )
