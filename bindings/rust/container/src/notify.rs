//! System calls of a container that wait for the host's answer.
use std::os::raw::c_int;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use container_sys as sys;

use crate::error::call;
use crate::text::{text_of, Deadline, EINTR};
use crate::Result;

const ENOTCONN: i32 = 107;

/// Where the calls of a container are told that a rule with `SeccompAction::NOTIFY` is about.
///
/// The container may be hostile: `container/notify.h` tells what may be believed.
#[derive(Debug)]
pub struct Notifications {
    fd: OwnedFd,
    pidfd: OwnedFd,
}

/// A call that waits.
#[derive(Clone)]
pub struct Notification(sys::ct_notification);

impl Notification {
    /// The name of the call; empty: it is not known here.
    pub fn call(&self) -> String {
        text_of(&self.0.call)
    }

    /// The number of the system call.
    pub fn number(&self) -> i32 {
        self.0.number
    }

    /// Its arguments, as the kernel got them.
    pub fn args(&self) -> [u64; 6] {
        self.0.args
    }

    /// The thread that made it, as this process sees it; 0: it does not.
    pub fn pid(&self) -> i32 {
        self.0.pid
    }
}

impl Notifications {
    pub(crate) fn new(fd: OwnedFd, pidfd: OwnedFd) -> Self {
        Notifications { fd, pidfd }
    }

    /// Makes a call about what waits.
    fn call(
        &self,
        what: &Notification,
        make: impl FnOnce(c_int, *const sys::ct_notification, *mut sys::ct_error) -> c_int,
    ) -> Result<c_int> {
        call(|err| make(self.fd.as_raw_fd(), &what.0, err))
    }

    /// Waits for the next call; None: nobody is left who could make one. An error of ETIMEDOUT: there was
    /// none in time.
    pub fn receive(&mut self, timeout: Option<Duration>) -> Result<Option<Notification>> {
        let deadline = Deadline::after(timeout);
        let (fd, pidfd) = (self.fd.as_raw_fd(), self.pidfd.as_raw_fd());
        let mut raw = sys::ct_notification::INIT;
        loop {
            match call(|err| unsafe { sys::ct_notify_receive(fd, pidfd, deadline.left(), &mut raw, err) }) {
                Err(error) if error.errno() == EINTR => {}
                Err(error) if error.errno() == ENOTCONN => return Ok(None),
                result => return result.map(|_| Some(Notification(raw))),
            }
        }
    }

    /// Copies memory of the program, at an address that is mostly an argument; how many bytes there were.
    pub fn read(&self, what: &Notification, address: u64, to: &mut [u8]) -> Result<usize> {
        let (start, size) = (to.as_mut_ptr().cast(), to.len());
        self.call(what, |fd, what, err| unsafe { sys::ct_notify_read(fd, what, address, start, size, err) })
            .map(|count| count as usize)
    }

    /// Gives the program what its call returns.
    pub fn succeed(&self, what: &Notification, value: i64) -> Result<()> {
        self.call(what, |fd, what, err| unsafe { sys::ct_notify_answer(fd, what, 0, value, err) }).map(drop)
    }

    /// Gives the program the errno that its call fails with.
    pub fn fail(&self, what: &Notification, errno: i32) -> Result<()> {
        self.call(what, |fd, what, err| unsafe { sys::ct_notify_answer(fd, what, errno, 0, err) }).map(drop)
    }

    /// Lets the kernel make the call after all. Never because of what a pointer points to.
    pub fn go_on(&self, what: &Notification) -> Result<()> {
        self.call(what, |fd, what, err| unsafe { sys::ct_notify_continue(fd, what, err) }).map(drop)
    }

    /// Gives the program a copy of a descriptor; the number that it has there.
    pub fn add_fd(&self, what: &Notification, source: impl AsFd) -> Result<i32> {
        let source = source.as_fd().as_raw_fd();
        self.call(what, |fd, what, err| unsafe { sys::ct_notify_add_fd(fd, what, source, err) })
    }
}

/// Readable when a call waits.
impl AsFd for Notifications {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
