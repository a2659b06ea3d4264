# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.local import time_limit
from osc_hwmt.model.inventory import Project
from osc_hwmt.source import overrides
from osc_hwmt.source.overrides import Override, of_option, read_rules
from tests.unit.support import cases
from tests.unit.support.fakes import OWN, PC, Q35

KEY = 'hw_machine_type'


class OptionTest(cases.TestCase):
    def fits(self, text: str, name: str, id: str = 'id-1') -> bool:
        return of_option(text).fits(name, id, OWN)

    def test_a_name_or_an_id_is_exact(self) -> None:
        self.assertTrue(self.fits('web=pc', 'web'))
        self.assertTrue(self.fits('id-1=pc', 'web'))
        self.assertFalse(self.fits('web=pc', 'web2'))

    def test_wildcards_are_those_of_a_shell(self) -> None:
        self.assertTrue(self.fits('erp-*=pc', 'erp-db'))
        self.assertFalse(self.fits('erp-*=pc', 'my-erp-db'))
        self.assertTrue(self.fits('w?b=pc', 'web'))
        self.assertTrue(self.fits('[ab]=pc', 'a'))

    def test_the_type_stands_behind_the_last_sign(self) -> None:
        override = of_option('a=b=pc')
        self.assertTrue(override.fits('a=b', 'x', None))
        self.assertEqual({KEY: 'pc'}, override.wanted)

    def test_null_and_nothing_are_what_they_are_in_a_manifest(self) -> None:
        self.assertEqual({KEY: None}, of_option('web=null').wanted)
        self.assertEqual({KEY: ''}, of_option('web=').wanted)

    def test_what_is_none_is_refused(self) -> None:
        for text in ('web', '=pc', 'web=p c', 'web=none', 'web=x86_64/pc'):
            error = self.assertRaises(Error, of_option, text)
            self.assertIn(repr(text), str(error))


class RulesTest(cases.TestCase):
    def problems(self, text: str) -> str:
        error = self.assertRaises(ManifestError, read_rules, text, 'rules.yml')
        return str(error)

    def test_servers_are_named_as_in_os_migrates_filters(self) -> None:
        (rule,) = read_rules(
            'rules:\n'
            '- servers: [web, {regex: erp}]\n'
            f'  set: {{{KEY}: {Q35}, os_type: null, hw_pmu: ""}}\n',
            'rules.yml',
        )
        for name, fits in (
            ('web', True),
            ('my-erp-1', True),
            ('web2', False),
        ):
            self.assertEqual(fits, rule.fits(name, 'id', OWN), name)
        self.assertEqual(
            {KEY: Q35, 'os_type': None, 'hw_pmu': ''}, rule.wanted
        )

    def test_no_servers_are_all_servers(self) -> None:
        (rule,) = read_rules(f'rules: [{{set: {{{KEY}: pc}}}}]', 'f')
        self.assertTrue(rule.fits('any', 'id', None))

    def test_a_rule_may_be_for_a_project(self) -> None:
        text = (
            'rules:\n- project: erp\n  project_domain: Default\n'
            f'  set: {{{KEY}: pc}}\n'
        )
        (rule,) = read_rules(text, 'f')
        self.assertTrue(rule.fits('web', 'id', OWN))
        for project in (
            None,
            Project('p', 'hr', 'Default'),
            Project('p', 'erp', 'corp'),
        ):
            self.assertFalse(rule.fits('web', 'id', project))
        (by_id,) = read_rules(
            text.replace('erp', 'p').replace('Default', 'x'), 'f'
        )
        self.assertTrue(by_id.fits('web', 'id', Project('p', None, None)))

    def test_every_problem_is_told_with_its_place(self) -> None:
        told = self.problems(
            'rules:\n'
            '- servers: [{regex: "("}, {regexp: x}, null]\n'
            '  set:\n'
            '    hw_firmware_type: efi\n'
            '    image_id: x\n'
            '    hw_frimware_type: uefi\n'
            f'    {KEY}: [pc]\n'
            '- set: {os_type: linux}\n'
            '  project_domain: x\n'
            '- servers: web\n'
        )
        for place in (
            'rules.yml:2:21: ( is not a valid regular expression',
            'rules.yml:2:28: unknown key regexp',
            'rules.yml:2:40: expected a server name',
            'rules.yml:4:23: expected hw_firmware_type: one of bios, uefi',
            'rules.yml:5:15: image_id: ',
            'did you mean hw_firmware_type',
            'rules.yml:7:22: expected hw_machine_type: a machine type',
            'rules.yml:8:3: project_domain: only allowed with project',
            'rules.yml:10:3: missing keys: set',
            'rules.yml:10:12: expected a list',
        ):
            self.assertIn(place, told)

    def test_a_regular_expression_that_python_chokes_on_is_told(self) -> None:
        for pattern in ('a{9999999999}', '(' * 900, 'a' * 1001):
            told = self.problems(
                f'rules:\n- servers: [regex: {pattern!r}]\n'
                f'  set: {{{KEY}: pc}}\n'
            )
            self.assertIn('rules.yml:2:20: ', told)
            self.assertIn('is not a valid regular expression', told)

    def test_a_search_that_does_not_end_names_rule_and_server(self) -> None:
        (rule,) = read_rules(
            f'rules:\n- servers: [regex: "(a+)+b"]\n  set: {{{KEY}: pc}}\n',
            'rules.yml',
        )
        with time_limit.within(0.2):
            error = self.assertRaises(Error, rule.fits, 'a' * 60, 'id', None)
        self.assertIn('rules.yml:2: the regular expression (a+)+b', str(error))
        self.assertIn(f'server {"a" * 60}', str(error))

    def test_what_is_no_file_of_rules_is_refused(self) -> None:
        for text in ('', '[]', 'rules: {}', 'a: 1'):
            self.assertIn('rules.yml:1:', self.problems(text))


class WishesTest(cases.TestCase):
    def test_a_later_override_wins_property_by_property(self) -> None:
        found = overrides.wanted(
            [
                Override('a', {KEY: PC, 'os_type': 'linux'}),
                Override('b', {KEY: Q35}, ('web',)),
                Override('c', {KEY: None}, ('db',)),
            ],
            'web',
            'id',
            OWN,
        )
        self.assertEqual({KEY: Q35, 'os_type': 'linux'}, found)

    def test_an_override_that_fits_nobody_is_refused(self) -> None:
        servers = [('web', 'id-1', OWN), ('db', 'id-2', OWN)]
        used, idle = of_option('w*=pc'), of_option('x*=pc')
        overrides.refuse_idle([used], servers)
        overrides.refuse_idle([], servers)
        error = self.assertRaises(
            Error, overrides.refuse_idle, [used, idle], servers
        )
        self.assertIn('no server matches: --set x*=pc', str(error))
