//! Events of many containers on one descriptor.
use std::os::unix::io::{AsFd, BorrowedFd};
use std::ptr::{self, NonNull};
use std::time::Duration;

use container_sys as sys;

use crate::error::{call, plain};
use crate::text::{Deadline, EINTR};
use crate::{Container, EventKind, Result};

/// What happened to a container of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// What the container was added with.
    pub token: usize,
    /// How often, since it was told last.
    pub count: u64,
}

/// A set of containers whose events are waited for. Several threads may take events; each is told once.
#[derive(Debug)]
pub struct Events {
    raw: NonNull<sys::ct_events>,
}

// Safety: the calls lock the set; those about one container hold its lock (`alone`).
unsafe impl Send for Events {}
unsafe impl Sync for Events {}

impl Events {
    /// An empty set.
    pub fn new() -> Result<Self> {
        let mut raw = ptr::null_mut();
        call(|err| unsafe { sys::ct_events_new(&mut raw, err) })?;
        Ok(Events { raw: NonNull::new(raw).expect("a handle") })
    }

    /// Adds a container, which stays until its end was told, it is removed or dropped. The token comes back
    /// with each of its events.
    pub fn add(&self, container: &Container, token: usize) -> Result<()> {
        let _alone = container.alone();
        let data = token as *mut _;
        call(|err| unsafe { sys::ct_events_add(self.raw.as_ptr(), container.as_ptr(), data, err) }).map(drop)
    }

    /// Removes a container; what was not told of it is forgotten.
    pub fn remove(&self, container: &Container) -> Result<()> {
        let _alone = container.alone();
        plain(unsafe { sys::ct_events_remove(self.raw.as_ptr(), container.as_ptr()) }, "container").map(drop)
    }

    /// The next event; waits for so long at most, or forever. None: there was none in time.
    pub fn next(&self, timeout: Option<Duration>) -> Result<Option<Event>> {
        let deadline = Deadline::after(timeout);
        let mut raw = sys::ct_event::INIT;
        loop {
            match call(|err| unsafe {
                sys::ct_events_next(self.raw.as_ptr(), deadline.left(), &mut raw, err)
            }) {
                Err(error) if error.errno() == EINTR => {}
                result => {
                    let event = Event {
                        kind: EventKind(raw.kind as i32),
                        token: raw.data as usize,
                        count: raw.count,
                    };
                    return result.map(|count| (count > 0).then_some(event));
                }
            }
        }
    }
}

/// Readable while there may be events.
impl AsFd for Events {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // Safety: it is open as long as the handle is there.
        unsafe { BorrowedFd::borrow_raw(sys::ct_events_fd(self.raw.as_ptr())) }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        unsafe { sys::ct_events_free(self.raw.as_ptr()) }
    }
}
