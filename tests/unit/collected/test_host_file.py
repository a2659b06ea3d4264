# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.collected import host_file
from osc_hwmt.compatibility.hosts import Host, Machine
from tests.unit.collected.base import CaptureTestCase

NAMES = st.from_regex(r'pc-[a-z0-9.]{1,8}', fullmatch=True)
MACHINES = st.builds(
    Machine,
    NAMES,
    st.none() | NAMES,
    st.none() | st.booleans(),
    st.none() | st.integers(1, 4096),
)
LISTS = st.lists(MACHINES, min_size=1, unique_by=lambda one: one.name).map(
    lambda machines: {one.name: one for one in machines}
)


class HostFileTest(CaptureTestCase):
    def test_names_are_enough(self) -> None:
        text = '{"hosts": {"compute-7": {"machines": ["pc", "q35"]}}}'
        (host,) = self.hosts(text)
        self.assertEqual('compute-7', host.name)
        self.assertEqual(
            {None: {'pc': Machine('pc'), 'q35': Machine('q35')}}, host.machines
        )

    def test_more_may_be_said_of_a_name(self) -> None:
        q35 = {
            'name': 'q35',
            'canonical': 'pc-q35-rhel9.4.0',
            'deprecated': False,
            'max_cpus': 710,
        }
        said = {'source': 'probe', 'machines': {'x86_64': ['pc', q35]}}
        (host,) = self.hosts(json.dumps({'hosts': {'compute-7': said}}))
        self.assertEqual('compute-0.txt:1: probe', host.origin)
        self.assertEqual(
            {
                'x86_64': {
                    'pc': Machine('pc'),
                    'q35': Machine('q35', 'pc-q35-rhel9.4.0', False, 710),
                }
            },
            host.machines,
        )

    @settings(max_examples=25)
    @given(
        st.dictionaries(
            st.text(min_size=1),
            st.dictionaries(
                st.none() | st.sampled_from(['x86_64', 'aarch64']),
                LISTS,
                min_size=1,
                max_size=1,
            ),
            max_size=3,
        )
    )
    def test_what_is_written_is_read_again(
        self, hosts: dict[str, dict[str | None, dict[str, Machine]]]
    ) -> None:
        text = host_file.dump(
            Host(name, 'probe', machines) for name, machines in hosts.items()
        )
        found = {host.name: host.machines for host in self.hosts(text)}
        self.assertEqual(hosts, found)

    def test_a_host_with_anything_wrong_is_left_out_and_told(self) -> None:
        for wrong in (
            [],
            {},
            None,
            'pc',
            [None],
            [{'canonical': 'pc'}],
            [{'name': 'pc', 'deprecated': 'yes'}],
            [{'name': 'pc', 'max_cpus': True}],
            {'x86_64': 'pc'},
        ):
            said = {'a\x1b': {'machines': wrong}, 'b': {'machines': ['pc']}}
            text = json.dumps({'hosts': said})
            (problem,) = self.problems(text)
            self.assertIn('host a\\x1b: expected', problem)
            hosts = [one for one in self.read(text) if isinstance(one, Host)]
            self.assertEqual(['b'], [host.name for host in hosts])
