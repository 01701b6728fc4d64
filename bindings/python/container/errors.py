"""Exceptions with what a ct_error tells: step, kernel call, object, a sentence, a cure."""
import ctypes
import errno
import os
from typing import Any, NoReturn, Optional

from . import _declared
from ._words import Step
from ._library import decoded, library, sized


class Error(OSError):
    """A call of the library failed. An OSError, so that errno and its subclasses are as usual.

    step      where it failed: Step.MOUNT
    call      the kernel or library call that failed: "move_mount"; or empty
    object    what it failed on: a path, an entry, a setting; or empty
    sentence  step, object, call and reason in one sentence
    cure      what usually helps; or empty
    """

    def __init__(self, code: int, step: int = 0, call: str = "", object: str = "",
                 sentence: str = "", cure: str = "") -> None:
        super().__init__(code, sentence or os.strerror(code))
        self.step = Step(step)
        self.call = call
        self.object = object
        self.sentence = sentence or os.strerror(code)
        self.cure = cure

    def __str__(self) -> str:
        return self.sentence + ("\n" + self.cure if self.cure else "")

    def __reduce__(self) -> Any:
        return type(self), (self.errno, int(self.step), self.call, self.object, self.sentence, self.cure)


class NotFoundError(Error, FileNotFoundError):
    """ENOENT"""


class ExistsError(Error, FileExistsError):
    """EEXIST"""


class DeniedError(Error, PermissionError):
    """EPERM, EACCES"""


class GoneError(Error, ProcessLookupError):
    """ESRCH: the process or container has ended."""


class TimedOutError(Error, TimeoutError):
    """ETIMEDOUT: it has not happened in time."""


CLASSES = {errno.ENOENT: NotFoundError, errno.EEXIST: ExistsError, errno.EPERM: DeniedError,
           errno.EACCES: DeniedError, errno.ESRCH: GoneError, errno.ETIMEDOUT: TimedOutError}


def from_struct(err: Any) -> Error:
    code = -err.code
    return CLASSES.get(code, Error)(code, err.step, decoded(err.call), decoded(err.object),
                                    decoded(err.sentence), decoded(err.cure))


class Report:
    """A ct_error for one call: give `pointer` to C, and the result to check()."""

    def __init__(self) -> None:
        self.struct = sized(_declared.ErrorStruct)
        self.pointer = ctypes.byref(self.struct)

    def check(self, result: int) -> int:
        """The result, unless it is a failure."""
        if result >= 0:
            return result
        if self.struct.code == 0:
            fail(result)
        raise from_struct(self.struct)


def fail(result: int, what: Optional[str] = None) -> NoReturn:
    """Raises for a call that gives a negative errno and nothing else."""
    code = -result
    raise CLASSES.get(code, Error)(code, Step.ARGUMENT, "", what or "",
                                   (what + ": " if what else "") + os.strerror(code))


def check(result: int, what: Optional[str] = None) -> int:
    return result if result >= 0 else fail(result, what)


def step_name(step: int) -> str:
    """The name of a step, as in "mount" or "working directory"."""
    return decoded(library.ct_step_name(step))
