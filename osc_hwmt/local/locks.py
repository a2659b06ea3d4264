# SPDX-License-Identifier: Apache-2.0

"""Locks by which runs see each other.

Runs that write to one project take turns: Cinder has no compare-and-swap, so
two that write at once could both find a volume as planned. A run that makes
temporary resources holds a lock of its own, by which a later one sees whether
it is still going on. The kernel lets go of a lock when its process ends,
kill -9 included.

All of them are in a directory that only this user can write to: who can
create a lock can hold it for ever.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import errno
import fcntl
import hashlib
import os
import socket
import stat
from collections.abc import Callable, Iterable, Iterator

from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.local import private

#: How much is read of what a lock says of its holder.
_SAYS = 500


@dataclasses.dataclass(frozen=True)
class Turns:
    """How runs that write to one project take turns.

    ``directory`` is where their locks are; a run that cannot have one there
    writes nothing. None is the user's own place, without which a run goes on
    and says so. ``say`` hears that, and for whom a run waits.
    """

    directory: str | None = None
    say: Callable[[str], None] = lambda line: None

    @contextlib.contextmanager
    def held(self, project_ids: Iterable[str], journal: str) -> Iterator[None]:
        """Hold the locks of some projects, once whoever has them lets go.

        ``journal`` is this run's, which those who wait are told. Raises
        FileError.
        """
        with contextlib.ExitStack() as stack:
            try:
                place = stack.enter_context(self._place())
                # In one order, so that two runs never wait for each other.
                for project_id in sorted(set(project_ids)):
                    stack.enter_context(
                        _held(
                            place,
                            _project(project_id),
                            _holder(journal),
                            self._wait,
                        )
                    )
            except (FileError, OSError) as exc:
                self._go_on_unlocked(exc)
            yield

    def _place(self) -> contextlib.AbstractContextManager[int]:
        if self.directory is None:
            return private.own_opened()
        return private.opened(os.path.realpath(self.directory))

    def _wait(self, holder: str) -> None:
        self.say(
            _('Another run is writing to this project; waiting for %s')
            % (holder or _('it'))
        )

    def _go_on_unlocked(self, exc: OSError | FileError) -> None:
        why = exc.strerror if isinstance(exc, OSError) else str(exc)
        if self.directory is not None:
            raise FileError(
                _('%(path)s: cannot take a lock there: %(why)s')
                % {'path': printable(self.directory), 'why': why}
            ) from exc
        self.say(
            _(
                'Not locked, other runs could write to this project at the '
                'same time: %s'
            )
            % why
        )


@contextlib.contextmanager
def held_run(run: str) -> Iterator[None]:
    """Hold the lock of a new run; raises FileError if that cannot be."""
    with contextlib.ExitStack() as stack:
        try:
            place = stack.enter_context(private.own_opened())
            stack.enter_context(_held(place, _run(run)))
        except OSError as exc:
            raise FileError(
                _('lock %(name)s: cannot be created: %(why)s')
                % {'name': _run(run), 'why': exc.strerror}
            ) from exc
        stack.callback(forget_run, run)
        yield


def run_ended(run: str) -> bool:
    """Tell whether a run is known to be over.

    It is not known of one that another machine or another user began.
    """
    with contextlib.suppress(FileError, OSError), private.own_opened() as at:
        descriptor = _opened(at, _run(run), os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        finally:
            os.close(descriptor)
    return False


def forget_run(run: str) -> None:
    """Remove the file of a run that is over."""
    with contextlib.suppress(FileError, OSError), private.own_opened() as at:
        os.unlink(_run(run), dir_fd=at)


@contextlib.contextmanager
def _held(
    place: int,
    name: str,
    says: str = '',
    waiting: Callable[[str], None] = lambda holder: None,
) -> Iterator[None]:
    """Hold a lock file of a directory; raises OSError.

    ``says`` is what the file then says of its holder, and ``waiting`` hears
    that of another one, before it takes time.
    """
    descriptor = _opened(place, name, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = os.pread(descriptor, _SAYS, 0).decode(errors='replace')
            waiting(printable(said))
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        # On a full disk it says nothing, and holds all the same.
        with contextlib.suppress(OSError):
            os.pwrite(descriptor, says.encode(errors='replace'), 0)
        yield
    finally:
        os.close(descriptor)


def _opened(place: int, name: str, flags: int) -> int:
    """Return a lock file's descriptor; raises OSError where it is none."""
    descriptor = os.open(
        name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600, dir_fd=place
    )
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _('%s is not a regular file') % name)
    return descriptor


def _holder(journal: str) -> str:
    """Return what this run says of itself to those who wait for it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    says = _('process %(id)d on %(host)s, since %(time)s (journal %(path)s)')
    return says % {
        'id': os.getpid(),
        'host': socket.gethostname(),
        'time': now.isoformat(timespec='seconds'),
        'path': os.path.abspath(journal),
    }


def _project(project_id: str) -> str:
    """Return a lock's file, whose name a cloud has no part in."""
    name = hashlib.sha256(project_id.encode()).hexdigest()[:16]
    return f'project-{name}.lock'


def _run(run: str) -> str:
    return f'run-{run}.lock'
