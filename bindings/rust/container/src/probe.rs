//! What works on this machine, what does not, and why.
use std::fmt;
use std::os::raw::c_int;
use std::path::Path;
use std::ptr::{self, NonNull};

use container_sys as sys;

use crate::error::call;
use crate::namespaces::taken;
use crate::text::{c_string, text_of};
use crate::{Fact, ProbeState, Result};

/// What was found when this machine was looked at. `Display` is a table for people.
pub struct Probe {
    raw: NonNull<sys::ct_probe>,
}

// Safety: it does not change, and no call but the last does more than read it.
unsafe impl Send for Probe {}
unsafe impl Sync for Probe {}

/// One fact; see `ct_probe_info`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeInfo {
    /// What it is about.
    pub fact: Fact,
    /// Whether it works.
    pub state: ProbeState,
    /// Its value, if that is a number.
    pub number: Option<u64>,
    /// The same in text and JSON, and in every version.
    pub name: String,
    /// What it belongs to.
    pub group: String,
    /// What was found; may be empty.
    pub value: String,
    /// Why it does not work or is not known.
    pub reason: String,
    /// What helps; may be empty.
    pub cure: String,
}

impl ProbeInfo {
    fn from_raw(raw: &sys::ct_probe_info) -> Self {
        ProbeInfo {
            fact: Fact(raw.fact as i32),
            state: ProbeState(raw.state as i32),
            number: Some(raw.number).filter(|&number| number != sys::CT_PROBE_NO_NUMBER),
            name: text_of(&raw.name),
            group: text_of(&raw.group),
            value: text_of(&raw.value),
            reason: text_of(&raw.reason),
            cure: text_of(&raw.cure),
        }
    }
}

impl Probe {
    /// Looks at the machine, as this thread.
    pub fn new() -> Result<Self> {
        Self::made(|made, err| unsafe { sys::ct_probe_new(made, err) })
    }

    /// Looks at a directory: what its filesystem can do for a root filesystem.
    pub fn path(path: impl AsRef<Path>) -> Result<Self> {
        let path = c_string(path.as_ref())?;
        Self::made(|made, err| unsafe { sys::ct_probe_path(path.as_ptr(), made, err) })
    }

    fn made(make: impl FnOnce(*mut *mut sys::ct_probe, *mut sys::ct_error) -> c_int) -> Result<Self> {
        let mut raw = ptr::null_mut();
        call(|err| make(&mut raw, err))?;
        Ok(Probe { raw: NonNull::new(raw).expect("a handle") })
    }

    /// How many facts there are.
    pub fn len(&self) -> usize {
        unsafe { sys::ct_probe_count(self.raw.as_ptr()) }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A fact by its place.
    pub fn get(&self, index: usize) -> Option<ProbeInfo> {
        let mut raw = sys::ct_probe_info::INIT;
        let result = unsafe { sys::ct_probe_get(self.raw.as_ptr(), index, &mut raw) };
        (result == 0).then(|| ProbeInfo::from_raw(&raw))
    }

    /// A fact by what it is about.
    pub fn find(&self, fact: Fact) -> Option<ProbeInfo> {
        let mut raw = sys::ct_probe_info::INIT;
        let result = unsafe { sys::ct_probe_find(self.raw.as_ptr(), fact.0, &mut raw) };
        (result == 0).then(|| ProbeInfo::from_raw(&raw))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = ProbeInfo> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// For people: a table with reasons and cures.
    pub fn to_text(&self) -> Result<String> {
        taken(|text| unsafe { sys::ct_probe_to_text(self.raw.as_ptr(), text) }, sys::ct_probe_text_free)
    }

    /// For programs.
    pub fn to_json(&self) -> Result<String> {
        taken(|text| unsafe { sys::ct_probe_to_json(self.raw.as_ptr(), text) }, sys::ct_probe_text_free)
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text().map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        unsafe { sys::ct_probe_free(self.raw.as_ptr()) }
    }
}
