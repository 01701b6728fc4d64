//! Containers: what runs in them, what it writes, how they end, and what is told of them.
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use container::{
    Capture, End, Item, ItemState, Limit, Mount, OutputFlag, RootMode, SeccompAction, SeccompCompare, Spec,
    Stdio, Step, Time, When,
};

use crate::sentences;
use crate::world::{panic_of, skip, state_of, Outcome, World};

sentences! {
    test_a_command_runs_as_the_first_process_and_its_end_is_told
    test_settings_reach_the_payload
    test_what_is_left_out_is_strict
    test_output_keeps_streams_apart_and_leaves_those_alone_that_were_set
    test_input_is_given_and_no_more_is_kept_than_the_limit
    test_a_capture_goes_on_after_its_time
    test_streams_are_taken_once
    test_descriptors_reach_the_payload_under_their_numbers
    test_files_and_filesystems_of_the_spec_are_there
    test_signals_end_it_and_say_who_sent_them
    test_stop_asks_first_and_kills_then
    test_waiting_has_a_time_and_can_be_repeated
    test_a_created_container_waits_for_its_start
    test_a_limit_of_time_ends_it
    test_limits_hold_and_figures_are_told
    test_rules_about_system_calls_hold
    test_what_fails_says_where_why_and_what_helps
    test_the_first_mistake_of_a_spec_is_that_of_its_start
    test_lacks_are_told_where_they_are_allowed
    test_explain_mode_tells_every_call
    test_a_panic_of_explain_mode_goes_on_and_leaves_nothing
    test_a_bundle_becomes_a_spec
}

fn test_a_command_runs_as_the_first_process_and_its_end_is_told(world: &World) -> Outcome {
    let output = Spec::new().rootfs(world.rootfs()?).argv(["ps", "-o", "pid,args"]).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.lines().nth(1).map(str::trim), Some("1 ps -o pid,args"), "{}", text);
    assert!(output.exit.success());
    let how = world.shell("exit 3")?.spawn()?.wait()?;
    assert_eq!((how.code, how.signal, how.why, how.success()), (Some(3), None, End::EXIT, false));
    assert_eq!(how.to_string(), "exited with code 3");
    assert!(how.wall > Duration::ZERO && how.figures.is_none());
    Ok(())
}

fn test_settings_reach_the_payload(world: &World) -> Outcome {
    let mut spec =
        world.shell("hostname; pwd; echo $A-$B; umask; id -u; id -g; cat /proc/sys/kernel/domainname")?;
    spec.hostname("box").domainname("there").cwd("/tmp").umask(0o27).user(0, 0);
    spec.env([("A", "one"), ("B", "two"), ("PATH", "/bin")]);
    assert_eq!(world.says(&mut spec)?, "box\n/tmp\none-two\n0027\n0\n0\nthere");
    spec.program(Some("/bin/busybox".as_ref())).argv(["echo", "by another name"]);
    assert_eq!(world.says(&mut spec)?, "by another name");
    spec.program(None).argv(["echo", "by its own"]);
    assert_eq!(world.says(&mut spec)?, "by its own");
    Ok(())
}

fn test_what_is_left_out_is_strict(world: &World) -> Outcome {
    let container = world.shell("exit 0")?.spawn()?;
    for item in [Item::NS_PID, Item::NS_NET, Item::ROOT, Item::NO_NEW_PRIVS, Item::SECCOMP, Item::CAPS] {
        assert_eq!(state_of(&container, item), ItemState::ENFORCED, "{}", item);
    }
    assert_eq!(state_of(&container, Item::LANDLOCK), ItemState::NOT_ASKED);
    assert_eq!(container.landlock_abi(), 0);
    assert_eq!(world.says(&mut world.shell("ls /sys/class/net")?)?, "lo");
    assert_eq!(world.says(Spec::new().rootfs(world.rootfs()?).argv(["env"]))?, "");
    Ok(())
}

fn test_output_keeps_streams_apart_and_leaves_those_alone_that_were_set(world: &World) -> Outcome {
    let mut file = File::options().read(true).write(true).create_new(true).open(world.path("kept"))?;
    let mut spec = world.shell("echo out; echo err >&2; cat")?;
    let output = spec.output()?;
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
    assert_eq!((output.stdout_total, output.stderr_total), (4, 4));
    let output = spec.stderr(file.try_clone()?).output()?;
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"out\n"[..], &b""[..]));
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    assert_eq!(text, "err\n");
    Ok(())
}

fn piped(mut spec: Spec) -> Spec {
    spec.stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::Pipe);
    spec
}

fn test_input_is_given_and_no_more_is_kept_than_the_limit(world: &World) -> Outcome {
    let input = vec![b'x'; 300_000];
    let container = piped(world.shell("tee /dev/stderr")?).spawn()?;
    let mut capture = Capture::new();
    let how = container.capture(capture.input(&input).limits(1000, 10), None)?.expect("no time limit");
    let output = capture.into_output(how);
    assert!(output.exit.success());
    assert_eq!((output.stdout.len(), output.stderr.len()), (1000, 10));
    assert_eq!((output.stdout_total, output.stderr_total), (300_000, 300_000));
    let container = piped(world.shell("cat /dev/zero")?).spawn()?;
    let mut capture = Capture::new();
    let how = container.capture(capture.limits(1000, 0).flags(OutputFlag::KILL), None)?.expect("its end");
    assert_eq!((how.signal, how.why, capture.stdout().len()), (Some(9), End::ASKED, 1000));
    Ok(())
}

fn test_a_capture_goes_on_after_its_time(world: &World) -> Outcome {
    let container = piped(world.shell("echo one; read line; echo $line")?).spawn()?;
    let mut stdin = container.take_stdin().expect("a pipe");
    let mut capture = Capture::new();
    while capture.stdout() != b"one\n" {
        assert_eq!(container.capture(&mut capture, Some(Duration::from_millis(10)))?, None);
    }
    stdin.write_all(b"two\n")?;
    assert!(container.capture(&mut capture, None)?.expect("its end").success());
    assert_eq!(capture.stdout(), b"one\ntwo\n");
    Ok(())
}

fn test_streams_are_taken_once(world: &World) -> Outcome {
    let container = piped(world.shell("read line; echo got $line; echo err >&2")?).spawn()?;
    container.take_stdin().expect("a pipe").write_all(b"it\n")?;
    assert!(container.take_stdin().is_none());
    let (mut out, mut err) = (String::new(), String::new());
    container.take_stdout().expect("a pipe").read_to_string(&mut out)?;
    container.take_stderr().expect("a pipe").read_to_string(&mut err)?;
    assert_eq!((out.as_str(), err.as_str()), ("got it\n", "err\n"));
    assert!(container.wait()?.success());
    assert!(container.take_terminal().is_none());
    Ok(())
}

fn test_descriptors_reach_the_payload_under_their_numbers(world: &World) -> Outcome {
    let mut file = File::options().read(true).write(true).create_new(true).open(world.path("mapped"))?;
    file.write_all(b"by the host\n")?;
    file.seek(SeekFrom::Start(0))?;
    let mut spec = world.shell("cat <&7; ls /proc/self/fd")?;
    assert_eq!(world.says(spec.map_fd(file, 7))?, "by the host\n0\n1\n2\n3\n7");
    Ok(())
}

fn test_files_and_filesystems_of_the_spec_are_there(world: &World) -> Outcome {
    let mut spec = world
        .shell("cat /note; stat -c %a /note /memory; echo x > /memory/x; echo x > /other && ls /bound")?;
    spec.add_file("by the spec\n", "/note", 0o640).add_tmpfs("/memory", 1 << 20, 0o700, Mount::NONE);
    spec.add_bind(world.path("rootfs/etc"), "/bound", Mount::READONLY | Mount::NOEXEC);
    let said = "by the spec\n640\n700\n";
    let output = spec.root_mode(RootMode::READONLY).output()?;
    assert_eq!((output.exit.code, String::from_utf8_lossy(&output.stdout).as_ref()), (Some(1), said));
    match spec.root_mode(RootMode::EPHEMERAL).ephemeral_size(1 << 20).output() {
        Err(error) if error.step() == Step::ROOT => skip(format!("needs an overlay: {}", error)),
        output => {
            let output = output?;
            assert!(output.exit.success());
            assert!(String::from_utf8_lossy(&output.stdout).starts_with(&(said.to_string() + "group\n")));
            assert!(!world.path("rootfs/other").exists());
            Ok(())
        }
    }
}

fn test_signals_end_it_and_say_who_sent_them(world: &World) -> Outcome {
    let container = world.shell("sleep 1000")?.spawn()?;
    container.kill()?;
    let how = container.wait()?;
    assert_eq!((how.code, how.signal, how.why), (None, Some(9), End::ASKED));
    assert_eq!(how.to_string(), "killed by signal 9 (SIGKILL), as it was asked for");
    let error = container.kill().expect_err("it has ended");
    assert_eq!((error.step(), error.errno()), (Step::KILL, 3)); // ESRCH
    Ok(())
}

fn test_stop_asks_first_and_kills_then(world: &World) -> Outcome {
    let mut spec = world.shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done")?;
    let container = spec.stdout(Stdio::Pipe).spawn()?;
    container.take_stdout().expect("a pipe").read_exact(&mut [0; 6])?;
    assert_eq!(container.stop(Duration::from_secs(60))?.code, Some(7));
    let container = world.shell("sleep 1000")?.spawn()?;
    assert_eq!(container.stop(Duration::from_millis(10))?.signal, Some(9));
    Ok(())
}

fn test_waiting_has_a_time_and_can_be_repeated(world: &World) -> Outcome {
    let container = piped(world.shell("read line; exit 5")?).spawn()?;
    assert_eq!(container.try_wait()?, None);
    assert_eq!(container.wait_timeout(Duration::from_micros(1500))?, None);
    drop(container.take_stdin());
    let how = container.wait_timeout(Duration::MAX)?.expect("forever");
    assert_eq!((how.code, container.wait()?), (Some(5), how));
    Ok(())
}

fn test_a_created_container_waits_for_its_start(world: &World) -> Outcome {
    let mut spec = world.shell("echo now")?;
    spec.stdout(Stdio::Pipe);
    let mut container = spec.create()?;
    drop(spec);
    assert_eq!(container.try_wait()?, None);
    container.start()?;
    let mut text = String::new();
    container.take_stdout().expect("a pipe").read_to_string(&mut text)?;
    assert_eq!(text, "now\n");
    assert_eq!(container.start().expect_err("it was started").errno(), 22);
    Ok(())
}

fn test_a_limit_of_time_ends_it(world: &World) -> Outcome {
    let mut spec = world.shell("sleep 1000")?;
    let container = spec.time_limit(Time::WALL, Some(Duration::from_millis(50))).spawn()?;
    assert_eq!(container.wait()?.why, End::WALL);
    let container = spec.time_limit(Time::WALL, None).spawn()?;
    container.set_time_limit(Time::WALL, Some(Duration::from_millis(1)))?;
    assert_eq!(container.wait()?.why, End::WALL);
    Ok(())
}

fn test_limits_hold_and_figures_are_told(world: &World) -> Outcome {
    world.needs_cgroup()?;
    let mut spec = world.shell("read line; for n in 1 2 3 4 5 6 7 8; do sleep 1000 & done; exit 0")?;
    spec.limit(Limit::PIDS_MAX, Some(4)).stdin(Stdio::Pipe).stderr(Stdio::Null);
    let container = spec.spawn()?;
    let figures = container.figures()?;
    assert!(figures.pids >= Some(1) && figures.memory_bytes > Some(0), "{:?}", figures);
    assert!(container.cgroup().expect("one of its own").to_string_lossy().contains("/ct-"));
    container.freeze(None)?;
    container.thaw()?;
    drop(container.take_stdin());
    let how = container.wait()?;
    assert!(!how.success(), "{}", how);
    assert!(how.figures.expect("of its cgroup").pids_max_count >= Some(1));
    let without = world.shell("true")?.spawn()?;
    let many = container::Container::figures_of(&[&container, &without])?;
    assert!(many[0].is_some() && many[1].is_none());
    assert_eq!(without.figures().expect_err("no cgroup").step(), Step::LIMIT);
    Ok(())
}

fn test_rules_about_system_calls_hold(world: &World) -> Outcome {
    let mut spec = world.shell("mkdir /tmp/other; kill -0 $$ && kill -15 $$; echo $?")?;
    let term = When { index: 1, compare: SeccompCompare::EQ, value: 15, mask: 0xffff_ffff };
    spec.stderr(Stdio::Null).add_seccomp_rule("kill", SeccompAction::ERRNO, 38, &[term]);
    assert_eq!(world.says(&mut spec)?, "1");
    spec.add_seccomp_rule("no-such-call", SeccompAction::ALLOW, 0, &[]);
    let error = spec.check().expect_err("there is no such call");
    assert!(error.sentence().contains("no-such-call"), "{}", error);
    Ok(())
}

fn test_what_fails_says_where_why_and_what_helps(world: &World) -> Outcome {
    let error = Spec::new().rootfs(world.rootfs()?).argv(["no-such-program"]).spawn().expect_err("not there");
    assert_eq!((error.step(), error.errno(), error.object()), (Step::PROGRAM, 2, "no-such-program"));
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let cure = error.cure().expect("a cure").to_string();
    assert_eq!(format!("{:#}", error), format!("{}\n{}", error, cure));
    assert_eq!(format!("{:?}", error), format!("{:#}", error));
    let sentence = error.to_string();
    let wrapped = io::Error::from(error);
    assert_eq!((wrapped.kind(), wrapped.to_string()), (io::ErrorKind::NotFound, sentence));
    assert_eq!(Step::CWD.to_string(), "working directory");
    assert_eq!(
        (format!("{:?}", Step::CWD), format!("{:?}", Step(4711))),
        ("CWD".into(), "Step(4711)".into())
    );
    Ok(())
}

fn test_the_first_mistake_of_a_spec_is_that_of_its_start(world: &World) -> Outcome {
    let mut spec = world.shell("true")?;
    spec.check()?;
    spec.hostname("").cwd("relative");
    let error = spec.spawn().expect_err("two mistakes");
    assert_eq!(error, spec.check().expect_err("two mistakes"));
    assert!(error.sentence().contains("host name"), "{}", error);
    let mut spec = world.shell("true")?;
    spec.env([("A", "a\0b")]);
    for error in
        [spec.check().err(), spec.spawn().err(), spec.create().err(), container::Pool::new(&spec, 1).err()]
    {
        assert!(error.expect("a NUL").sentence().contains("NUL"));
    }
    assert!(format!("{:?}", spec).contains("NUL"));
    Ok(())
}

fn test_lacks_are_told_where_they_are_allowed(world: &World) -> Outcome {
    let mut spec = world.shell("true")?;
    spec.allow_any_lack().check()?;
    spec.spawn()?.wait()?;
    spec.allow_lack([Item::KEYRING, Item::OOM_SCORE]).check()?;
    let error = spec.allow_lack([Item::ROOT]).check().expect_err("never lacking");
    assert_eq!(error.errno(), 22);
    let mut spec = world.shell("true")?;
    assert_eq!(spec.allow_lack([Item(-1)]).check().expect_err("no item").errno(), 22);
    Ok(())
}

fn test_explain_mode_tells_every_call(world: &World) -> Outcome {
    let calls = Arc::new(Mutex::new(HashMap::new()));
    let told = calls.clone();
    let mut spec = world.shell("true")?;
    spec.trace(move |event| {
        *told.lock().unwrap().entry(event.call.clone()).or_insert(0) += 1;
    });
    let mut container = spec.create()?;
    // The container keeps what it may still call.
    spec.no_trace();
    drop(spec);
    assert!(calls.lock().unwrap().contains_key("pivot_root"));
    assert!(!calls.lock().unwrap().contains_key("execve"));
    container.start()?;
    assert!(calls.lock().unwrap().keys().any(|call| call.starts_with("execve")), "{:?}", calls);
    drop(container);
    assert_eq!(Arc::strong_count(&calls), 1);
    Ok(())
}

fn test_a_panic_of_explain_mode_goes_on_and_leaves_nothing(world: &World) -> Outcome {
    let calls = Arc::new(Mutex::new(0));
    let told = calls.clone();
    let mut spec = world.shell("sleep 1000")?;
    spec.trace(move |_| {
        *told.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) += 1;
        panic!("I have seen enough")
    });
    let said = panic_of(|| drop(spec.spawn()));
    assert_eq!(said.as_deref(), Some("I have seen enough"));
    assert_eq!(*calls.lock().unwrap_or_else(|poisoned| poisoned.into_inner()), 1);
    spec.no_trace();
    assert_eq!(spec.spawn()?.try_wait()?, None);
    Ok(())
}

fn test_a_bundle_becomes_a_spec(world: &World) -> Outcome {
    let root = world.path("rootfs");
    world.rootfs()?;
    let text = format!(
        "{{\"ociVersion\": \"1.0.2\", \"root\": {{\"path\": \"{}\"}}, \
         \"process\": {{\"cwd\": \"/\", \"args\": [\"/bin/sh\", \"-c\", \"exit 6\"]}}, \
         \"linux\": {{\"namespaces\": [{{\"type\": \"pid\"}}, {{\"type\": \"mount\"}}]}}}}",
        root.display()
    );
    match Spec::from_oci_text(&text, None) {
        Err(error) if error.errno() == 95 => skip("needs a library with a JSON library"), // EOPNOTSUPP
        spec => {
            assert_eq!(spec?.spawn()?.wait()?.code, Some(6));
            assert_eq!(Spec::from_oci("no-such-bundle").expect_err("not there").errno(), 2);
            Ok(())
        }
    }
}
