"""Containers: handles of what was started."""
import ctypes
import errno
import io
import os
import signal as signals
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import Any, Dict, IO, Iterator, List, Optional, Sequence, Tuple, Union

from . import _declared
from ._words import Limit, Time
from ._handle import Handle
from ._library import Path, decoded, encoded, library, milliseconds, sized
from .capture import Capture, Output, Talk, TimeoutExpired, deadline_in, left_until
from .errors import Report, TimedOutError, check
from .namespaces import NamespaceList
from .notify import Notifications
from .records import Disk, Exit, Figures, IdRange, Protection, exit_struct
from .spec import Spec, time_limit, unlimited


class Container(Handle):
    """A container, created or running or ended. Made by spawn(), create() and join().

    Closing it, the end of its `with` block, and letting go of the last reference kill what still
    runs, unless detach() was called. Letting go of a container that runs gives a
    ResourceWarning, as subprocess.Popen does.
    """

    _free = "ct_container_free"
    _closed_first = 1

    def __init__(self, pointer: int, spec: Optional[Spec], args: Sequence[Any] = ()) -> None:
        super().__init__(pointer)
        self.args = list(args)
        self._trace = spec._kept.get("trace") if spec else None  # called until it has started
        self._detached = False
        self._talk: Optional[Talk] = None
        self._capture: Any = None
        self._taking = threading.Lock()
        self._taken: Dict[Any, Optional[IO[bytes]]] = {}

    def _take(self, name: Any, mode: str, buffering: int = -1) -> Optional[IO[bytes]]:
        """The file at our end of a stream; taken from the handle when it is first asked for."""
        with self._taking:
            if name not in self._taken:
                with self._using() as box:
                    if name == "terminal":
                        taken = library.ct_container_take_terminal(box)
                    else:
                        taken = library.ct_container_take_stdio(box, name)
                missing = taken == -errno.ENOENT
                self._taken[name] = None if missing else io.open(check(taken), mode, buffering)
            return self._taken[name]

    @property
    def stdin(self) -> Optional[IO[bytes]]:
        """Where to write its stdin, if that is a pipe."""
        return self._take(0, "wb")

    @property
    def stdout(self) -> Optional[IO[bytes]]:
        """Where to read its stdout, if that is a pipe."""
        return self._take(1, "rb")

    @property
    def stderr(self) -> Optional[IO[bytes]]:
        """Where to read its stderr, if that is a pipe."""
        return self._take(2, "rb")

    @property
    def terminal(self) -> Optional[IO[bytes]]:
        """The master of the terminal that Spec.set_terminal() gave it. Its end is an OSError, EIO."""
        return self._take("terminal", "r+b", 0)

    def take_notify(self) -> Notifications:
        """Where its calls are told that wait for an answer; the caller's, once."""
        with self._using() as box:
            pidfd = os.dup(check(library.ct_container_pidfd(box)))
            try:
                return Notifications(check(library.ct_container_take_notify(box)), pidfd)
            except OSError:
                os.close(pidfd)
                raise

    def _interrupt(self) -> None:
        if not self._detached:
            library.ct_kill(self._pointer, signals.SIGKILL, None)

    def close(self) -> None:
        """Free the handle; what still runs is killed, unless it was detached."""
        for file in list(self._taken.values()):
            try:
                if file:
                    file.close()
            except BrokenPipeError:  # what was written last found no reader
                pass
        super().close()

    def __del__(self) -> None:
        unwatched = (getattr(self, "_closed", True) or sys.is_finalizing() or
                     self._process != os.getpid() or self._detached)
        if not unwatched and self.poll() is None:
            warnings.warn(f"container of process {self.pid} is still running", ResourceWarning,
                          source=self)
        super().__del__()

    # ---------------------------------------------------------------- its life

    def start(self) -> None:
        """Execute the payload of a created container."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_start(box, report.pointer))

    def wait(self, timeout: Optional[float] = None) -> Exit:
        """Wait for the end, in seconds at most; TimedOutError (a TimeoutError) if it runs still."""
        deadline = deadline_in(timeout)
        how = exit_struct()
        with self._using() as box:
            while True:
                report = Report()
                result = library.ct_wait(box, milliseconds(left_until(deadline)), ctypes.byref(how),
                                         report.pointer)
                # Python's handlers of signals run between two calls, and may raise.
                if result != -errno.EINTR:
                    report.check(result)
                    return Exit.of(how)

    def poll(self) -> Optional[Exit]:
        """How it ended, or None if it runs still."""
        try:
            return self.wait(0)
        except TimedOutError:
            return None

    @property
    def returncode(self) -> Optional[int]:
        """As subprocess has it; None while it runs."""
        how = self.poll()
        return how.returncode if how else None

    def send_signal(self, signal: int) -> None:
        """Send a signal to its first process."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_kill(box, signal, report.pointer))

    def kill(self) -> None:
        self.send_signal(signals.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signals.SIGTERM)

    def stop(self, grace: Optional[float] = 10, signal: int = signals.SIGTERM) -> Exit:
        """Ask it to end, kill it if it has not in time (seconds; None: never), tell how it ended."""
        report = Report()
        how = exit_struct()
        with self._using() as box:
            report.check(library.ct_stop(box, signal, milliseconds(grace), ctypes.byref(how),
                                         report.pointer))
        return Exit.of(how)

    def detach(self) -> None:
        """Let it outlive this handle and the process."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_detach(box, report.pointer))
        self._detached = True

    def save(self, directory: Union[Path, int], name: str) -> None:
        """Write down, in a file of that directory, what it takes to load() it elsewhere or later."""
        report = Report()
        with self._using() as box, opened(directory) as number:
            report.check(library.ct_container_save(box, number, encoded(name), report.pointer))

    @classmethod
    def load(cls, directory: Union[Path, int], name: str) -> "Container":
        """Open one that was saved. GoneError: it has ended, see remove_state()."""
        report, pointer = Report(), ctypes.c_void_p()
        with opened(directory) as number:
            report.check(library.ct_container_load(number, encoded(name), ctypes.byref(pointer),
                                                   report.pointer))
        assert pointer.value
        found = cls(pointer.value, None)
        found._detached = True
        return found

    def freeze(self, timeout: Optional[float] = None) -> None:
        """Stop all its processes where they are. Needs a cgroup: Spec.set_cgroup()."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_freeze(box, milliseconds(timeout), report.pointer))

    def thaw(self) -> None:
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_thaw(box, report.pointer))

    # ------------------------------------------------------- limits and figures

    def set_limit(self, limit: Limit, value: Optional[int]) -> None:
        """Change a limit while it runs; None: no limit."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_set_limit(box, limit, unlimited(value), report.pointer))

    def set_limit_of(self, limit: Limit, of: int, value: Optional[int]) -> None:
        """The same of one disk (os.makedev()), or of huge pages of one size in bytes."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_set_limit_of(box, limit, of, unlimited(value), report.pointer))

    def set_oci_resources(self, resources: str) -> None:
        """The same by what stands at /linux/resources of an OCI configuration: JSON."""
        report = Report()
        data = resources.encode()
        with self._using() as box:
            report.check(library.ct_container_set_oci_resources(box, data, len(data), report.pointer))

    def set_time_limit(self, what: Time, seconds: Optional[float]) -> None:
        """In seconds from the start of the payload; None: no limit."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_set_time_limit(box, what, time_limit(seconds),
                                                             report.pointer))

    def io(self) -> List[Disk]:
        """What it has done with each disk."""
        room = 16
        with self._using() as box:
            while True:
                report, disks = Report(), (_declared.IoStruct * room)()
                count = report.check(library.ct_container_io(box, disks, room, report.pointer))
                if count <= room:
                    return [Disk(one.major, one.minor, one.read_bytes, one.written_bytes, one.reads,
                                 one.writes) for one in disks[:count]]
                room = 2 * count

    def figures(self) -> Figures:
        """What it uses and has used. Needs a cgroup: Spec.set_cgroup()."""
        report, figures = Report(), sized(_declared.FiguresStruct)
        with self._using() as box:
            report.check(library.ct_container_figures(box, ctypes.byref(figures), report.pointer))
        return Figures.of(figures)

    def protection(self) -> List[Protection]:
        """Item by item whether it is enforced."""
        items: List[Protection] = []
        with self._using() as box:
            while True:
                about = sized(_declared.ProtectionStruct)
                about.why.size = ctypes.sizeof(_declared.ErrorStruct)
                result = library.ct_container_protection(box, len(items) + 1, ctypes.byref(about))
                if result == -errno.EINVAL:
                    return items
                check(result)
                items.append(Protection.of(about))

    # ------------------------------------------------------------------ getters

    @property
    def pid(self) -> int:
        """The pid of its first process: for showing, not for signals."""
        with self._using() as box:
            return check(library.ct_container_pid(box))

    def fileno(self) -> int:
        """Its pidfd, readable when it has ended; closed with the handle. So select takes it."""
        with self._using() as box:
            return check(library.ct_container_pidfd(box))

    @property
    def cgroup(self) -> Optional[str]:
        """The path of its cgroup, or None if it has none of its own."""
        with self._using() as box:
            path = library.ct_container_cgroup(box)
        return None if path is None else decoded(path)

    def _map(self, call: Any) -> List[IdRange]:
        with self._using() as box:
            room = check(call(box, None, 0))
            ranges = (_declared.IdRangeStruct * room)()
            check(call(box, ranges, room))
        return [IdRange(each.inside, each.outside, each.count) for each in ranges]

    @property
    def uid_map(self) -> List[IdRange]:
        return self._map(library.ct_container_uid_map)

    @property
    def gid_map(self) -> List[IdRange]:
        return self._map(library.ct_container_gid_map)

    @property
    def landlock_abi(self) -> int:
        """0: no landlock rules are in force."""
        with self._using() as box:
            return check(library.ct_container_landlock_abi(box))

    def namespaces(self, kinds: int = 0, flags: int = 0) -> NamespaceList:
        """The namespaces of its first process."""
        report, pointer = Report(), ctypes.c_void_p()
        with self._using() as box:
            report.check(library.ct_ns_list_container(box, kinds, flags, ctypes.byref(pointer),
                                                      report.pointer))
        return NamespaceList(pointer.value)

    # ------------------------------------------------------------ talking to it

    def communicate(self, input: Optional[bytes] = None, timeout: Optional[float] = None
                    ) -> Tuple[Optional[bytes], Optional[bytes]]:
        """Feed its stdin, read stdout and stderr to their ends, wait for its end.

        As subprocess.Popen.communicate(): after TimeoutExpired it runs on, what was read so far
        is in the exception, and another call goes on where this one was.
        """
        deadline = deadline_in(timeout)
        talk = self._talk = self._talk or Talk(self.stdin, self.stdout, self.stderr, input)
        if not talk.run(deadline):
            raise TimeoutExpired(self.args, timeout or 0, *talk.outputs())
        try:
            self.wait(left_until(deadline))
        except TimedOutError:
            raise TimeoutExpired(self.args, timeout or 0, *talk.outputs()) from None
        return talk.outputs()

    def capture(self, input: Optional[bytes] = None, timeout: Optional[float] = None, *,
                out_limit: int = 1 << 20, err_limit: int = 1 << 20, kill: bool = False) -> Output:
        """As communicate(), by the library: of each stream no more than its limit is kept.

        What is over a limit is read and dropped; with kill, it ends the container. After
        TimedOutError another call goes on where this one was. Not after stdin, stdout or stderr
        were used.
        """
        self._capture = self._capture or Capture(input, out_limit, err_limit, kill)
        with self._using() as box:
            return self._capture.run(box, deadline_in(timeout))

    # ------------------------------------------------------------- reaching into it

    def open_file(self, path: Path, flags: int = os.O_RDONLY, mode: int = 0o644) -> int:
        """Open a file or directory in there: a descriptor, which the caller closes."""
        report = Report()
        with self._using() as box:
            return report.check(library.ct_container_open_file(
                box, encoded(path), flags & ~os.O_CLOEXEC, mode, report.pointer))

    def open(self, path: Path, mode: str = "r", **options: Any) -> IO[Any]:
        """The same as the built-in open()."""
        return io.open(path, mode, opener=self.open_file, **options)

    def mount(self, source: Union[Path, int], target: Path, flags: int = 0) -> None:
        """Mount a file or directory of the host, by a path or descriptor, while it runs."""
        report = Report()
        fd = source if isinstance(source, int) else os.open(source, os.O_PATH | os.O_CLOEXEC)
        try:
            with self._using() as box:
                report.check(library.ct_container_mount(box, fd, encoded(target), flags, report.pointer))
        finally:
            if fd is not source:
                os.close(fd)

    def unmount(self, target: Path) -> None:
        """Remove what mount() has mounted there."""
        report = Report()
        with self._using() as box:
            report.check(library.ct_container_unmount(box, encoded(target), report.pointer))

    def processes(self) -> List[int]:
        """The pids of all its processes, as the host counts them: for showing."""
        room = 64
        with self._using() as box:
            while True:
                report, pids = Report(), (ctypes.c_int * room)()
                count = report.check(library.ct_container_processes(box, pids, room, report.pointer))
                if count <= room:
                    return list(pids[:count])
                room = 2 * count


@contextmanager
def opened(directory: Union[Path, int]) -> Iterator[int]:
    """The descriptor of a directory, open as long as the block lasts."""
    if isinstance(directory, int):
        yield directory
        return
    number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield number
    finally:
        os.close(number)


def remove_state(directory: Union[Path, int], name: str) -> None:
    """Remove what Container.save() has written of one that has ended, and its cgroup."""
    report = Report()
    with opened(directory) as number:
        report.check(library.ct_state_remove(number, encoded(name), report.pointer))


def figures_of(boxes: Sequence[Container]) -> List[Optional[Figures]]:
    """What many containers use, in one call; None for one without a cgroup of its own."""
    report = Report()
    structs = (_declared.FiguresStruct * len(boxes))()
    pointers = (ctypes.c_void_p * len(boxes))()
    entered: List[Any] = []
    try:
        for index, box in enumerate(boxes):
            using = box._using()
            pointers[index] = using.__enter__()
            entered.append(using)
            structs[index].size = ctypes.sizeof(_declared.FiguresStruct)
        report.check(library.ct_container_figures_many(pointers, len(boxes), structs, report.pointer))
        return [Figures.of(struct) if box.cgroup else None for box, struct in zip(boxes, structs)]
    finally:
        for using in entered:
            using.__exit__(None, None, None)
