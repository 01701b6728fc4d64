//! What went wrong, where, and what to do about it.
use std::ffi::CStr;
use std::os::raw::c_int;
use std::{fmt, io};

use container_sys as sys;

use crate::text::{fill_text, text_of};
use crate::Step;

/// What the calls of this crate give.
pub type Result<T> = std::result::Result<T, Error>;

/// The account of one failure: at which step, on what, by which kernel call, and what helps.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Account>);

#[derive(Clone, PartialEq, Eq)]
struct Account {
    errno: i32,
    step: Step,
    call: String,
    object: String,
    sentence: String,
    cure: String,
}

impl Error {
    /// The errno, a positive number.
    pub fn errno(&self) -> i32 {
        self.0.errno
    }

    /// The step at which it failed.
    pub fn step(&self) -> Step {
        self.0.step
    }

    /// The kernel or library call that failed, such as "move_mount"; may be empty.
    pub fn call(&self) -> &str {
        &self.0.call
    }

    /// What it failed on: a path, an entry, a setting; may be empty.
    pub fn object(&self) -> &str {
        &self.0.object
    }

    /// Step, object, call and reason as one sentence.
    pub fn sentence(&self) -> &str {
        &self.0.sentence
    }

    /// What usually helps, where something is known to.
    pub fn cure(&self) -> Option<&str> {
        Some(self.0.cure.as_str()).filter(|cure| !cure.is_empty())
    }

    /// What `std::io` calls an error of this errno.
    pub fn kind(&self) -> io::ErrorKind {
        io::Error::from_raw_os_error(self.errno()).kind()
    }

    /// A mistake that is found before C is asked.
    pub(crate) fn argument(errno: i32, object: &str, reason: &str) -> Self {
        Self::at(Step::ARGUMENT, errno, object, reason)
    }

    fn at(step: Step, errno: i32, object: &str, reason: &str) -> Self {
        Error(Box::new(Account {
            errno,
            step,
            call: String::new(),
            object: object.to_string(),
            sentence: format!("{}: {}: {}", step, object, reason),
            cure: String::new(),
        }))
    }

    /// Why a function of the caller's refuses a start: an error of this crate as it is; of others the errno,
    /// or this one if they have none, and what they say.
    pub(crate) fn of_turn(error: io::Error, otherwise: i32) -> Self {
        if let Some(ours) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            return ours.clone();
        }
        let errno = error.raw_os_error().filter(|&errno| errno > 0).unwrap_or(otherwise);
        Self::at(Step::PIVOT, errno, "prepare", &reason_of(&error))
    }

    /// Tells C, and gives what to return to it. What is too long is cut off.
    pub(crate) fn fill(&self, raw: &mut sys::ct_error) -> c_int {
        let Account { errno, step, call, object, sentence, cure } = &*self.0;
        raw.code = -errno;
        raw.step = step.0;
        fill_text(&mut raw.call, call);
        fill_text(&mut raw.object, object);
        fill_text(&mut raw.sentence, sentence);
        fill_text(&mut raw.cure, cure);
        raw.code
    }

    pub(crate) fn from_raw(raw: &sys::ct_error) -> Self {
        Error(Box::new(Account {
            errno: -raw.code,
            step: Step(raw.step),
            call: text_of(&raw.call),
            object: text_of(&raw.object),
            sentence: text_of(&raw.sentence),
            cure: text_of(&raw.cure),
        }))
    }
}

/// The sentence; `{:#}` has the cure in a second line.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())?;
        match self.cure() {
            Some(cure) if f.alternate() => write!(f, "\n{}", cure),
            _ => Ok(()),
        }
    }
}

/// As `main() -> Result<(), container::Error>` prints it: sentence and cure, and no more.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self)
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        io::Error::new(error.kind(), error)
    }
}

/// The name for people, as in "working directory".
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Safety: a constant string, whatever the number.
        f.write_str(&unsafe { CStr::from_ptr(sys::ct_step_name(self.0)) }.to_string_lossy())
    }
}

/// What it says, without the number.
fn reason_of(error: &io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_string()
}

/// What a call without a `ct_error` has given.
pub(crate) fn plain(result: c_int, object: &str) -> Result<c_int> {
    if result >= 0 {
        return Ok(result);
    }
    Err(Error::argument(-result, object, &reason_of(&io::Error::from_raw_os_error(-result))))
}

/// Makes a call that takes a `ct_error`.
pub(crate) fn call(call: impl FnOnce(*mut sys::ct_error) -> c_int) -> Result<c_int> {
    let mut raw = sys::ct_error::INIT;
    let result = call(&mut raw);
    if result < 0 && raw.code != 0 {
        return Err(Error::from_raw(&raw));
    }
    plain(result, "libcontainer")
}
