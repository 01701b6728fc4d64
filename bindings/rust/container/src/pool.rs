//! Sandboxes made ahead of what runs in them.
use std::ffi::{CString, OsStr};
use std::marker::PhantomData;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::time::Duration;

use container_sys as sys;

use crate::callback::go_on;
use crate::error::{call, plain};
use crate::spec::time_limit;
use crate::text::{c_string, pointer_to, Strings};
use crate::{Container, Error, Limit, Result, Spec};

/// Sandboxes of one spec that wait for what they are to run. Each serves once.
#[derive(Debug)]
pub struct Pool {
    raw: NonNull<sys::ct_pool>,
}

// Safety: the manual says "Threads: safe" of all that takes &self.
unsafe impl Send for Pool {}
unsafe impl Sync for Pool {}

impl Pool {
    /// A pool with so many sandboxes. The spec need not be kept.
    pub fn new(spec: &Spec, count: usize) -> Result<Self> {
        let (spec, mut raw) = (spec.ready()?, ptr::null_mut());
        let made = call(|err| unsafe { sys::ct_pool_new(spec, count, &mut raw, err) });
        go_on(); // kinds of namespaces that are tried are told to a trace
        made?;
        Ok(Pool { raw: NonNull::new(raw).expect("a handle") })
    }

    /// Starts a container in a sandbox; where none waits, one is made.
    pub fn take(&self, payload: &Payload<'_>) -> Result<Container> {
        let raw = payload.to_raw()?;
        Container::made(None, |made, err| unsafe { sys::ct_pool_take(self.raw.as_ptr(), &raw, made, err) })
    }

    /// Makes sandboxes in the place of those that were taken, so many at most; 0: all. How many were made.
    pub fn refill(&self, most: usize) -> Result<usize> {
        call(|err| unsafe { sys::ct_pool_refill(self.raw.as_ptr(), most, err) }).map(|made| made as usize)
    }

    /// How many wait.
    pub fn ready(&self) -> Result<usize> {
        plain(unsafe { sys::ct_pool_ready(self.raw.as_ptr()) }, "pool").map(|count| count as usize)
    }
}

/// Readable while sandboxes are missing.
impl AsFd for Pool {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // Safety: it is open as long as the handle is there.
        unsafe { BorrowedFd::borrow_raw(sys::ct_pool_fd(self.raw.as_ptr())) }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        unsafe { sys::ct_pool_free(self.raw.as_ptr()) }
    }
}

/// What a sandbox is to run. What is not said is as in the spec. Descriptors are borrowed.
///
/// The first mistake is remembered, and given by [`Pool::take`].
pub struct Payload<'a> {
    raw: sys::ct_payload,
    program: Option<CString>,
    argv: Option<Strings>,
    env: Option<Strings>,
    fds: Vec<sys::ct_payload_fd>,
    limits: Vec<sys::ct_payload_limit>,
    mistake: Option<Error>,
    borrowed: PhantomData<BorrowedFd<'a>>,
}

impl Default for Payload<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Payload<'a> {
    /// All as in the spec.
    pub fn new() -> Self {
        Payload {
            raw: sys::ct_payload::INIT,
            program: None,
            argv: None,
            env: None,
            fds: Vec::new(),
            limits: Vec::new(),
            mistake: None,
            borrowed: PhantomData,
        }
    }

    /// What was made, or None with the mistake remembered.
    fn noted<T>(&mut self, made: Result<T>) -> Option<T> {
        made.map_err(|mistake| self.mistake.get_or_insert(mistake)).ok()
    }

    /// The program and its arguments.
    pub fn argv<T: AsRef<OsStr>>(&mut self, argv: impl IntoIterator<Item = T>) -> &mut Self {
        self.argv = self.noted(Strings::new(argv));
        self
    }

    /// Another file than the first argument names.
    pub fn program(&mut self, program: impl AsRef<Path>) -> &mut Self {
        self.program = self.noted(c_string(program.as_ref()));
        self
    }

    /// The whole environment.
    pub fn env<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        self.env = self.noted(Strings::pairs(variables));
        self
    }

    /// Its stdin.
    pub fn stdin(&mut self, fd: BorrowedFd<'a>) -> &mut Self {
        self.raw.stdio[0] = fd.as_raw_fd();
        self
    }

    /// Its stdout.
    pub fn stdout(&mut self, fd: BorrowedFd<'a>) -> &mut Self {
        self.raw.stdio[1] = fd.as_raw_fd();
        self
    }

    /// Its stderr.
    pub fn stderr(&mut self, fd: BorrowedFd<'a>) -> &mut Self {
        self.raw.stdio[2] = fd.as_raw_fd();
        self
    }

    /// A descriptor that it has under this number, 3 to 1023.
    pub fn map_fd(&mut self, fd: BorrowedFd<'a>, target: i32) -> &mut Self {
        self.fds.push(sys::ct_payload_fd { fd: fd.as_raw_fd(), target });
        self
    }

    /// A limit in place of the spec's, which has to have a cgroup; None: no limit.
    pub fn limit(&mut self, limit: Limit, value: Option<u64>) -> &mut Self {
        let value = value.unwrap_or(sys::CT_UNLIMITED);
        self.limits.push(sys::ct_payload_limit { limit: limit.0 as u32, reserved: 0, value });
        self
    }

    /// How long it may last, in place of the spec's limit; None: no limit.
    pub fn wall_limit(&mut self, most: Option<Duration>) -> &mut Self {
        self.raw.wall_ms = time_limit(most);
        self
    }

    /// How long it may compute, likewise.
    pub fn cpu_limit(&mut self, most: Option<Duration>) -> &mut Self {
        self.raw.cpu_ms = time_limit(most);
        self
    }

    /// What C takes; it points into this.
    fn to_raw(&self) -> Result<sys::ct_payload> {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        Ok(sys::ct_payload {
            program: pointer_to(&self.program),
            argv: self.argv.as_ref().map_or(ptr::null(), Strings::as_ptr),
            envp: self.env.as_ref().map_or(ptr::null(), Strings::as_ptr),
            fds: self.fds.as_ptr(),
            fd_count: self.fds.len(),
            limits: self.limits.as_ptr(),
            limit_count: self.limits.len(),
            ..self.raw
        })
    }
}
