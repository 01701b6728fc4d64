"""Containers for Python programs, by libcontainer.

    import container

    with container.Rootfs.extract("rootfs.tar.gz", "rootfs") as rootfs:
        with container.spawn(rootfs, ["ps", "aux"]) as box:
            print(box.wait())

Calls and settings have the names of the C library, whose manual tells of each: Spec.set_limit()
is ct_spec_set_limit(3). What fails raises Error, an OSError that tells step, object and cure.
Times are in seconds. Every call may be made from any thread.
"""
from . import aio
from ._words import (DeviceAccess, End, EventKind, Extract, Fact, Idmap, Image, Item, ItemState, JoinFlag, Landlock, LandlockAccess, LandlockPort,
                        Limit, Link,
                        ListFlag, Mount, Namespace, NsFormat, NsKeeper, Oom, OutputFlag, Owners,
                        ProbeState, ProcFlag, RootMode, Seccomp, SeccompAction, SeccompCompare,
                        SeccompFlag, Stdio, Step, Time, TraceWho, Unseen)
from ._library import version
from .box import Container, figures_of, remove_state
from .capture import Output, TimeoutExpired
from .errors import (DeniedError, Error, ExistsError, GoneError, NotFoundError, TimedOutError,
                     step_name)
from .events import Event, Events
from .namespaces import NamespaceInfo, NamespaceList, NamespaceStats, kind_name, start_ticks
from .notify import Notification, Notifications
from .pool import Pool
from .probe import FactInfo, Probe
from .records import Disk, Exit, Figures, IdRange, Protection, item_name
from .rootfs import ExtractStats, Progress, Rootfs
from .spec import Device, Spec, TraceEvent, When
from .starting import (CalledProcessError, Completed, create, join, join_ns, join_pid, join_pidfd,
                       run, spawn)
from .terminal import raw_terminal, resize_terminal

PIPE = Stdio.PIPE
DEVNULL = Stdio.NULL

__version__ = "0.1.0"
__all__ = [name for name in dir() if not name.startswith("_")]
