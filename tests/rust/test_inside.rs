//! Reaching into what runs, and seeing it: joins, files, processes, terminals, notifications, namespaces.
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::io::{AsFd, OwnedFd};
use std::time::Duration;

use container::{
    terminal, Container, Fact, JoinFlag, Link, ListFlag, Mount, Namespace, Notifications, NsFormat, NsList,
    Probe, ProbeState, SeccompAction, Spec, Stdio, Step,
};

use crate::sentences;
use crate::world::{Outcome, World};

sentences! {
    test_a_process_joins_a_container
    test_a_process_joins_by_pid_pidfd_and_namespaces
    test_files_inside_are_opened_and_made
    test_a_directory_of_the_host_is_mounted_and_unmounted
    test_a_payload_has_a_terminal
    test_calls_that_wait_are_answered
    test_namespaces_of_a_container_are_listed
    test_namespaces_of_the_system_are_found_by_their_ids
    test_the_machine_is_looked_at
}

/// One that runs until it is dropped.
fn running(world: &World) -> Outcome<Container> {
    Ok(world.shell("sleep 1000")?.spawn()?)
}

fn command(argv: &[&str]) -> Spec {
    let mut spec = Spec::new();
    spec.argv(argv).stdin(Stdio::Null).stdout(Stdio::Pipe);
    spec
}

fn printed(container: &Container) -> Outcome<String> {
    let mut text = String::new();
    container.take_stdout().expect("a pipe").read_to_string(&mut text)?;
    assert!(container.wait()?.success());
    Ok(text)
}

fn test_a_process_joins_a_container(world: &World) -> Outcome {
    let container = running(world)?;
    let text = printed(&container.exec(&command(&["ps", "-o", "pid,args"]))?)?;
    assert!(text.contains("    1 sleep 1000"), "{}", text);
    assert_eq!(container.try_wait()?, None);
    container.kill()?;
    container.wait()?;
    let error = container.exec(&command(&["true"])).expect_err("it has ended");
    assert_eq!((error.step(), error.errno()), (Step::TARGET, 3)); // ESRCH
    Ok(())
}

fn test_a_process_joins_by_pid_pidfd_and_namespaces(world: &World) -> Outcome {
    let container = running(world)?;
    let (all, flags) = (Namespace::NONE, JoinFlag::NO_SECCOMP);
    let spec = command(&["cat", "/proc/1/comm"]);
    let ticks = container::start_ticks(container.pid())?;
    assert_eq!(printed(&spec.join_pid(container.pid(), ticks, all, flags)?)?, "sleep\n");
    assert_eq!(spec.join_pid(container.pid(), ticks + 1, all, flags).expect_err("another one").errno(), 3);
    assert_eq!(printed(&spec.join_pidfd(&container, all, flags)?)?, "sleep\n");
    let open = |kind: &str| File::open(format!("/proc/{}/ns/{}", container.pid(), kind));
    let mut files: Vec<OwnedFd> = vec![open("mnt")?.into(), open("pid")?.into()];
    if !container.uid_map()?.is_empty() {
        files.push(open("user")?.into());
    }
    let borrowed: Vec<_> = files.iter().map(|file| file.as_fd()).collect();
    assert_eq!(printed(&spec.join_ns(&borrowed)?)?, "sleep\n");
    assert_eq!(spec.join_ns(&[]).expect_err("none").errno(), 22);
    Ok(())
}

fn test_files_inside_are_opened_and_made(world: &World) -> Outcome {
    let mut spec = world.shell("mkfifo /memory/fifo; echo inside > /memory/file; sleep 1000 & echo; wait")?;
    spec.add_tmpfs("/memory", 1 << 20, 0o755, Mount::NONE).stdout(Stdio::Pipe);
    let container = spec.spawn()?;
    container.take_stdout().expect("a pipe").read_exact(&mut [0; 1])?;
    let mut text = String::new();
    container.open_file("/memory/file")?.read_to_string(&mut text)?;
    assert_eq!(text, "inside\n");
    // O_WRONLY | O_CREAT | O_EXCL
    container.open_file_with("/memory/made", 0o301, 0o600)?.write_all(b"by the host")?;
    text.clear();
    container.open_file("/memory/made")?.read_to_string(&mut text)?;
    assert_eq!(text, "by the host");
    assert_eq!(container.open_file("/memory/none").expect_err("not there").step(), Step::INSIDE);
    assert_eq!(container.open_file("/memory/fifo").expect_err("no file").errno(), 22);
    let pids = container.processes()?;
    assert!(pids.contains(&container.pid()) && pids.len() == 2, "{:?}", pids);
    Ok(())
}

fn test_a_directory_of_the_host_is_mounted_and_unmounted(world: &World) -> Outcome {
    let container = running(world)?;
    let directory = File::open(world.path(""))?;
    if let Err(error) = container.mount(&directory, "/mnt", Mount::READONLY) {
        return crate::world::skip(format!("needs the right to mount what is outside: {}", error));
    }
    let listed = printed(&container.exec(&command(&["ls", "/mnt"]))?)?;
    assert!(listed.contains("rootfs.tar.gz"), "{}", listed);
    container.unmount("/mnt")?;
    assert_eq!(container.unmount("/mnt").expect_err("it is gone").errno(), 2);
    Ok(())
}

fn test_a_payload_has_a_terminal(world: &World) -> Outcome {
    let mut spec = world.shell("stty size; read line; stty size; echo $line")?;
    let container = spec.terminal(24, 80).spawn()?;
    let mut master = container.take_terminal().expect("a terminal");
    let mut seen = String::new();
    let mut read_until = |master: &mut File, end: &str| -> Outcome {
        while !seen.contains(end) {
            let mut room = [0; 100];
            let count = master.read(&mut room)?;
            seen += &String::from_utf8_lossy(&room[..count]);
        }
        Ok(())
    };
    read_until(&mut master, "24 80")?;
    let modes = terminal::raw(&master)?;
    terminal::restore(&master, &modes)?;
    terminal::resize(&master, 30, 100)?;
    master.write_all(b"typed\n")?;
    read_until(&mut master, "30 100\r\ntyped\r\n")?;
    assert!(container.wait()?.success());
    assert_eq!(terminal::raw(File::open("/dev/null")?).err().expect("no terminal").errno(), 25); // ENOTTY
    Ok(())
}

fn test_calls_that_wait_are_answered(world: &World) -> Outcome {
    let mut spec = world.shell("sethostname other; hostname one; echo $?; hostname two; echo $?")?;
    spec.stdout(Stdio::Pipe).stderr(Stdio::Null).add_cap("cap_sys_admin");
    spec.add_seccomp_rule("sethostname", SeccompAction::NOTIFY, 0, &[]);
    let container = spec.spawn()?;
    let mut notifications: Notifications = container.take_notify()?;
    assert_eq!(container.take_notify().expect_err("it was taken").errno(), 2);
    let call = notifications.receive(None)?.expect("the first call");
    assert_eq!((call.call().as_str(), call.args()[1]), ("sethostname", 3));
    let mut name = [0; 3];
    assert_eq!(notifications.read(&call, call.args()[0], &mut name)?, 3);
    assert_eq!(&name, b"one");
    notifications.succeed(&call, 0)?;
    assert!(notifications.succeed(&call, 0).is_err());
    let call = notifications.receive(Some(Duration::from_secs(600)))?.expect("the second call");
    notifications.fail(&call, 1)?;
    assert_eq!(printed(&container)?, "0\n1\n");
    assert!(notifications.receive(None)?.is_none());
    Ok(())
}

fn test_namespaces_of_a_container_are_listed(world: &World) -> Outcome {
    let container = running(world)?;
    let list = NsList::of_container(&container, Namespace::PID | Namespace::NET, ListFlag::NONE)?;
    assert_eq!(list.len(), 2);
    let pid = list.iter().find(|one| one.kind == Namespace::PID).expect("its pid namespace");
    assert_eq!((pid.nprocs, pid.pid, pid.command.as_str()), (1, Some(container.pid()), "sleep"));
    assert!(pid.links.contains(Link::OWN) && pid.name == format!("pid:[{}]", pid.id));
    let ours = NsList::of_pid(0, Namespace::PID, ListFlag::ALONE)?;
    assert_ne!(ours.get(0).expect("ours").id, pid.id);
    assert!(list.get(2).is_none() && list.mount_path(0).is_none());
    Ok(())
}

fn test_namespaces_of_the_system_are_found_by_their_ids(_: &World) -> Outcome {
    let list = NsList::system(Namespace::NONE, ListFlag::NONE)?;
    let own = NsList::of_pid(0, Namespace::MNT, ListFlag::ALONE)?.get(0).expect("ours");
    let place = list.find(own.id).expect("ours is there");
    assert_eq!(list.get(place).expect("ours is there").name, own.name);
    assert!(list.find(1).is_none());
    assert!(list.stats()?.processes > 0);
    assert!(list.to_text(NsFormat::TABLE)?.lines().count() > list.len());
    assert!(list.to_text(NsFormat::JSON)?.starts_with('{'));
    assert_eq!(list.to_text(NsFormat(99)).expect_err("no such form").errno(), 22);
    assert_eq!(Namespace::MNT.to_string(), "mnt");
    Ok(())
}

fn test_the_machine_is_looked_at(world: &World) -> Outcome {
    let probe = Probe::new()?;
    let kernel = probe.get(0).expect("a fact");
    assert!(probe.len() > 50 && probe.iter().count() == probe.len());
    assert_eq!(probe.find(kernel.fact), Some(kernel));
    assert!(probe.to_string().lines().count() >= probe.len());
    assert!(probe.to_json()?.contains("\"facts\""));
    let path = Probe::path(world.path(""))?;
    assert_eq!(path.find(Fact::PATH_WRITE).expect("a fact").state, ProbeState::WORKS);
    assert!(!path.find(Fact::PATH_FILESYSTEM).expect("a fact").value.is_empty());
    assert_eq!(Probe::path("/no/such/directory").expect_err("not there").errno(), 2);
    Ok(())
}
