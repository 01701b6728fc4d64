"""Starting containers: spawn, create, join, and run as subprocess has it."""
import ctypes
import subprocess
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Sequence, Union

from ._words import Stdio
from ._library import Path, library
from .box import Container
from .capture import TimeoutExpired
from .errors import Report
from .records import Exit
from .rootfs import Rootfs
from .spec import Spec, as_rootfs, descriptor

Root = Union[Rootfs, Path]
What = Union[Spec, Sequence[Path]]


def _started(call: Any, arguments: Sequence[Any], spec: Spec, args: Sequence[Any]) -> Container:
    report, pointer = Report(), ctypes.c_void_p()
    with spec._using() as used:
        report.check(call(*arguments, used, ctypes.byref(pointer), report.pointer))
        assert pointer.value
        return Container(pointer.value, spec, args)


def spawn(what: Union[Spec, Root], argv: Optional[Sequence[Path]] = None, **settings: Any) -> Container:
    """Start a container: of a spec, or a command in a root filesystem.

    with container.spawn("rootfs", ["ps", "aux"]) as box:
        print(box.wait())

    The settings are those of Spec: env, cwd, user, hostname, limits, stdout, ...
    """
    return _from_spec(library.ct_spawn, what, argv, settings)


def create(what: Union[Spec, Root], argv: Optional[Sequence[Path]] = None, **settings: Any) -> Container:
    """As spawn(), but the payload waits for Container.start()."""
    return _from_spec(library.ct_create, what, argv, settings)


def _from_spec(call: Any, what: Union[Spec, Root], argv: Optional[Sequence[Path]],
               settings: Mapping[str, Any]) -> Container:
    if isinstance(what, Spec):
        if argv is not None or settings:
            raise TypeError("a spec says itself what to run and how")
        return _started(call, (), what, ())
    if argv is None:
        raise TypeError("what to run in there? argv is missing")
    rootfs, opened = as_rootfs(what)
    try:
        with Spec(rootfs, argv, **settings) as spec:
            return _started(call, (), spec, argv)
    finally:
        if opened:
            rootfs.close()


def _join(call: Any, target: Sequence[Any], what: What, settings: Mapping[str, Any]) -> Container:
    if isinstance(what, Spec):
        if settings:
            raise TypeError("a spec says itself what to run and how")
        return _started(call, target, what, ())
    with Spec(None, what, **settings) as spec:
        return _started(call, target, spec, what)


def join(target: Container, what: What, kinds: int = 0, flags: int = 0, **settings: Any) -> Container:
    """Run one more process inside a running container: a command, or a spec."""
    with target._using() as box:
        return _join(library.ct_join, (box, kinds, flags), what, settings)


def join_pid(pid: int, what: What, start_ticks: int = 0, kinds: int = 0, flags: int = 0,
             **settings: Any) -> Container:
    """The same for any process. start_ticks, of start_ticks(), guards against a reused pid."""
    return _join(library.ct_join_pid, (pid, start_ticks, kinds, flags), what, settings)


def join_pidfd(pidfd: Any, what: What, kinds: int = 0, flags: int = 0, **settings: Any) -> Container:
    """The same for any process, by its pidfd, which stays open."""
    return _join(library.ct_join_pidfd, (descriptor(pidfd), kinds, flags), what, settings)


def join_ns(files: Sequence[Any], what: What, **settings: Any) -> Container:
    """The same with namespaces instead of a process: descriptors, which stay open."""
    numbers = [descriptor(file) for file in files]
    array = (ctypes.c_int * len(numbers))(*numbers) if numbers else None
    return _join(library.ct_join_ns, (array, len(numbers)), what, settings)


@dataclass(frozen=True)
class Completed:
    """What run() gives: as subprocess.CompletedProcess, and how the container ended."""
    args: Sequence[Any]
    exit: Exit
    stdout: Any = None  # bytes, or str with text=True; None if it was not captured
    stderr: Any = None

    @property
    def returncode(self) -> int:
        return self.exit.returncode

    def check_returncode(self) -> None:
        """Raise CalledProcessError unless it exited with 0."""
        if self.returncode:
            raise CalledProcessError(self)


class CalledProcessError(subprocess.CalledProcessError):
    """It did not exit with 0; exit tells how it ended."""

    def __init__(self, completed: Completed) -> None:
        super().__init__(completed.returncode, list(completed.args), completed.stdout,
                         completed.stderr)
        self.exit = completed.exit
        self._completed = completed

    def __str__(self) -> str:
        return f"{self.cmd}: {self.exit}"

    def __reduce__(self) -> Any:
        return type(self), (self._completed,)


def prepared(settings: "dict[str, Any]", input: Any, capture_output: bool, text: bool
             ) -> Optional[bytes]:
    """Fills in what the streams are; gives the input as bytes."""
    if input is not None and "stdin" in settings:
        raise ValueError("stdin and input cannot both be given")
    if capture_output and ("stdout" in settings or "stderr" in settings):
        raise ValueError("stdout and stderr cannot be given with capture_output")
    if input is not None:
        settings["stdin"] = Stdio.PIPE
    if capture_output:
        settings["stdout"] = settings["stderr"] = Stdio.PIPE
    return input.encode() if text and isinstance(input, str) else input


def completed(box: Container, outputs: Sequence[Optional[bytes]], text: bool, check: bool) -> Completed:
    told = [output.decode() if text and output is not None else output for output in outputs]
    done = Completed(box.args, box.wait(), *told)
    if check:
        done.check_returncode()
    return done


def run(rootfs: Root, argv: Sequence[Path], *, input: Union[bytes, str, None] = None,
        capture_output: bool = False, text: bool = False, timeout: Optional[float] = None,
        check: bool = False, **settings: Any) -> Completed:
    """Run a command in a container to its end, as subprocess.run().

    timeout is in seconds; when it is over the container is killed, and TimeoutExpired raised,
    which is subprocess's. With check, CalledProcessError unless it exits with 0. The settings are
    those of Spec.
    """
    data = prepared(settings, input, capture_output, text)
    with spawn(rootfs, argv, **settings) as box:
        try:
            outputs = box.communicate(data, timeout)
        except TimeoutExpired as late:
            box.kill()
            late.stdout, late.stderr = box.communicate()
            raise
        return completed(box, outputs, text, check)
