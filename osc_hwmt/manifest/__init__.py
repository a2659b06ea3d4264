# SPDX-License-Identifier: Apache-2.0

"""The manifest: os-migrate's YAML, what it says, and how it is edited."""
