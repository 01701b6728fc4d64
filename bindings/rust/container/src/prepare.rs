//! The turn of the caller while a container is being made.
use std::ffi::c_void;
use std::io;
use std::mem::ManuallyDrop;
use std::os::raw::c_int;
use std::os::unix::io::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;

use container_sys as sys;

use crate::callback::caught;
use crate::{Container, Error, IdRange, JoinFlag, Namespace, Result, Spec};

const ECANCELED: c_int = 125;

/// A container that is being made: its root is ready, and the host's is still in its place. See
/// [`Spec::prepare`].
#[derive(Debug)]
pub struct Preparing(ManuallyDrop<Container>);

impl Preparing {
    /// The pid of its only process, good for showing.
    pub fn pid(&self) -> i32 {
        self.0.pid()
    }

    /// The path of its cgroup, if it has one of its own.
    pub fn cgroup(&self) -> Option<&Path> {
        self.0.cgroup()
    }

    /// Whose user ids those inside are, where it has a user namespace of its own.
    pub fn uid_map(&self) -> Result<Vec<IdRange>> {
        self.0.uid_map()
    }

    /// Whose group ids those inside are.
    pub fn gid_map(&self) -> Result<Vec<IdRange>> {
        self.0.gid_map()
    }

    /// Runs a process of the host's tree in there, as [`Spec::join`]; with [`JoinFlag::NO_SECCOMP`].
    pub fn join(&self, spec: &Spec, kinds: Namespace, flags: JoinFlag) -> Result<Container> {
        spec.join(&self.0, kinds, flags)
    }
}

/// A pidfd of its process.
impl AsFd for Preparing {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

type PrepareFn = dyn Fn(&Preparing) -> io::Result<()> + Send + Sync;

/// The function whose turn it is. The spec has it.
pub(crate) struct Prepare(Box<PrepareFn>);

impl Prepare {
    pub(crate) fn new(prepare: impl Fn(&Preparing) -> io::Result<()> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Prepare(Box::new(prepare)))
    }
}

pub(crate) unsafe extern "C" fn take_turn(
    data: *mut c_void,
    made: *mut sys::ct_container,
    err: *mut sys::ct_error,
) -> c_int {
    caught(-ECANCELED, || {
        // Safety: what Spec::prepare() gave, which lives as long as the spec that is being started; and C's
        // for this call.
        let (prepare, err) = unsafe { (&*data.cast::<Prepare>(), &mut *err) };
        // Not dropped, since C goes on with it.
        let made = Preparing(ManuallyDrop::new(Container::of(made, None)));
        match (prepare.0)(&made) {
            Ok(()) => 0,
            Err(error) => Error::of_turn(error, ECANCELED).fill(err),
        }
    })
}
