"""What the library tells, as plain values: times in seconds, None for what is not known."""
import ctypes
import signal
from dataclasses import dataclass, field, fields
from typing import Any, Optional

from . import _declared, _words
from ._words import End, Item, ItemState, Oom
from ._library import decoded, library, sized
from .errors import Error, check, from_struct


@dataclass(frozen=True)
class Figures:
    """What a container uses and has used; see ct_figures. None: this kernel does not tell."""
    cpu_us: Optional[int]
    cpu_user_us: Optional[int]
    cpu_system_us: Optional[int]
    cpu_throttled_us: Optional[int]
    cpu_throttled_count: Optional[int]
    cpu_stalled_us: Optional[int]
    memory_bytes: Optional[int]
    memory_peak_bytes: Optional[int]
    memory_anon_bytes: Optional[int]
    memory_file_bytes: Optional[int]
    memory_stalled_us: Optional[int]
    memory_max_count: Optional[int]
    memory_high_count: Optional[int]
    oom_kills: Optional[int]
    swap_bytes: Optional[int]
    pids: Optional[int]
    pids_peak: Optional[int]
    pids_max_count: Optional[int]
    io_read_bytes: Optional[int]
    io_written_bytes: Optional[int]
    io_reads: Optional[int]
    io_writes: Optional[int]
    io_stalled_us: Optional[int]

    @classmethod
    def of(cls, struct: Any) -> "Figures":
        values = ((name.name, getattr(struct, name.name)) for name in fields(cls))
        return cls(**{name: None if value == _words.NOT_KNOWN else value for name, value in values})


@dataclass(frozen=True)
class Disk:
    """What a container has done with one disk; see ct_io."""
    major: int
    minor: int
    read_bytes: int
    written_bytes: int
    reads: int
    writes: int


@dataclass(frozen=True)
class Exit:
    """How a container ended. str() says it in words."""
    code: Optional[int]  # exit code, or None if a signal ended it
    signal: Optional[int]  # the signal that ended it
    why: End
    oom: Oom  # whose memory ran out
    core_dumped: bool
    lost: bool  # somebody else has waited for it, and the kernel no longer knows
    wall: float  # seconds from its start to its end
    user: float  # seconds of cpu time
    system: float
    max_rss_bytes: Optional[int]
    figures: Optional[Figures]  # if it had a cgroup of its own
    text: str = field(compare=False)

    @property
    def returncode(self) -> int:
        """As subprocess has it: the exit code, or minus the signal that ended it."""
        if self.code is not None:
            return self.code
        return -(self.signal or signal.SIGKILL)

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, how: Any) -> "Exit":
        room = ctypes.create_string_buffer(256)
        check(library.ct_exit_to_text(ctypes.byref(how), room, len(room)))
        measured = any(getattr(how.figures, name.name) for name in fields(Figures))
        return cls(code=how.code if how.code >= 0 else None, signal=how.signal or None,
                   why=End(how.why), oom=Oom(how.oom), core_dumped=bool(how.core_dumped),
                   lost=bool(how.lost), wall=how.wall_us / 1e6, user=how.user_us / 1e6,
                   system=how.system_us / 1e6, max_rss_bytes=how.max_rss_bytes or None,
                   figures=Figures.of(how.figures) if measured else None, text=decoded(room.value))


def exit_struct() -> Any:
    """A ct_exit for C to fill."""
    how = sized(_declared.ExitStruct)
    how.figures.size = ctypes.sizeof(_declared.FiguresStruct)
    return how


@dataclass(frozen=True)
class Protection:
    """One item of what protects a container: asked for or not, enforced or lacking."""
    item: Item
    name: str
    state: ItemState
    count: int  # of what is lacking: how many parts
    why: Optional[Error]  # of the first of them

    @classmethod
    def of(cls, about: Any) -> "Protection":
        return cls(Item(about.item), item_name(about.item), ItemState(about.state), about.count,
                   from_struct(about.why) if about.why.code else None)


@dataclass(frozen=True)
class IdRange:
    """Ids from `inside` on are those from `outside` on in the caller's user namespace."""
    inside: int
    outside: int
    count: int


def item_name(item: int) -> str:
    """The name of an item of protection, as in "masked paths"."""
    return decoded(library.ct_item_name(item))
