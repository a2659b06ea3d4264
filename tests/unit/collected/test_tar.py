# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.collected import tar
from tests.unit.support import cases

MOST = 4096 << 20
FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
NAMES = st.text(
    st.characters(exclude_characters='\0/', exclude_categories=['Cs']),
    min_size=1,
    max_size=120,
)


def archive(
    members: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT
) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode='w', format=form) as made:
        for name, content in members.items():
            header = tarfile.TarInfo(name)
            header.size = len(content)
            made.addfile(header, io.BytesIO(content))
    return written.getvalue()


def header(kind: bytes = b'0', name: str = 'a', size: int = 0) -> bytes:
    """Return a header that may claim anything."""
    info = tarfile.TarInfo(name)
    info.type, info.size = kind, size
    return info.tobuf(tarfile.GNU_FORMAT)


def pax(*records: str) -> bytes:
    """Return an extended header; each record begins with its length."""
    content = '\n'.join((*records, '')).encode()
    return (
        header(b'x', 'pax', len(content))
        + content
        + bytes(-len(content) % tar.BLOCK)
    )


class TarTestCase(cases.TestCase):
    def read(self, content: bytes) -> dict[str, bytes]:
        return {
            one.name: b''.join(iter(one.read, b''))
            for one in tar.members(io.BytesIO(content), MOST)
        }

    def damage(self, content: bytes) -> str:
        """Return why an archive is not read to its end, at once."""
        begin = time.process_time()
        error = self.assertRaises(tar.DamagedError, self.read, content)
        self.assertLess(time.process_time() - begin, 2)
        return str(error)


class MembersTest(TarTestCase):
    @settings(max_examples=60)
    @given(
        st.dictionaries(NAMES, st.binary(max_size=2000), max_size=4),
        st.sampled_from(FORMATS),
    )
    def test_what_others_have_packed_is_read_as_they_meant_it(
        self, members: dict[str, bytes], form: int
    ) -> None:
        if form == tarfile.USTAR_FORMAT:
            # Longer names are cut into two halves at a slash.
            members = {
                name: content
                for name, content in members.items()
                if len(name.encode()) <= 100
            }
        self.assertEqual(members, self.read(archive(members, form)))

    def test_long_paths_of_every_format_are_put_together(self) -> None:
        path = '/'.join(['directory' * 3] * 6)
        for form in FORMATS:
            self.assertEqual(
                {path: b'x'}, self.read(archive({path: b'x'}, form))
            )

    def test_what_is_not_read_of_a_member_is_passed_over(self) -> None:
        content = archive({'a': b'x' * 700, 'b': b'y'})
        names = [one.name for one in tar.members(io.BytesIO(content), MOST)]
        self.assertEqual(['a', 'b'], names)

    def test_a_long_link_between_a_name_and_its_file_changes_nothing(
        self,
    ) -> None:
        content = (
            header(b'L', size=4)
            + b'real'.ljust(512, b'\0')
            + header(b'K', size=4)
            + b'link'.ljust(512, b'\0')
            + header(b'g', size=0)
            + header(b'0', 'short', 1)
            + b'x'.ljust(512, b'\0')
            + bytes(1024)
        )
        self.assertEqual({'real': b'x'}, self.read(content))

    def test_a_link_that_claims_content_has_none(self) -> None:
        content = header(b'2', 'link', 9999) + header() + bytes(1024)
        self.assertEqual({'a': b''}, self.read(content))


class HostileTest(TarTestCase):
    def test_a_claim_beyond_the_bound_names_member_and_bound(self) -> None:
        claim = 1 << 62
        for content in (
            header(size=claim),
            pax(f'28 size={claim}') + header(),
            header(b'Z', size=claim),
        ):
            self.assertEqual(
                f'member a claims {claim} bytes; expected at most 4096 MiB',
                self.damage(content + bytes(9000)),
            )

    def test_a_claim_beyond_what_is_there_is_cut_off(self) -> None:
        for content in (
            header(size=4 << 30),
            pax(f'19 size={4 << 30}') + header(),
            header(b'x', size=1 << 20),
            b'',
        ):
            self.assertIn('cut off', self.damage(content))

    def test_negative_and_broken_numbers_are_damage(self) -> None:
        negative = bytearray(header())
        negative[124:136] = b'\xff' * 12
        for content in (
            bytes(negative),
            pax('11 size=-1') + header(),
            pax('11 size=1a') + header(),
            pax('999 path=a') + header(),
            pax('0 path=a') + header(),
            header()[:-1] + b'x',
        ):
            self.assertIn('damaged', self.damage(content + bytes(9000)))

    def test_a_header_of_great_size_is_not_read(self) -> None:
        for kind in (b'L', b'K', b'x', b'g'):
            self.assertIn(
                'claims 1073741824 bytes; expected at most 1 MiB',
                self.damage(header(kind, size=1 << 30)),
            )

    def test_a_chain_of_extended_headers_is_counted(self) -> None:
        def count() -> None:
            counted.append(1)
            if len(counted) > 5000:
                raise OverflowError

        counted: list[int] = []
        content = pax('9 path=b') * 20_000
        found = tar.members(io.BytesIO(content), MOST, count)
        self.assertRaises(OverflowError, list, found)

    def test_a_sparse_file_is_passed_over_whatever_it_lists(self) -> None:
        sparse = bytearray(header(b'S', 'hole'))
        sparse[482] = 1
        block = bytearray(512)
        block[504] = 1
        total = sum(sparse[:148]) + 8 * 32 + sum(sparse[156:])
        sparse[148:156] = b'%06o\0 ' % total
        extensions = bytes(block) * 3 + bytes(512)
        rest = header(name='b') + bytes(1024)
        for content in (
            bytes(sparse) + extensions + rest,
            pax('22 GNU.sparse.major=1', '99 GNU.sparse'.ljust(98, '9'))
            + header(name='hole')
            + rest,
        ):
            found = {
                one.name: one.why_not
                for one in tar.members(io.BytesIO(content), MOST)
            }
            self.assertEqual(
                {'hole': 'sparse files are not read', 'b': None}, found
            )
        self.assertIn('cut off', self.damage(bytes(sparse) + bytes(block)))

    @settings(max_examples=200)
    @given(st.binary(max_size=1500), st.integers(0, 2))
    def test_any_bytes_are_read_or_damage(
        self, content: bytes, place: int
    ) -> None:
        whole = archive({'a': b'x' * 600, 'b': b'y'}, FORMATS[place])
        try:
            self.read(whole[:512] + content + whole[512:])
        except tar.DamagedError as exc:
            self.assertTrue(str(exc).isprintable(), repr(exc))
