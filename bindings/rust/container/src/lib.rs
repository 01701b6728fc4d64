//! Containers for Rust programs, by libcontainer: no daemon, no configuration, no other crate.
//!
//! ```no_run
//! use container::{Rootfs, Spec};
//!
//! fn main() -> Result<(), container::Error> {
//!     let rootfs = Rootfs::extract("rootfs.tar.gz", "rootfs")?;
//!     let container = Spec::new().rootfs(&rootfs).argv(["ps", "aux"]).spawn()?;
//!     println!("{}", container.wait()?);
//!     Ok(())
//! }
//! ```
//!
//! An empty [`Spec`] is the strictest one; each loosening is one call. Each failure is an [`Error`] that tells
//! at which step, on what, and what helps. What is dropped leaves nothing behind: a container is killed, unless
//! it was detached. All handles may be sent to other threads and shared by them.
//!
//! The manual of the C library has a page for each call, which tells the rest: `ct_spawn(3)` of
//! [`Spec::spawn`], `ct_spec_set_hostname(3)` of [`Spec::hostname`].
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]
// Safety of the calls of C, where nothing else is said: a handle is there as long as the type that owns it,
// strings and arrays live as long as the call and end as C expects it, what C fills has its size set, and
// what C keeps it copies.

mod callback;
mod capture;
mod container;
mod error;
mod events;
mod macros;
mod namespaces;
mod notify;
mod pool;
mod prepare;
mod probe;
mod records;
mod rootfs;
mod settings;
mod spec;
mod starting;
pub mod terminal;
mod text;
mod trace;
#[rustfmt::skip]
#[allow(missing_docs)]
mod words;

pub use crate::capture::{Capture, Output};
pub use crate::container::{remove_state, Container};
pub use crate::error::{Error, Result};
pub use crate::events::{Event, Events};
pub use crate::namespaces::{NsInfo, NsList, NsStats};
pub use crate::notify::{Notification, Notifications};
pub use crate::pool::{Payload, Pool};
pub use crate::prepare::Preparing;
pub use crate::probe::{Probe, ProbeInfo};
pub use crate::records::{Disk, Exit, Figures, IdRange, Protection};
pub use crate::rootfs::{Extraction, Progress, Rootfs, Stats};
pub use crate::settings::{Device, When};
pub use crate::spec::{Spec, Stdio};
pub use crate::starting::start_ticks;
pub use crate::trace::TraceEvent;
pub use crate::words::{
    DeviceAccess, End, EventKind, Extract, Fact, Idmap, Image, Item, ItemState, JoinFlag, Landlock,
    LandlockAccess, LandlockPort, Limit, Link, ListFlag, Mount, Namespace, NsFormat, NsKeeper, Oom,
    OutputFlag, Owners, ProbeState, ProcFlag, RootMode, Seccomp, SeccompAction, SeccompCompare, SeccompFlag,
    Step, Time, TraceWho, Unseen,
};

/// The version of the library that is linked, as "0.1.0".
pub fn version() -> &'static str {
    // Safety: a constant string.
    unsafe { std::ffi::CStr::from_ptr(container_sys::ct_version()) }.to_str().unwrap_or_default()
}
