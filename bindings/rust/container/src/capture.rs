//! Feeding a container, and keeping what it writes.
use std::fmt;
use std::marker::PhantomData;
use std::os::raw::c_char;
use std::slice;
use std::time::Duration;

use container_sys as sys;

use crate::container::unless_late;
use crate::error::call;
use crate::text::Deadline;
use crate::{Container, Exit, OutputFlag, Result};

/// What a container has written, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// What was kept of its stdout.
    pub stdout: Vec<u8>,
    /// And of its stderr.
    pub stderr: Vec<u8>,
    /// Bytes that it wrote to stdout. More than were kept: some were dropped.
    pub stdout_total: u64,
    /// And to stderr.
    pub stderr_total: u64,
}

/// What a container is given to read, and what is kept of what it writes.
///
/// For the streams of a spec that are [`crate::Stdio::Pipe`].
pub struct Capture<'a> {
    raw: sys::ct_output,
    input: PhantomData<&'a [u8]>,
}

// Safety: it owns what C has allocated, and borrows the input to read it.
unsafe impl Send for Capture<'_> {}
unsafe impl Sync for Capture<'_> {}

impl Default for Capture<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Capture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture")
            .field("stdout", &self.stdout().len())
            .field("stderr", &self.stderr().len())
            .finish_non_exhaustive()
    }
}

impl<'a> Capture<'a> {
    /// No input; 1 MiB of each stream is kept.
    pub fn new() -> Self {
        Capture { raw: sys::ct_output::INIT, input: PhantomData }
    }

    /// What it is given to read.
    pub fn input(&mut self, input: &'a [u8]) -> &mut Self {
        self.raw.input = input.as_ptr().cast();
        self.raw.input_size = input.len();
        self.raw.input_sent = 0;
        self
    }

    /// How many bytes are kept of stdout, and of stderr.
    pub fn limits(&mut self, stdout: usize, stderr: usize) -> &mut Self {
        self.raw.out_limit = stdout;
        self.raw.err_limit = stderr;
        self
    }

    /// `OutputFlag::KILL` ends the container at the first byte over a limit.
    pub fn flags(&mut self, flags: OutputFlag) -> &mut Self {
        self.raw.flags = flags.0;
        self
    }

    /// What was kept of stdout so far.
    pub fn stdout(&self) -> &[u8] {
        kept(&self.raw.out, self.raw.out_size)
    }

    /// And of stderr.
    pub fn stderr(&self) -> &[u8] {
        kept(&self.raw.err, self.raw.err_size)
    }

    /// All of it, as [`crate::Spec::output`] has it.
    pub fn into_output(self, exit: Exit) -> Output {
        Output {
            exit,
            stdout: self.stdout().to_vec(),
            stderr: self.stderr().to_vec(),
            stdout_total: self.raw.out_total,
            stderr_total: self.raw.err_total,
        }
    }
}

/// Memory of C's, as long as the struct that points to it.
fn kept(pointer: &*mut c_char, size: usize) -> &[u8] {
    if pointer.is_null() {
        return &[];
    }
    // Safety: C keeps so many bytes there, and changes them only when the struct is lent to it.
    unsafe { slice::from_raw_parts(pointer.cast::<u8>(), size) }
}

impl Drop for Capture<'_> {
    fn drop(&mut self) {
        unsafe { sys::ct_output_done(&mut self.raw) }
    }
}

impl Container {
    /// Gives it its input, keeps its output, and waits for its end; so long at most, or forever. None: it runs
    /// still, and the call can be made again with the same capture to go on.
    pub fn capture(&self, capture: &mut Capture<'_>, timeout: Option<Duration>) -> Result<Option<Exit>> {
        let _alone = self.alone();
        let mut exit = sys::ct_exit::INIT;
        let left = Deadline::after(timeout).left();
        unless_late(call(|err| unsafe {
            sys::ct_capture(self.as_ptr(), &mut capture.raw, left, &mut exit, err)
        }))
        .map(|done| done.map(|_| Exit::from_raw(&exit)))
    }
}
