# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations


class ModuleDocFragment:
    """What the modules that run a command have in common."""

    DOCUMENTATION = r"""
options:
  clouds_file:
    description: clouds.yaml to read; in the usual places if not set.
    type: path
  executable:
    description:
      - Path of the C(openstack) command. If not set, the one installed with
        the Python that runs the module, or the first in E(PATH).
    type: path
  concurrency:
    description: Maximum number of parallel requests.
    type: int
  server:
    description:
      - Only servers with this name or ID on the source. Shell wildcards are
        allowed in the name.
    type: list
    elements: str
  servers_from:
    description:
      - Only servers listed in this file, one name, pattern or ID per line.
    type: path
requirements:
  - osc-hwmt
author:
  - osc-hwmt contributors (@osc-hwmt)
"""
    DESTINATION = r"""
options:
  destination_cloud:
    description: Destination cloud, by its name in clouds.yaml.
    type: str
    default: dst
"""
    MANIFESTS = r"""
options:
  manifests:
    description:
      - Manifests that M(osc_hwmt.machine_type.export) wrote, or os-migrate's
        workloads files.
    type: list
    elements: path
    required: true
  only_imported:
    description:
      - Leave out servers that are not imported yet, with neither a server nor
        a volume at the destination.
    type: bool
    default: false
  volume_map:
    description:
      - YAML or JSON file that maps source volumes or servers to destination
        volumes.
    type: path
  strict:
    description:
      - Treat undecided servers, whose machine type is neither recorded nor
        chosen, as errors.
    type: bool
    default: false
"""
    ABILITIES = r"""
options:
  destination_hosts:
    description:
      - Files or directories with data collected from the destination's hosts.
    type: list
    elements: path
  destination_release:
    description:
      - Destination release, such as V(rhoso18). Sets the default machine type
        and, without O(destination_hosts), the supported ones.
    type: str
"""
    JOURNALS = r"""
options:
  journal_directory:
    description:
      - Directory for all journals and locks, on storage that outlives a job.
        If not set, the directory of the manifests.
    type: path
  note:
    description:
      - Note to record, such as the change number and the operator's name.
    type: str
"""
