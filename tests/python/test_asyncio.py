"""asyncio: the loop goes on while containers run."""
import asyncio

import container
import pytest
from container import PIPE, aio

COUNT = 16


def test_many_run_at_once(rootfs):
    async def main():
        # Each ends only when it is fed, and the last is fed first: none may block the others.
        boxes = [await aio.spawn(rootfs, ["cat"], stdin=PIPE, stdout=PIPE) for _ in range(COUNT)]
        waits = [asyncio.ensure_future(aio.wait(box)) for box in boxes]
        await asyncio.sleep(0)
        assert not any(wait.done() for wait in waits)
        for box in reversed(boxes):
            box.stdin.close()
        ends = await asyncio.gather(*waits)
        for box in boxes:
            await aio.close(box)
        return [how.code for how in ends]

    assert asyncio.run(main()) == [0] * COUNT


def test_run_captures_and_feeds(rootfs):
    async def main():
        return await asyncio.gather(*(
            aio.run(rootfs, ["sh", "-c", "cat; echo oh >&2; exit 3"], input=str(number), text=True,
                    capture_output=True) for number in range(COUNT)))

    for number, done in enumerate(asyncio.run(main())):
        assert (done.returncode, done.stdout, done.stderr) == (3, str(number), "oh\n")


def test_run_moves_more_than_pipes_hold(rootfs):
    data = bytes(range(256)) * 8192
    done = asyncio.run(aio.run(rootfs, ["cat"], input=data, capture_output=True))
    assert done.stdout == data


def test_run_goes_on_where_the_payload_does_not_read_its_input(rootfs):
    done = asyncio.run(aio.run(rootfs, ["true"], input=b"x" * (1 << 20), capture_output=True))
    assert done.returncode == 0


def test_several_tasks_wait_for_one_container(rootfs):
    async def main():
        with container.spawn(rootfs, ["cat"], stdin=PIPE) as box:
            waits = asyncio.gather(aio.wait(box), aio.wait(box), aio.wait(box))
            await asyncio.sleep(0)
            box.stdin.close()
            return [how.code for how in await waits] + [(await aio.wait(box)).code]

    assert asyncio.run(main()) == [0] * 4


def test_timeout_kills_and_raises(rootfs):
    with pytest.raises(container.TimeoutExpired):
        asyncio.run(aio.run(rootfs, ["sleep", "1000"], capture_output=True, timeout=0.05))


def test_cancelled_run_ends_its_container(rootfs):
    boxes = []

    async def main():
        task = asyncio.ensure_future(aio.run(rootfs, ["sh", "-c", "echo ready; sleep 1000"],
                                             stdout=container.PIPE))
        while not boxes:
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return boxes[0].closed

    spawn = aio.spawn

    async def watched(*arguments, **settings):
        boxes.append(await spawn(*arguments, **settings))
        return boxes[0]

    aio.spawn = watched
    try:
        assert asyncio.run(main())
    finally:
        aio.spawn = spawn


def test_failures_are_raised_as_elsewhere(rootfs):
    with pytest.raises(FileNotFoundError) as failed:
        asyncio.run(aio.spawn(rootfs, ["no-such-program"]))
    assert failed.value.step == container.Step.PROGRAM
    with pytest.raises(container.CalledProcessError):
        asyncio.run(aio.run(rootfs, ["false"], check=True))


def test_events_are_told_until_all_have_exited(rootfs):
    async def main():
        told = []
        with container.Events() as events:
            boxes = [await aio.spawn(rootfs, ["true"]) for _ in range(COUNT)]
            for number, box in enumerate(boxes):
                events.add(box, number)
            async for event in aio.events(events):
                told.append((event.kind, event.data))
        for box in boxes:
            await aio.close(box)
        return told

    expected = [(kind, number) for number in range(COUNT)
                for kind in (container.EventKind.STARTED, container.EventKind.EXITED)]
    assert sorted(asyncio.run(main())) == sorted(expected)
