# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations


class ModuleDocFragment:
    """What the modules that run a command have in common."""

    DOCUMENTATION = r"""
options:
  clouds_file:
    description: The clouds.yaml to read; the usual places if not set.
    type: path
  executable:
    description:
      - Path of the C(openstack) command; that of the Python which runs the
        module, or the one in E(PATH), if not set.
    type: path
  concurrency:
    description: Maximum number of parallel requests.
    type: int
  server:
    description:
      - Only servers of this name or ID on the source. The name may contain
        shell wildcards.
    type: list
    elements: str
  servers_from:
    description:
      - Only servers listed in this file, one name, pattern or ID a line.
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
      - Manifests that M(osc_hwmt.machine_type.export) wrote, or workloads
        files of os-migrate.
    type: list
    elements: path
    required: true
  only_imported:
    description:
      - Leave out servers that are not imported yet, of which the destination
        has neither server nor volume.
    type: bool
    default: false
  volume_map:
    description:
      - YAML or JSON file that maps source volumes or servers to destination
        volumes.
    type: path
  strict:
    description:
      - Undecided servers, whose machine type is neither recorded nor chosen,
        count as errors.
    type: bool
    default: false
"""
    ABILITIES = r"""
options:
  destination_hosts:
    description:
      - What was collected from the destination's hosts, files or directories.
    type: list
    elements: path
  destination_release:
    description:
      - Destination release, such as V(rhoso18). It tells which machine types
        the destination supports, unless O(destination_hosts) is set.
    type: str
"""
    JOURNALS = r"""
options:
  journal_directory:
    description:
      - Directory of all journals and locks, which outlives a job; beside the
        manifests if not set.
    type: path
  note:
    description:
      - Note to keep, such as the number of the change and who makes it.
    type: str
"""
