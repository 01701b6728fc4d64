//! Namespaces: of the system, of one process, of a container.
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::os::raw::{c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{self, NonNull};

use container_sys as sys;

use crate::error::{call, plain};
use crate::text::{text_at, text_of};
use crate::{Container, Link, ListFlag, Namespace, NsFormat, NsKeeper, Result, Unseen};

/// Namespaces as they were at one moment, ordered by id.
pub struct NsList {
    raw: NonNull<sys::ct_ns_list>,
}

// Safety: it does not change, and no call but the last does more than read it.
unsafe impl Send for NsList {}
unsafe impl Sync for NsList {}

/// One namespace; see `ct_ns_info`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NsInfo {
    /// What kind it is.
    pub kind: Namespace,
    /// Its inode number; 0 if that could not be seen.
    pub id: u64,
    /// The user namespace that owns it.
    pub owner_ns: Option<u64>,
    /// The parent of a pid or user namespace.
    pub parent: Option<u64>,
    /// Who made it, or the user namespace that owns it.
    pub owner_uid: Option<u32>,
    /// How the process uses it, or any process in a list of the system.
    pub links: Link,
    /// Processes that are in it.
    pub nprocs: u32,
    /// Processes that are not, and whose next children will be.
    pub nprocs_for_children: u32,
    /// The lowest of its members.
    pub pid: Option<i32>,
    /// The user of that one.
    pub uid: Option<u32>,
    /// What keeps it alive.
    pub keeper: NsKeeper,
    /// The process that the keeper is about; 0: this one.
    pub keeper_pid: i32,
    /// The descriptor that keeps it.
    pub keeper_fd: Option<i32>,
    /// What could not be seen.
    pub unseen: Unseen,
    /// As in /proc/PID/ns: "pid:\[4026531836\]".
    pub name: String,
    /// Command of the lowest member.
    pub command: String,
}

impl NsInfo {
    fn from_raw(raw: &sys::ct_ns_info) -> Self {
        let seen = |id: u32| Some(id).filter(|&id| id != u32::MAX);
        let some = |id: u64| Some(id).filter(|&id| id != 0);
        NsInfo {
            kind: Namespace(raw.kind),
            id: raw.id,
            owner_ns: some(raw.owner_ns),
            parent: some(raw.parent),
            owner_uid: seen(raw.owner_uid),
            links: Link(raw.links),
            nprocs: raw.nprocs,
            nprocs_for_children: raw.nprocs_for_children,
            pid: Some(raw.pid).filter(|&pid| pid > 0),
            uid: seen(raw.uid),
            keeper: NsKeeper(raw.keeper as i32),
            keeper_pid: raw.keeper_pid,
            keeper_fd: Some(raw.keeper_fd).filter(|&fd| fd >= 0),
            unseen: Unseen(raw.unseen),
            name: text_of(&raw.name),
            command: text_of(&raw.command),
        }
    }
}

/// How a list was made; see `ct_ns_stats`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct NsStats {
    pub processes: u32,
    pub vanished: u32,
    pub denied: u32,
    pub hidden: bool,
    pub listns: bool,
    pub unopened: u32,
}

impl NsList {
    /// Those of the whole system, as far as they can be seen; kinds none: all.
    pub fn system(kinds: Namespace, flags: ListFlag) -> Result<Self> {
        Self::made(|made, err| unsafe { sys::ct_ns_list_system(kinds.0, flags.0, made, err) })
    }

    /// Those of one process; 0: this one.
    pub fn of_pid(pid: i32, kinds: Namespace, flags: ListFlag) -> Result<Self> {
        Self::made(|made, err| unsafe { sys::ct_ns_list_pid(pid, kinds.0, flags.0, made, err) })
    }

    /// Those of a container.
    pub fn of_container(container: &Container, kinds: Namespace, flags: ListFlag) -> Result<Self> {
        let container = container.as_ptr();
        Self::made(|made, err| unsafe { sys::ct_ns_list_container(container, kinds.0, flags.0, made, err) })
    }

    fn made(make: impl FnOnce(*mut *mut sys::ct_ns_list, *mut sys::ct_error) -> c_int) -> Result<Self> {
        let mut raw = ptr::null_mut();
        call(|err| make(&mut raw, err))?;
        Ok(NsList { raw: NonNull::new(raw).expect("a handle") })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        unsafe { sys::ct_ns_list_count(self.raw.as_ptr()) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them.
    pub fn get(&self, index: usize) -> Option<NsInfo> {
        let mut raw = sys::ct_ns_info::INIT;
        let result = unsafe { sys::ct_ns_list_get(self.raw.as_ptr(), index, &mut raw) };
        (result == 0).then(|| NsInfo::from_raw(&raw))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = NsInfo> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// Where one with this id stands.
    pub fn find(&self, id: u64) -> Option<usize> {
        let mut index = 0;
        let result = unsafe { sys::ct_ns_list_find(self.raw.as_ptr(), id, &mut index) };
        (result == 0).then_some(index)
    }

    /// Where one is mounted.
    pub fn mount_path(&self, index: usize) -> Option<&Path> {
        let path = unsafe { sys::ct_ns_list_mount_path(self.raw.as_ptr(), index) };
        // Safety: it lives as long as the list.
        (!path.is_null()).then(|| Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes())))
    }

    /// How it was made.
    pub fn stats(&self) -> Result<NsStats> {
        let mut raw = sys::ct_ns_stats::INIT;
        plain(unsafe { sys::ct_ns_list_stats(self.raw.as_ptr(), &mut raw) }, "list")?;
        Ok(NsStats {
            processes: raw.processes,
            vanished: raw.vanished,
            denied: raw.denied,
            hidden: raw.hidden != 0,
            listns: raw.listns != 0,
            unopened: raw.unopened,
        })
    }

    /// The list as a table, a tree or JSON.
    pub fn to_text(&self, format: NsFormat) -> Result<String> {
        let list = self.raw.as_ptr();
        taken(|text| unsafe { sys::ct_ns_list_to_text(list, format.0, text) }, sys::ct_ns_text_free)
    }
}

impl fmt::Debug for NsList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Drop for NsList {
    fn drop(&mut self) {
        unsafe { sys::ct_ns_list_free(self.raw.as_ptr()) }
    }
}

/// The name of a kind, as in "pid".
impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Safety: a constant string, whatever the number.
        f.write_str(&unsafe { CStr::from_ptr(sys::ct_ns_kind_name(self.0)) }.to_string_lossy())
    }
}

/// A text that C has written, and frees.
pub(crate) fn taken(
    write: impl FnOnce(*mut *mut c_char) -> c_int,
    free: unsafe extern "C" fn(*mut c_char),
) -> Result<String> {
    let mut text = ptr::null_mut();
    plain(write(&mut text), "text")?;
    // Safety: it ends with NUL, and is not used after it is freed.
    unsafe {
        let copy = text_at(text);
        free(text);
        Ok(copy)
    }
}
