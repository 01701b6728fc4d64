"""The same for asyncio: nothing here blocks the loop.

A wait is a descriptor in the loop (the container's pidfd, or that of a set of events), so that
thousands of containers need no thread. Starting one takes some milliseconds, in a thread of the
loop's executor.
"""
import asyncio
import os
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Optional, Sequence, Union

from . import starting
from ._library import Path
from .box import Container
from .capture import TimeoutExpired
from .events import Event, Events
from .records import Exit
from .spec import Spec
from .starting import Completed, Root

HELD_LOOK = 0.02  # how often to look at one that has ended while a tracer keeps that from us


@asynccontextmanager
async def _readable(descriptor: int) -> AsyncIterator[Any]:
    """Gives a function that waits until the descriptor is readable."""
    loop = asyncio.get_running_loop()
    # Of a descriptor the loop knows one reader; several tasks may wait for one container.
    own = os.dup(descriptor)
    news = asyncio.Event()
    loop.add_reader(own, news.set)

    async def wait() -> None:
        news.clear()
        await news.wait()

    try:
        yield wait
    finally:
        loop.remove_reader(own)
        os.close(own)


async def wait(box: Container) -> Exit:
    """Wait for the end of a container. For a timeout: asyncio.wait_for()."""
    how = box.poll()
    if how:
        return how
    async with _readable(box.fileno()) as news:
        await news()
    while True:
        how = box.poll()
        if how:
            return how
        await asyncio.sleep(HELD_LOOK)


async def spawn(what: Union[Spec, Root], argv: Optional[Sequence[Path]] = None, **settings: Any) -> Container:
    """As container.spawn(). If it is cancelled, the container that was made is closed."""
    loop = asyncio.get_running_loop()
    making = loop.run_in_executor(None, lambda: starting.spawn(what, argv, **settings))
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        making.add_done_callback(_close_unwanted)
        raise


def _close_unwanted(made: "asyncio.Future[Container]") -> None:
    if not made.cancelled() and not made.exception():
        made.result().close()


async def close(box: Container) -> None:
    """Close a container without blocking the loop: what runs is killed, and may take its time."""
    await asyncio.get_running_loop().run_in_executor(None, box.close)


async def _read(file: Any) -> Optional[bytes]:
    """What comes out of a pipe up to its end."""
    if file is None:
        return None
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), file)
    try:
        return await reader.read()
    finally:
        transport.close()


async def _write(file: Any, data: Optional[bytes]) -> None:
    """Feeds a pipe and closes it."""
    if file is None:
        return
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, file)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    try:
        writer.write(data or b"")
        await writer.drain()
    except (BrokenPipeError, ConnectionResetError):  # it does not want to hear more
        pass
    finally:
        writer.close()


async def communicate(box: Container, input: Optional[bytes] = None) -> Sequence[Optional[bytes]]:
    """Feed its stdin, read stdout and stderr to their ends, wait for its end."""
    out, err, _, _ = await asyncio.gather(_read(box.stdout), _read(box.stderr),
                                          _write(box.stdin, input), wait(box))
    return out, err


async def run(rootfs: Root, argv: Sequence[Path], *, input: Union[bytes, str, None] = None,
              capture_output: bool = False, text: bool = False, timeout: Optional[float] = None,
              check: bool = False, **settings: Any) -> Completed:
    """As container.run(). Cancelled, or when the timeout is over, the container is killed."""
    data = starting.prepared(settings, input, capture_output, text)
    box = await spawn(rootfs, argv, **settings)
    try:
        outputs = await asyncio.wait_for(communicate(box, data), timeout)
        return starting.completed(box, outputs, text, check)
    except asyncio.TimeoutError:
        raise TimeoutExpired(list(argv), timeout or 0) from None
    finally:
        await asyncio.shield(close(box))


async def events(of: Events) -> AsyncIterator[Event]:
    """The events of a set, until all its containers have exited."""
    async with _readable(of.fileno()) as news:
        while True:
            event = of._take()
            if event:
                yield event
            elif not len(of):
                return
            else:
                await news()
