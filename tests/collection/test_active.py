# SPDX-License-Identifier: Apache-2.0

"""Every way in which a job can lose the hook ends before the import."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import fixtures
import testtools

import tests.hook

_HOOK = 'osc_hwmt.machine_type.hook'
_PLAYBOOK = 'osc_hwmt.machine_type.import_workloads'
_BIN = Path(sys.executable).parent
#: os-migrate's playbooks and modules, as far as an import of nothing needs.
_OS_MIGRATE = Path(tests.hook.__file__).parent / 'collections'
#: The first task of os-migrate's import there.
_IMPORT_BEGINS = 'Read what to import'
_NOT_ACTIVE = f'The callback {_HOOK} is not active in this play'
#: Seconds for one play, far above what any takes.
_LIMIT = 120


@dataclasses.dataclass(frozen=True)
class Ended:
    """A play's exit code, and all that it said in one line."""

    code: int
    said: str


class JobTest(testtools.TestCase):  # type: ignore[misc]
    """A job's directory, as runner and AAP lay it out."""

    def setUp(self) -> None:
        super().setUp()
        self.job = Path(self.useFixture(fixtures.TempDir()).path)
        for name in ('env', 'inventory', 'project'):
            (self.job / name).mkdir()
        self.project = self.job / 'project'
        (self.project / 'workloads.yml').write_text('resources: []\n')
        (self.job / 'inventory' / 'hosts').write_text(
            '[migrator]\n'
            f'here ansible_connection=local '
            f'ansible_python_interpreter={sys.executable} '
            f'os_migrate_data_dir={self.project}\n'
        )

    def configure(self, callbacks: str) -> None:
        """Write the project's ansible.cfg."""
        (self.project / 'ansible.cfg').write_text(
            f'[defaults]\ncallbacks_enabled = {callbacks}\n'
        )

    def run_job(self, *words: str, **environment: str) -> Ended:
        """Return how a command ended that runs in the project."""
        inherited = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(('ANSIBLE_', 'OSC_HWMT_'))
        }
        done = subprocess.run(
            [_BIN / words[0], *words[1:]],
            cwd=self.project,
            env={
                **inherited,
                'ANSIBLE_COLLECTIONS_PATH': str(_OS_MIGRATE),
                'ANSIBLE_HOME': str(self.job / 'ansible'),
                'ANSIBLE_NOCOLOR': '1',
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
        return Ended(done.returncode, ' '.join(done.stdout.split()))

    def play(self, **environment: str) -> Ended:
        """Return how the playbook ended."""
        inventory = str(self.job / 'inventory')
        return self.run_job(
            'ansible-playbook', '-i', inventory, _PLAYBOOK, **environment
        )

    def assert_imported(self, ended: Ended) -> None:
        self.assertEqual(0, ended.code, ended.said)
        self.assertIn(_IMPORT_BEGINS, ended.said)

    def assert_stopped(self, ended: Ended, why: str) -> None:
        self.assertNotEqual(0, ended.code, ended.said)
        self.assertIn(why, ended.said)
        self.assertNotIn(_IMPORT_BEGINS, ended.said)


class PlaybookTest(JobTest):
    """Under ansible-playbook itself."""

    def test_an_enabled_hook_lets_the_import_begin(self) -> None:
        self.configure(_HOOK)
        self.assert_imported(self.play())

    def test_a_variable_enables_the_hook_as_well(self) -> None:
        self.assert_imported(self.play(ANSIBLE_CALLBACKS_ENABLED=_HOOK))

    def test_a_hook_that_was_not_enabled_stops_the_play(self) -> None:
        self.assert_stopped(self.play(), _NOT_ACTIVE)

    def test_a_misspelt_hook_stops_the_play(self) -> None:
        self.configure('osc_hwmt.machine_type.hok')
        self.assert_stopped(self.play(), _NOT_ACTIVE)

    def test_a_variable_that_replaces_the_file_stops_the_play(self) -> None:
        self.configure(_HOOK)
        self.assert_stopped(
            self.play(ANSIBLE_CALLBACKS_ENABLED='ansible.posix.timer'),
            _NOT_ACTIVE,
        )

    def test_a_variable_of_another_play_stops_the_play(self) -> None:
        self.assert_stopped(
            self.play(OSC_HWMT_HOOK_ACTIVE=str(os.getpid())), _NOT_ACTIVE
        )

    def test_a_python_without_the_package_stops_the_play(self) -> None:
        blocker = self.job / 'python'
        blocker.mkdir()
        (blocker / 'sitecustomize.py').write_text(
            textwrap.dedent(
                """\
                import sys


                class Missing:
                    def find_spec(self, name, path=None, target=None):
                        if name.partition('.')[0] == 'osc_hwmt':
                            raise ImportError(f'No module named {name!r}')


                sys.meta_path.insert(0, Missing())
                """
            )
        )
        self.configure(_HOOK)
        self.assert_stopped(
            self.play(PYTHONPATH=str(blocker)),
            f'{sys.executable} cannot import osc-hwmt: ',
        )

    def test_a_missing_collection_ends_before_any_play(self) -> None:
        self.configure(_HOOK)
        self.assert_stopped(
            self.play(ANSIBLE_COLLECTIONS_SCAN_SYS_PATH='false'),
            _PLAYBOOK,
        )

    def test_a_check_is_stopped_as_well(self) -> None:
        ended = self.run_job(
            'ansible-playbook',
            '--check',
            *('-i', str(self.job / 'inventory')),
            _PLAYBOOK,
        )
        self.assert_stopped(ended, _NOT_ACTIVE)


class RunnerTest(JobTest):
    """Under ansible-runner, which sets ANSIBLE_CALLBACK_PLUGINS itself."""

    def run_playbook(self) -> Ended:
        return self.run_job('ansible-runner', 'run', '.', '-p', _PLAYBOOK)

    def run_job(self, *words: str, **environment: str) -> Ended:
        words = tuple(str(self.job) if one == '.' else one for one in words)
        return super().run_job(*words, **environment)

    def test_a_hook_in_the_project_lets_the_import_begin(self) -> None:
        self.configure(_HOOK)
        self.assert_imported(self.run_playbook())

    def test_a_hook_in_envvars_lets_the_import_begin(self) -> None:
        (self.job / 'env' / 'envvars').write_text(
            f'ANSIBLE_CALLBACKS_ENABLED: {_HOOK}\n'
        )
        self.assert_imported(self.run_playbook())

    def test_a_hook_that_was_not_enabled_stops_the_job(self) -> None:
        self.assert_stopped(self.run_playbook(), _NOT_ACTIVE)


class NavigatorTest(JobTest):
    """Under ansible-navigator, without an execution environment."""

    def run_playbook(self) -> Ended:
        return self.run_job(
            'ansible-navigator',
            'run',
            _PLAYBOOK,
            *('-i', str(self.job / 'inventory')),
            *('--execution-environment', 'false'),
            *('--mode', 'stdout', '--playbook-artifact-enable', 'false'),
        )

    def test_a_hook_in_the_project_lets_the_import_begin(self) -> None:
        self.configure(_HOOK)
        self.assert_imported(self.run_playbook())

    def test_a_hook_that_was_not_enabled_stops_the_job(self) -> None:
        self.assert_stopped(self.run_playbook(), _NOT_ACTIVE)


class GalaxyTest(JobTest):
    """The same collection, installed from a repository instead."""

    def test_the_collection_installs_from_git(self) -> None:
        repository = Path(tests.hook.__file__).parents[2]
        installed = self.run_job(
            'ansible-galaxy',
            *('collection', 'install', '-p', str(self.job / 'collections')),
            f'git+file://{repository}#/ansible_collections/osc_hwmt/'
            'machine_type',
        )
        self.assertEqual(0, installed.code, installed.said)
        shown = self.run_job(
            *('ansible-doc', '-t', 'callback', _HOOK),
            ANSIBLE_COLLECTIONS_PATH=str(self.job / 'collections'),
            ANSIBLE_COLLECTIONS_SCAN_SYS_PATH='false',
        )
        self.assertIn(str(self.job / 'collections'), shown.said)
