//! Handles: who owns what, what threads may do with them, sets, pools, and containers that are found again.
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::io::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use container::{Container, EventKind, Events, NsList, Payload, Pool, Probe, Rootfs, Spec, Stdio};

use crate::sentences;
use crate::world::{Outcome, World};

sentences! {
    test_what_is_dropped_is_killed_and_nothing_is_left
    test_a_detached_container_goes_on_and_is_found_again
    test_descriptors_of_a_spec_live_as_long_as_it
    test_handles_may_be_shared_by_threads
    test_many_threads_start_containers_of_one_spec
    test_a_container_is_killed_while_others_wait_for_it
    test_events_are_told_by_token
    test_a_set_forgets_what_was_dropped
    test_a_pool_hands_out_sandboxes
}

fn test_what_is_dropped_is_killed_and_nothing_is_left(world: &World) -> Outcome {
    let mut spec = world.shell("sleep 1000")?;
    spec.stdin(Stdio::Pipe).stdout(Stdio::Pipe).terminal(0, 0);
    let container = spec.spawn()?;
    let pid = container.pid();
    drop(spec);
    assert!(fs::metadata(format!("/proc/{}", pid)).is_ok());
    drop(container);
    assert!(fs::metadata(format!("/proc/{}", pid)).is_err());
    Ok(())
}

fn test_a_detached_container_goes_on_and_is_found_again(world: &World) -> Outcome {
    let states = world.path("states");
    fs::create_dir(&states)?;
    let directory = File::open(&states)?;
    let container = world.shell("sleep 1000")?.spawn()?;
    container.detach()?;
    container.save(&directory, "box")?;
    let pid = container.pid();
    drop(container);
    assert_eq!(container::remove_state(&directory, "box").expect_err("it runs").errno(), 16); // EBUSY
    let found = Container::load(&directory, "box")?;
    assert_eq!((found.pid(), found.try_wait()?), (pid, None));
    found.kill()?;
    found.wait()?;
    assert_eq!(Container::load(&directory, "box").expect_err("it has ended").errno(), 3); // ESRCH
    container::remove_state(&directory, "box")?;
    assert_eq!(Container::load(&directory, "box").expect_err("it was removed").errno(), 2);
    Ok(())
}

fn test_descriptors_of_a_spec_live_as_long_as_it(world: &World) -> Outcome {
    let path = world.path("owned");
    let mut spec = world.shell("echo $0; echo seven >&7")?;
    spec.stdout(File::create(&path)?).map_fd(File::create(world.path("seven"))?, 7);
    for _ in 0..2 {
        assert!(spec.spawn()?.wait()?.success());
    }
    assert_eq!(fs::read_to_string(&path)?, "sh\nsh\n");
    assert_eq!(fs::read_to_string(world.path("seven"))?, "seven\nseven\n");
    // What takes the place of a stream closes it.
    let (mut reader, writer) = pipe(world)?;
    spec.stdout(writer).spawn()?.wait()?;
    spec.stdout(Stdio::Null);
    let mut text = String::new();
    reader.read_to_string(&mut text)?;
    assert_eq!(text, "sh\n");
    Ok(())
}

/// A FIFO that both sides have open.
fn pipe(world: &World) -> Outcome<(File, File)> {
    let path = world.path("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&path).status()?.success());
    let writer = thread::spawn({
        let path = path.clone();
        move || File::options().write(true).open(path)
    });
    let reader = File::open(&path)?;
    Ok((reader, writer.join().expect("no panic")?))
}

fn shared<T: Send + Sync>() {}

fn test_handles_may_be_shared_by_threads(_: &World) -> Outcome {
    shared::<(Container, Spec, Rootfs)>();
    shared::<(Events, Pool, NsList, Probe)>();
    shared::<(container::Error, container::Capture<'static>, container::Notifications)>();
    Ok(())
}

fn test_many_threads_start_containers_of_one_spec(world: &World) -> Outcome {
    let mut spec = world.shell("read line; echo $line")?;
    spec.stdin(Stdio::Pipe).stdout(Stdio::Pipe);
    let spec = Arc::new(spec);
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let spec = spec.clone();
            thread::spawn(move || -> container::Result<bool> {
                let container = spec.spawn()?;
                let input = format!("{}\n", number);
                let mut capture = container::Capture::new();
                let how = container.capture(capture.input(input.as_bytes()), None)?.expect("its end");
                Ok(how.success() && capture.stdout() == input.as_bytes())
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().expect("no panic")?);
    }
    Ok(())
}

fn test_a_container_is_killed_while_others_wait_for_it(world: &World) -> Outcome {
    let mut spec = world.shell("sleep 1000")?;
    let container = spec.stdout(Stdio::Pipe).spawn()?;
    let ends = thread::scope(|scope| {
        let waiting: Vec<_> = (0..3).map(|_| scope.spawn(|| container.wait())).collect();
        let reading = scope.spawn(|| container.capture(&mut container::Capture::new(), None));
        container.kill()?;
        let mut ends = vec![reading.join().expect("no panic")?.expect("its end")];
        for thread in waiting {
            ends.push(thread.join().expect("no panic")?);
        }
        Ok::<_, container::Error>(ends)
    })?;
    assert!(ends.iter().all(|how| how.signal == Some(9)));
    Ok(())
}

fn test_events_are_told_by_token(world: &World) -> Outcome {
    let events = Events::new()?;
    let mut spec = world.shell("read line; exit 4")?;
    spec.stdin(Stdio::Pipe);
    let containers = [spec.spawn()?, spec.spawn()?];
    for (token, container) in containers.iter().enumerate() {
        events.add(container, token)?;
        assert_eq!(events.next(None)?.expect("it was started").kind, EventKind::STARTED);
    }
    assert_eq!(events.add(&containers[0], 9).expect_err("it is in there").errno(), 16); // EBUSY
    assert_eq!(events.next(Some(Duration::ZERO))?, None);
    drop(containers[1].take_stdin());
    let event = events.next(None)?.expect("an end");
    assert_eq!((event.kind, event.token, event.count), (EventKind::EXITED, 1, 1));
    assert_eq!(containers[1].try_wait()?.expect("its end").code, Some(4));
    events.remove(&containers[0])?;
    assert_eq!(events.remove(&containers[0]).expect_err("it is gone").errno(), 2);
    assert!(events.as_fd().try_clone_to_owned().is_ok());
    Ok(())
}

fn test_a_set_forgets_what_was_dropped(world: &World) -> Outcome {
    let events = Events::new()?;
    let container = world.shell("true")?.spawn()?;
    events.add(&container, 1)?;
    container.wait()?;
    drop(container);
    assert_eq!(events.next(Some(Duration::ZERO))?, None);
    let container = world.shell("true")?.spawn()?;
    events.add(&container, 2)?;
    drop(events);
    container.wait()?;
    Events::new()?.add(&container, 3)?;
    Ok(())
}

fn test_a_pool_hands_out_sandboxes(world: &World) -> Outcome {
    let mut spec = world.shell("exit 9")?;
    let pool = Pool::new(spec.stdout(Stdio::Pipe), 2)?;
    drop(spec);
    assert_eq!(pool.ready()?, 2);
    let mut file =
        File::options().read(true).write(true).create_new(true).open(world.path("of-a-payload"))?;
    let input = world.path("for-a-payload");
    fs::write(&input, "given\n")?;
    let input = File::open(&input)?;
    let mut payload = Payload::new();
    payload.argv(["sh", "-c", "cat; echo $WORD; echo seven >&7"]).env([("WORD", "said"), ("PATH", "/bin")]);
    payload.stdin(input.as_fd()).stdout(file.as_fd()).stderr(file.as_fd()).map_fd(file.as_fd(), 7);
    payload.wall_limit(Some(Duration::from_secs(600)));
    assert!(pool.take(&payload)?.wait()?.success());
    file.flush()?;
    assert_eq!(fs::read_to_string(world.path("of-a-payload"))?, "given\nsaid\nseven\n");
    assert_eq!(pool.take(&Payload::new())?.wait()?.code, Some(9));
    assert_eq!((pool.ready()?, pool.refill(1)?, pool.ready()?), (0, 1, 1));
    let error = pool.take(Payload::new().argv(["a\0b"])).expect_err("a NUL");
    assert!(error.sentence().contains("NUL") && pool.ready()? == 1);
    assert_eq!(pool.take(Payload::new().argv(["no-such-program"])).expect_err("not there").errno(), 2);
    let container = pool.take(Payload::new().program("/bin/busybox").argv(["true"]))?;
    drop(pool);
    assert!(container.wait()?.success());
    Ok(())
}
