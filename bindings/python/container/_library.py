"""The shared library, with the prototypes of its calls; and conversions that all calls need.

ctypes lets other Python threads run while a call of this library is made (CDLL releases the
interpreter's lock), so that a thread that waits for a container stops nobody else.
"""
import ctypes
import math
import os
from typing import Any, Iterable, Optional, Union

from . import _declared, _words

NAME = "libcontainer.so.0"
Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
INT_MAX = 2**31 - 1


def _load() -> Any:
    try:
        loaded = ctypes.CDLL(NAME)
    except OSError as error:
        raise ImportError(f"{NAME} cannot be loaded ({error}): install libcontainer, or tell the "
                          "loader where it is by LD_LIBRARY_PATH") from error
    for name, (result, parameters) in _declared.PROTOTYPES.items():
        if not hasattr(loaded, name):
            raise ImportError(f"{NAME} is older than this package: it has no {name}()")
        call = getattr(loaded, name)
        call.restype = result
        call.argtypes = parameters
    return loaded


library = _load()


def encoded(text: Path) -> bytes:
    """Text as C takes it. C would take what stands before a NUL for the whole."""
    data = os.fsencode(text)
    if b"\0" in data:
        raise ValueError("embedded null byte")
    return data


def encoded_or_none(text: Optional[Path]) -> Optional[bytes]:
    return None if text is None else encoded(text)


def decoded(data: Optional[bytes]) -> str:
    return os.fsdecode(data or b"")


def strings(texts: Iterable[Path]) -> Any:
    """An array of strings that ends with NULL."""
    if isinstance(texts, (str, bytes)):
        raise TypeError("a list of strings is needed, not one string")
    data = [encoded(text) for text in texts]
    return (ctypes.c_char_p * (len(data) + 1))(*data, None)


def milliseconds(seconds: Optional[float]) -> int:
    """A timeout for C; None is CT_FOREVER. Never shorter than was asked for."""
    if seconds is None:
        return _words.FOREVER
    return max(0, math.ceil(min(seconds * 1000, INT_MAX)))


def sized(struct: Any) -> Any:
    """A new struct with its size filled in, as the _INIT macros of C give it."""
    made = struct()
    made.size = ctypes.sizeof(struct)
    return made


def version() -> str:
    """The version of the library that is loaded."""
    return decoded(library.ct_version())
