# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import finding_codes, verify
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.manifest.entry import Wanted
from osc_hwmt.model.changes import Change
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.inventory import Server
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry, server, volume

KEY = 'hw_machine_type'
COMMAND = 'openstack migrate machine-type apply f.yml'


def _finding(step: Step) -> Finding:
    (finding,) = verify.findings([step], COMMAND)
    return finding


def _set(
    old: str | None,
    new: str | None,
    server_id: str = 'source-1',
    others: tuple[Change, ...] = (),
) -> Set:
    return Set(
        entry(server_id=server_id),
        Match(
            volume(image_metadata={'hw_machine_type': old} if old else None),
            Rule.NAME,
            None,
        ),
        (Change('hw_machine_type', old, new), *others),
    )


class FindingsTest(cases.TestCase):
    def test_a_volume_as_it_shall_be_is_well(self) -> None:
        finding = _finding(
            Unchanged(entry(), volume(image_metadata={'hw_machine_type': PC}))
        )
        self.assertEqual(
            (finding_codes.OK, None, PC, None),
            (finding.code, finding.severity, finding.found, finding.remedy),
        )

    def test_what_is_left_to_the_destination_is_well(self) -> None:
        finding = _finding(LeftToDestination(entry()))
        self.assertEqual(
            (finding_codes.LEFT, None, None),
            (finding.code, finding.severity, finding.remedy),
        )

    def test_what_nobody_decided_is_a_warning_and_strictly_an_error(
        self,
    ) -> None:
        step = Undecided(fakes.undecided(), default='q35')
        for strict, severity in (
            (False, Severity.WARNING),
            (True, Severity.ERROR),
        ):
            (finding,) = verify.findings([step], COMMAND, strict=strict)
            self.assertEqual(
                (finding_codes.UNDECIDED, severity, None, 'q35', strict),
                (
                    finding.code,
                    finding.severity,
                    finding.found,
                    finding.default,
                    finding.is_difference,
                ),
            )
            self.assertIn('it presumably ran on i440fx', finding.reason)
            self.assertIn('will give it q35', finding.reason)
            self.assertTrue(str(finding.remedy).startswith('openstack '))

    def test_other_hardware_that_is_right_hides_nothing(self) -> None:
        found = verify.findings(
            [Unchanged(fakes.undecided(), volume())], COMMAND
        )
        self.assertEqual(
            [finding_codes.OK, finding_codes.UNDECIDED],
            [one.code for one in found],
        )

    def test_what_is_known_to_run_there_is_said_with_how_that_is_known(
        self,
    ) -> None:
        step = Unchanged(entry(), volume(image_metadata={KEY: PC}))
        _ok, finding = verify.findings([step], COMMAND, {}, 'a test')
        self.assertEqual(
            (Question.DESTINATION, finding_codes.DESTINATION_OK, None),
            (finding.question, finding.code, finding.severity),
        )
        self.assertEqual('according to a test', finding.reason)
        # Of what a rule speaks against, that is said instead.
        concern = fakes.concern('old', Severity.WARNING)
        odd = Unchanged(entry(), volume(image_metadata={KEY: PC}), (concern,))
        codes = [
            one.code for one in verify.findings([odd], COMMAND, {}, 'a test')
        ]
        self.assertEqual([finding_codes.OK, 'old'], codes)

    def test_a_difference_names_both_sides_and_the_command(self) -> None:
        finding = _finding(_set(Q35, PC))
        self.assertTrue(finding.is_difference)
        self.assertEqual(
            (finding_codes.DIFFERS, Q35), (finding.code, finding.found)
        )
        self.assertIn(Q35, finding.reason)
        self.assertIn(PC, finding.reason)
        self.assertEqual(f'{COMMAND} --server source-1', finding.remedy)

    def test_absence_is_spelled_out_on_either_side(self) -> None:
        self.assertIn(
            'has no hw_machine_type', _finding(_set(None, PC)).reason
        )
        self.assertIn('wants none', _finding(_set(Q35, None)).reason)

    def test_every_property_that_differs_is_told(self) -> None:
        firmware = Change('hw_firmware_type', 'bios', 'uefi')
        reason = _finding(_set(Q35, PC, others=(firmware,))).reason
        for word in (Q35, PC, 'hw_firmware_type bios', 'uefi'):
            self.assertIn(word, reason)

    def test_the_remedy_can_be_pasted_whatever_the_id(self) -> None:
        remedy = _finding(_set(None, PC, 'x; rm -rf /')).remedy or ''
        self.assertTrue(remedy.endswith("--server 'x; rm -rf /'"), remedy)

    def test_a_refusal_is_a_finding_with_its_remedy(self) -> None:
        finding = _finding(
            Refused(entry(), Refusal.VOLUME_NOT_FOUND, 'why', 'do this')
        )
        self.assertTrue(finding.is_difference)
        self.assertEqual(
            ('volume-not-found', 'why', 'do this'),
            (finding.code, finding.reason, finding.remedy),
        )

    def test_not_imported_yet_is_a_difference_only_where_all_shall_be(
        self,
    ) -> None:
        step = Refused(entry(), Refusal.NOT_IMPORTED_YET, 'why', 'do this')
        for shall_be, severity in (
            (False, Severity.NOTE),
            (True, Severity.ERROR),
        ):
            (finding,) = verify.findings(
                [step], COMMAND, strict=True, all_imported=shall_be
            )
            self.assertEqual(
                ('not-imported-yet', severity),
                (finding.code, finding.severity),
            )

    def test_what_speaks_against_it_is_a_finding_of_its_own(self) -> None:
        warning = fakes.concern('old', Severity.WARNING)
        step = Unchanged(entry(), volume(), (warning,))
        of_volume, of_destination = verify.findings([step], COMMAND)
        self.assertEqual(finding_codes.OK, of_volume.code)
        self.assertEqual(
            (
                Question.DESTINATION,
                'old',
                Severity.WARNING,
                'old speaks',
                'mend old',
                False,
            ),
            (
                of_destination.question,
                of_destination.code,
                of_destination.severity,
                of_destination.reason,
                of_destination.remedy,
                of_destination.is_difference,
            ),
        )

    def test_every_step_has_its_finding_in_order(self) -> None:
        steps: list[Step] = [
            LeftToDestination(entry('a')),
            _set(None, PC),
            LeftToDestination(entry('b')),
        ]
        found = verify.findings(steps, COMMAND)
        self.assertEqual(
            [step.entry for step in steps], [one.entry for one in found]
        )


class ServerTest(cases.TestCase):
    """What runs is another question than what the volume says."""

    def finding(
        self,
        *guests: Guest,
        wanted: str | None = PC,
        built: bool = True,
        recorded: str | None = None,
    ) -> Finding | None:
        step = _step(wanted, server(recorded=recorded) if built else None)
        found = verify.findings([step], COMMAND, {'server-1': guests})
        answers = [one for one in found if one.question is Question.SERVER]
        self.assertLessEqual(len(answers), 1)
        return answers[0] if answers else None

    def test_what_libvirt_runs_is_compared_with_the_wish(self) -> None:
        finding = self.finding(_guest(PC))
        assert finding is not None
        self.assertEqual(
            (finding_codes.SERVER_OK, None, PC),
            (finding.code, finding.severity, finding.found),
        )
        self.assertIn('libvirt-domain', finding.reason)

    def test_another_machine_type_is_a_difference_with_its_remedy(
        self,
    ) -> None:
        finding = self.finding(_guest(Q35))
        assert finding is not None
        self.assertEqual(
            (finding_codes.SERVER_DIFFERS, Q35), (finding.code, finding.found)
        )
        self.assertTrue(finding.is_difference)
        for word in ('openstack server delete', 'server-1', 'volume-1'):
            self.assertIn(word, finding.remedy or '')

    def test_what_nova_shows_of_its_record_counts_too(self) -> None:
        finding = self.finding(recorded=Q35)
        assert finding is not None
        self.assertEqual(finding_codes.SERVER_DIFFERS, finding.code)
        self.assertIn('nova-record', finding.reason)

    def test_an_alias_runs_as_what_it_stands_for(self) -> None:
        finding = self.finding(_guest(PC), wanted='pc')
        assert finding is not None
        self.assertEqual(finding_codes.SERVER_OK, finding.code)

    def test_what_nobody_tells_is_unknown_and_no_difference(self) -> None:
        for guests in ((), (_guest(PC), _guest(Q35))):
            finding = self.finding(*guests)
            assert finding is not None
            self.assertEqual(
                (finding_codes.SERVER_UNKNOWN, False),
                (finding.code, finding.is_difference),
            )
            self.assertIn('--destination-hosts', finding.remedy or '')

    def test_of_a_volume_that_nova_made_something_else_was_read(self) -> None:
        then = datetime.datetime(2026, 11, 29, tzinfo=datetime.timezone.utc)
        created = server(created=then)
        codes = []
        for name, later in (('', 1), ('', -1), ('web-boot', 1)):
            holder = volume(
                name=name, created=then + datetime.timedelta(seconds=later)
            )
            step = Unchanged(entry(), holder, server=created)
            found = verify.findings([step], COMMAND)
            codes += [
                one.code for one in found if one.question is Question.SERVER
            ]
        self.assertEqual(
            [
                finding_codes.MADE_BY_NOVA,
                finding_codes.SERVER_UNKNOWN,
                finding_codes.SERVER_UNKNOWN,
            ],
            codes,
        )

    def test_without_a_server_or_a_wish_it_is_not_asked(self) -> None:
        self.assertIsNone(self.finding(_guest(PC), built=False))
        self.assertIsNone(self.finding(_guest(PC), wanted=None))


class JournalTest(cases.TestCase):
    """What journals tell of a server, where nothing was collected of it."""

    def findings(
        self, *guests: Guest, read: str | None = PC, goes: bool = False
    ) -> list[Finding]:
        step = Unchanged(
            entry(),
            volume(image_metadata={'hw_machine_type': PC}),
            server=server(deleted_with=('volume-1',) if goes else ()),
            read={'hw_machine_type': read},
        )
        found = verify.findings([step], COMMAND, {'server-1': guests})
        return [one for one in found if one.question is Question.SERVER]

    def test_a_server_that_was_built_in_time_is_well(self) -> None:
        (finding,) = self.findings()
        self.assertEqual(
            (finding_codes.SERVER_OK, None, PC),
            (finding.code, finding.severity, finding.found),
        )
        self.assertIn(f'had hw_machine_type {PC} (journal)', finding.reason)

    def test_a_server_that_was_built_too_early_differs(self) -> None:
        (finding,) = self.findings(read=None)
        self.assertEqual(
            (finding_codes.SERVER_DIFFERS, None), (finding.code, finding.found)
        )
        self.assertTrue(finding.is_difference)
        self.assertIn('had no hw_machine_type', finding.reason)
        self.assertIn('update_machine_type', finding.remedy or '')

    def test_what_runs_counts_more_than_what_was_read(self) -> None:
        (finding,) = self.findings(_guest(PC), read=None)
        self.assertEqual(finding_codes.SERVER_OK, finding.code)
        (finding,) = self.findings(_guest(Q35))
        self.assertEqual(finding_codes.SERVER_DIFFERS, finding.code)

    def test_a_disk_that_would_go_with_the_server_is_warned_of(self) -> None:
        differs, goes = self.findings(read=None, goes=True)
        self.assertEqual(finding_codes.SERVER_DIFFERS, differs.code)
        self.assertEqual(
            (finding_codes.DISK_GOES, Severity.WARNING),
            (goes.code, goes.severity),
        )
        self.assertIn('volume-1', goes.reason)
        self.assertIn('--preserve-on-termination', goes.remedy or '')

    def test_a_disk_is_safe_where_the_server_can_stay(self) -> None:
        self.assertEqual(1, len(self.findings(goes=True)))


class SilentTest(cases.TestCase):
    def silent(self, *steps: Unchanged, **guests: list[Guest]) -> list[str]:
        told = {f'server-{key[1:]}': value for key, value in guests.items()}
        return [one.id for one in verify.silent_servers(steps, told)]

    def test_servers_of_which_nothing_tells_are_silent(self) -> None:
        steps = [_step(PC, server(id=f'server-{n}')) for n in (1, 2, 2)]
        self.assertEqual(['server-1', 'server-2'], self.silent(*steps))
        self.assertEqual(['server-2'], self.silent(*steps, n1=[_guest(Q35)]))

    def test_servers_without_a_wanted_type_are_not_asked_for(
        self,
    ) -> None:
        steps = [
            _step(None, server()),
            _step(PC, None),
            _step(PC, server(recorded=PC)),
        ]
        self.assertEqual([], self.silent(*steps))


def _step(wanted: str | None, built: Server | None) -> Unchanged:
    return Unchanged(
        entry(wanted=Wanted.of(wanted)),
        volume(image_metadata={'hw_machine_type': PC}),
        server=built,
    )


def _guest(machine_type: str) -> Guest:
    return Guest('server-1', Evidence.LIBVIRT_DOMAIN, machine_type, 'a.xml')
