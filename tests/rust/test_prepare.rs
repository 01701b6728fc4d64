//! The caller's turn amid a start: what it can do there, how it refuses, and what becomes of its panic.
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::io::AsFd;
use std::sync::{Arc, Mutex};

use container::{Error, JoinFlag, Namespace, Preparing, Seccomp, SeccompFlag, Spec, Step};

use crate::sentences;
use crate::world::{panic_of, skip, Outcome, World};

sentences! {
    test_a_function_has_its_turn_in_each_start_until_it_is_taken_away
    test_what_is_mounted_in_its_turn_is_in_the_container_alone
    test_a_refusal_is_that_of_the_start
    test_a_panic_of_its_turn_goes_on_and_leaves_nothing
    test_each_of_many_threads_has_its_own_turn
    test_a_spec_is_written_down_and_read_again
}

fn test_a_function_has_its_turn_in_each_start_until_it_is_taken_away(world: &World) -> Outcome {
    let turns = Arc::new(Mutex::new(Vec::new()));
    let told = turns.clone();
    let mut spec = world.shell("true")?;
    spec.prepare(move |made| {
        assert!(
            made.as_fd().try_clone_to_owned().is_ok() && made.uid_map().is_ok() && made.gid_map().is_ok()
        );
        assert_eq!(made.cgroup(), None);
        told.lock().unwrap().push(made.pid());
        Ok(())
    });
    let first = spec.spawn()?;
    let mut second = spec.create()?;
    assert_eq!(*turns.lock().unwrap(), [first.pid(), second.pid()]);
    second.start()?;
    assert!(first.wait()?.success() && second.wait()?.success());
    assert!(spec.no_prepare().spawn()?.wait()?.success());
    assert_eq!(turns.lock().unwrap().len(), 2);
    // What the function has taken goes with it.
    assert_eq!(Arc::strong_count(&turns), 1);
    Ok(())
}

fn test_what_is_mounted_in_its_turn_is_in_the_container_alone(world: &World) -> Outcome {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return skip("needs root, to whom the host's tree is within reach in there");
    }
    let mut visitor = Spec::new();
    visitor.argv(["/bin/sh", "-ec", "mount -t tmpfs none $ROOT/home; echo word > $ROOT/home/file"]);
    visitor.env([
        ("PATH", "/bin:/usr/bin:/sbin:/usr/sbin".as_ref()),
        ("ROOT", world.path("rootfs").as_os_str()),
    ]);
    let mut spec = world.shell("cat /home/file")?;
    spec.prepare(move |made| {
        let how = made.join(&visitor, Namespace::NONE, JoinFlag::NO_SECCOMP)?.wait()?;
        assert!(how.success(), "{}", how);
        Ok(())
    });
    assert_eq!(world.says(&mut spec)?, "word");
    assert!(!world.path("rootfs/home/file").exists());
    Ok(())
}

fn refusal(world: &World, prepare: fn(&Preparing) -> io::Result<()>) -> Outcome<Error> {
    Ok(world.shell("true")?.prepare(prepare).spawn().expect_err("it was refused"))
}

fn test_a_refusal_is_that_of_the_start(world: &World) -> Outcome {
    let error = refusal(world, |_| Err(io::Error::from_raw_os_error(18)))?; // EXDEV
    assert_eq!((error.step(), error.errno(), error.object()), (Step::PIVOT, 18, "prepare"));
    assert!(error.sentence().ends_with("prepare: Invalid cross-device link"), "{}", error);
    let error = refusal(world, |_| Err(io::Error::new(io::ErrorKind::Other, "not today\0 or ever")))?;
    assert_eq!((error.step(), error.errno()), (Step::PIVOT, 125)); // ECANCELED
    assert!(error.sentence().ends_with("prepare: not today"), "{}", error);
    let error = refusal(world, |_| Err(io::Error::new(io::ErrorKind::Other, "x".repeat(1000))))?;
    assert_eq!(error.sentence().len(), 511);
    // A failure of the library is passed on as it is.
    let ours = refusal(world, |_| Ok(drop(Spec::new().hostname("").spawn()?)))?;
    assert_eq!(ours, Spec::new().hostname("").spawn().expect_err("no name"));
    let error = container::Pool::new(world.shell("true")?.prepare(|_| Ok(())), 1).expect_err("a pool");
    assert_eq!((error.step(), error.errno()), (Step::ARGUMENT, 22));
    Ok(())
}

fn test_a_panic_of_its_turn_goes_on_and_leaves_nothing(world: &World) -> Outcome {
    let mut spec = world.shell("sleep 1000")?;
    spec.prepare(|_| panic!("not with me"));
    for _ in 0..2 {
        assert_eq!(panic_of(|| drop(spec.spawn())).as_deref(), Some("not with me"));
    }
    assert_eq!(spec.no_prepare().spawn()?.try_wait()?, None);
    Ok(())
}

fn test_each_of_many_threads_has_its_own_turn(world: &World) -> Outcome {
    let threads = Arc::new(Mutex::new(Vec::new()));
    let told = threads.clone();
    let mut spec = world.shell("true")?;
    spec.prepare(move |made| {
        told.lock().unwrap().push((std::thread::current().id(), made.pid()));
        Ok(())
    });
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let container = spec.spawn().expect("a container");
                let turn = (std::thread::current().id(), container.pid());
                assert!(threads.lock().unwrap().contains(&turn));
            });
        }
    });
    assert_eq!(threads.lock().unwrap().len(), 8);
    Ok(())
}

fn test_a_spec_is_written_down_and_read_again(world: &World) -> Outcome {
    let mut spec = world.shell("hostname; exit 6")?;
    // A configuration lists calls, and the library's filter is more than a list.
    spec.hostname("written").seccomp(Seccomp::OFF, SeccompFlag::NONE);
    let text = match spec.to_oci() {
        Err(error) if error.object() == "configuration" => {
            return skip("needs a library with a JSON library")
        }
        text => text?,
    };
    assert!(text.contains("\"hostname\": \"written\""), "{}", text);
    let output = Spec::from_oci_text(&text, None)?.output()?;
    assert_eq!((output.stdout.as_slice(), output.exit.code), (&b"written\n"[..], Some(6)));
    let error = spec.prepare(|_| Ok(())).to_oci().expect_err("no word for it");
    assert_eq!((error.errno(), error.object()), (95, "prepare")); // EOPNOTSUPP
    assert_eq!(spec.env([("A", "a\0b")]).to_oci().expect_err("a NUL").errno(), 22);
    Ok(())
}
