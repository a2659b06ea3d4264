# SPDX-License-Identifier: Apache-2.0

"""Which host something was collected from, as far as its path tells."""

from __future__ import annotations

import re

from osc_hwmt.capture.table import UUID
from osc_hwmt.compatibility.hosts import architecture_of

_EXTENSIONS = re.compile(
    r'(\.(xml|json|ya?ml|csv|tsv|txt|log|out|tar|tgz|gz))+$', re.IGNORECASE
)
#: Words for what a file has, which may stand beside a host's name.
_CONTENT = (
    r'(?:(?:dom)?capabilities|(?:dom)?caps|dumpxml|domains?|domain-xml|'
    r'machines|machine-?(?:help|types?)|query-?machines|qmp|virsh|guests)'
)
_BEFORE = re.compile(rf'^({_CONTENT}[._-])+', re.IGNORECASE)
_AFTER = re.compile(rf'[._-]{_CONTENT}(?![a-z0-9]).*', re.IGNORECASE)
#: Names that no host has: of content, of domains, and of directories in
#: which it lies on a host and elsewhere.
_NO_HOST = re.compile(
    rf'{_CONTENT}|instance-[0-9a-f]{{8}}|[0-9]+|-|\.*|computes|hosts|'
    r'collected|etc|libvirt|qemu|var|lib|run|tmp|home|root',
    re.IGNORECASE,
)


def host_name(path: str) -> str | None:
    """Return the last part of a path that can be a host's name, if any."""
    for part in reversed(re.split('[/:]', path)):
        bare = _EXTENSIONS.sub('', part)
        name = _AFTER.sub('', _BEFORE.sub('', bare))
        if not (
            _NO_HOST.fullmatch(name)
            or UUID.search(name)
            or architecture_of(name)
        ):
            return name
    return None
