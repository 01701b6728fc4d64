//! Starts: of a spec, and beside what runs.
use std::os::raw::c_int;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd};

use container_sys as sys;

use crate::error::plain;
use crate::{Capture, Container, JoinFlag, Namespace, Output, Result, Spec, Stdio};

impl Spec {
    fn start(
        &self,
        start: impl FnOnce(*mut sys::ct_spec, *mut *mut sys::ct_container, *mut sys::ct_error) -> c_int,
    ) -> Result<Container> {
        let spec = self.ready()?;
        Container::made(self.trace_of(), |made, err| start(spec, made, err))
    }

    /// Starts a container.
    pub fn spawn(&self) -> Result<Container> {
        self.start(|spec, made, err| unsafe { sys::ct_spawn(spec, made, err) })
    }

    /// The same, but the payload waits for [`Container::start`].
    pub fn create(&self) -> Result<Container> {
        self.start(|spec, made, err| unsafe { sys::ct_create(spec, made, err) })
    }

    /// Runs a container to its end and gives what it has written, as `std::process::Command::output`.
    ///
    /// Of the streams that were not set, stdin becomes null, stdout and stderr become pipes. 1 MiB of each
    /// is kept; for other limits, input, or a time limit see [`Container::capture`].
    pub fn output(&mut self) -> Result<Output> {
        let defaults = [Stdio::Null, Stdio::Pipe, Stdio::Pipe];
        for (stream, what) in defaults.into_iter().enumerate() {
            if !self.is_chosen(stream) {
                self.stream(stream, what);
            }
        }
        let container = self.spawn()?;
        let mut capture = Capture::new();
        loop {
            if let Some(exit) = container.capture(&mut capture, None)? {
                return Ok(capture.into_output(exit));
            }
        }
    }

    /// Runs a process inside a running container, in the kinds of namespaces that are named; none: all in
    /// which the container differs from this process. Each flag is a loosening.
    pub fn join(&self, target: &Container, kinds: Namespace, flags: JoinFlag) -> Result<Container> {
        self.start(|spec, made, err| unsafe {
            sys::ct_join(target.as_ptr(), kinds.0, flags.0, spec, made, err)
        })
    }

    /// The same beside any process, by its pidfd.
    pub fn join_pidfd(&self, pidfd: impl AsFd, kinds: Namespace, flags: JoinFlag) -> Result<Container> {
        let pidfd = pidfd.as_fd().as_raw_fd();
        self.start(|spec, made, err| unsafe { sys::ct_join_pidfd(pidfd, kinds.0, flags.0, spec, made, err) })
    }

    /// The same by its pid. What [`start_ticks`] told of it guards against a pid that was reused; 0: no
    /// guard.
    pub fn join_pid(
        &self,
        pid: i32,
        start_ticks: u64,
        kinds: Namespace,
        flags: JoinFlag,
    ) -> Result<Container> {
        self.start(|spec, made, err| unsafe {
            sys::ct_join_pid(pid, start_ticks, kinds.0, flags.0, spec, made, err)
        })
    }

    /// The same with namespaces in place of a process.
    pub fn join_ns(&self, namespaces: &[BorrowedFd<'_>]) -> Result<Container> {
        let numbers: Vec<c_int> = namespaces.iter().map(|fd| fd.as_raw_fd()).collect();
        self.start(|spec, made, err| unsafe {
            sys::ct_join_ns(numbers.as_ptr(), numbers.len(), spec, made, err)
        })
    }
}

/// When a process was started, in clock ticks since boot: with its pid that names it for good.
pub fn start_ticks(pid: i32) -> Result<u64> {
    let mut ticks = 0;
    plain(unsafe { sys::ct_pid_start_ticks(pid, &mut ticks) }, "pid")?;
    Ok(ticks)
}
