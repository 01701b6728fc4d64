//! Strings and times as C has them.
use std::ffi::{CStr, CString, OsStr};
use std::os::raw::{c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::time::{Duration, Instant};

use container_sys as sys;

use crate::{Error, Result};

pub(crate) const ENOENT: i32 = 2;
pub(crate) const EINTR: i32 = 4;
pub(crate) const ETIMEDOUT: i32 = 110;
const EINVAL: i32 = 22;

/// The text in an array of C, which ends with NUL.
pub(crate) fn text_of(array: &[c_char]) -> String {
    let bytes: Vec<u8> = array.iter().take_while(|&&c| c != 0).map(|&c| c as u8).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes a text into an array of C, up to a NUL in it and as much as fits.
pub(crate) fn fill_text(array: &mut [c_char], text: &str) {
    let room = array.len() - 1;
    let bytes = text.bytes().take_while(|&byte| byte != 0).take(room).chain([0]);
    for (to, byte) in array.iter_mut().zip(bytes) {
        *to = byte as c_char;
    }
}

/// The text at a pointer of C's; empty if it is NULL.
///
/// # Safety
/// It is NULL or ends with NUL.
pub(crate) unsafe fn text_at(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // Safety: so says the caller.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}

pub(crate) fn c_string(text: impl AsRef<OsStr>) -> Result<CString> {
    CString::new(text.as_ref().as_bytes()).map_err(|error| {
        let text = String::from_utf8_lossy(text.as_ref().as_bytes()).escape_default().to_string();
        Error::argument(EINVAL, &text, &format!("it has a NUL at byte {}", error.nul_position()))
    })
}

pub(crate) fn c_string_or_none(text: Option<impl AsRef<OsStr>>) -> Result<Option<CString>> {
    text.map(c_string).transpose()
}

/// NULL for None.
pub(crate) fn pointer_to(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(ptr::null(), |text| text.as_ptr())
}

/// An array of strings that ends with NULL.
pub(crate) struct Strings {
    _held: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Strings {
    pub(crate) fn new<T: AsRef<OsStr>>(texts: impl IntoIterator<Item = T>) -> Result<Self> {
        let held = texts.into_iter().map(c_string).collect::<Result<Vec<_>>>()?;
        let pointers = held.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        Ok(Strings { _held: held, pointers })
    }

    /// "NAME=value" of each.
    pub(crate) fn pairs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        Strings::new(pairs.into_iter().map(|(name, value)| {
            let mut pair = name.as_ref().to_os_string();
            pair.push("=");
            pair.push(value);
            pair
        }))
    }

    pub(crate) fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

/// A moment until which to wait; None: forever.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) fn after(timeout: Option<Duration>) -> Self {
        // What is too long for the clock is forever.
        Deadline(timeout.and_then(|timeout| Instant::now().checked_add(timeout)))
    }

    /// Milliseconds from now on, rounded up.
    pub(crate) fn left(self) -> c_int {
        self.0.map_or(sys::CT_FOREVER, |end| milliseconds(end.saturating_duration_since(Instant::now())))
    }
}

/// As many as fit into an int: 24 days at most.
pub(crate) fn milliseconds(time: Duration) -> c_int {
    let rounded = time.as_nanos().div_euclid(1_000_000) + u128::from(time.subsec_nanos() % 1_000_000 != 0);
    c_int::try_from(rounded).unwrap_or(c_int::MAX)
}
