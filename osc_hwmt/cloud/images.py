# SPDX-License-Identifier: Apache-2.0

"""Glance: the properties of images."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from keystoneauth1 import adapter

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.ids import segment
from osc_hwmt.cloud.paging import PAGE_SIZE, page_of
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import Image


class GlanceImages:
    """interface.Images over HTTP; the protocol describes the methods."""

    def __init__(self, client: adapter.Adapter, caller: Caller) -> None:
        self._client = client
        self._caller = caller

    def image(self, image_id: str) -> Image | None:
        try:
            return self._caller.retrying(
                f'read image {image_id}',
                lambda: _image(
                    self._client.get(f'/images/{segment(image_id)}').json()
                ),
            )
        except CloudError as exc:
            if exc.code in (403, 404):
                return None
            raise

    def named(self, name: str) -> list[Image]:
        # Glance reads a comma as the end of the name unless it is quoted.
        escaped = name.replace('\\', '\\\\').replace('"', '\\"')
        query = urlencode({'name': f'in:"{escaped}"', 'limit': PAGE_SIZE})
        return self._caller.retrying(
            'list images',
            lambda: [
                _image(row)
                for row in page_of(
                    self._client.get(f'/images?{query}').json(), 'images'
                )['images']
            ],
        )


def _image(row: dict[str, Any]) -> Image:
    return Image(
        answers.identifier(row),
        answers.text_if_any(row, 'name') or '',
        {
            key: answers.text(row, key)
            for key, value in row.items()
            if isinstance(value, str)
        },
    )
