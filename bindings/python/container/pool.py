"""Sandboxes made ahead of what runs in them."""
import ctypes
from typing import Any, Iterable, Mapping, Optional, Sequence, Union

from . import _declared
from ._handle import Handle
from ._library import Path, encoded_or_none, library, sized, strings
from ._words import Limit
from .box import Container
from .errors import Report, check
from .spec import Spec, descriptor, time_limit, unlimited


class Pool(Handle):
    """Sandboxes of one spec that wait for what they are to run. Each serves once.

    with container.Pool(spec, 8) as pool:
        box = pool.take(["sh", "-c", "exit 3"])
        pool.refill()               # when there is time
    """

    _free = "ct_pool_free"
    _closed_first = 2

    def __init__(self, spec: Spec, size: int) -> None:
        report, pointer = Report(), ctypes.c_void_p()
        with spec._using() as used:
            report.check(library.ct_pool_new(used, size, ctypes.byref(pointer), report.pointer))
        super().__init__(pointer.value)

    def take(self, argv: Optional[Sequence[Path]] = None, *, program: Optional[Path] = None,
             env: Union[Mapping[str, str], Iterable[Path], None] = None, stdin: Any = None,
             stdout: Any = None, stderr: Any = None, fds: Optional[Mapping[int, Any]] = None,
             limits: Optional[Mapping[Limit, Optional[int]]] = None, wall: Optional[float] = None,
             cpu: Optional[float] = None) -> Container:
        """Start a container in a sandbox. What is not said is as in the spec.

        Streams, and fds by their numbers in the container, are descriptors or files, which stay
        the caller's. wall and cpu are limits of time, in seconds.
        """
        if env is not None and hasattr(env, "items"):
            env = [f"{name}={value}" for name, value in env.items()]
        payload = sized(_declared.PayloadStruct)
        payload.stdio[:] = [-1 if file is None else descriptor(file) for file in (stdin, stdout, stderr)]
        payload.program = encoded_or_none(program)
        # What the struct points to has to live until the call is over.
        texts = [None if of is None else strings(of) for of in (argv, env)]
        mapped = [_declared.PayloadFdStruct(descriptor(file), target) for target, file in (fds or {}).items()]
        limited = [_declared.PayloadLimitStruct(limit, 0, unlimited(value))
                   for limit, value in (limits or {}).items()]
        payload.fds = (_declared.PayloadFdStruct * len(mapped))(*mapped)
        payload.limits = (_declared.PayloadLimitStruct * len(limited))(*limited)
        payload.fd_count, payload.limit_count = len(mapped), len(limited)
        payload.argv, payload.envp = (of and ctypes.cast(of, ctypes.POINTER(ctypes.c_char_p)) for of in texts)
        payload.wall_ms = 0 if wall is None else time_limit(wall)
        payload.cpu_ms = 0 if cpu is None else time_limit(cpu)
        report, pointer = Report(), ctypes.c_void_p()
        with self._using() as pool:
            report.check(library.ct_pool_take(pool, ctypes.byref(payload), ctypes.byref(pointer),
                                              report.pointer))
        assert pointer.value
        return Container(pointer.value, None, argv or ())

    def refill(self, most: int = 0) -> int:
        """Make what is missing, or so many of it; how many were made."""
        report = Report()
        with self._using() as pool:
            made: int = report.check(library.ct_pool_refill(pool, most, report.pointer))
            return made

    @property
    def ready(self) -> int:
        """How many wait."""
        with self._using() as pool:
            return check(library.ct_pool_ready(pool))

    def fileno(self) -> int:
        """Readable while some are missing; closed with the pool."""
        with self._using() as pool:
            return check(library.ct_pool_fd(pool))
