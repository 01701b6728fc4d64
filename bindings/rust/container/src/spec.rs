//! What to run and how isolated.
mod identity;
mod limits;
mod mounts;
mod rights;

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::raw::{c_char, c_int};
use std::os::unix::io::{AsRawFd, OwnedFd};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Duration;

use container_sys as sys;

use crate::error::{call, plain};
use crate::prepare::{take_turn, Prepare, Preparing};
use crate::text::{c_string, c_string_or_none, pointer_to, text_at, Strings};
use crate::trace::Trace;
use crate::{Error, Result, RootMode, Rootfs};

/// What a standard stream of the payload is.
#[derive(Debug)]
pub enum Stdio {
    /// The host's own; null if the host has none.
    Inherit,
    /// /dev/null.
    Null,
    /// A new pipe; our end of it is with the container.
    Pipe,
    /// A descriptor, which the spec keeps open: `try_clone()` it to keep one yourself. Who reads the other
    /// end of such a pipe sees its end when the spec is gone, too.
    Fd(OwnedFd),
}

impl From<OwnedFd> for Stdio {
    fn from(fd: OwnedFd) -> Self {
        Stdio::Fd(fd)
    }
}

impl From<File> for Stdio {
    fn from(file: File) -> Self {
        Stdio::Fd(file.into())
    }
}

/// What to run and how isolated: built once, started any number of times, from any number of threads.
///
/// What is left out is strict. Each method is the setter of C of its name, whose manual tells of it:
/// `hostname` is `ct_spec_set_hostname(3)`, `add_bind` is `ct_spec_add_bind(3)`. They can be chained. The
/// first mistake is remembered, and given by every start and by [`Spec::check`].
pub struct Spec {
    raw: NonNull<sys::ct_spec>,
    mistake: Option<Error>,
    // What C borrows.
    streams: [Option<OwnedFd>; 3],
    mapped: Vec<OwnedFd>,
    trace: Option<Arc<Trace>>,
    _prepare: Option<Arc<Prepare>>,
    /// Streams that were set.
    chosen: [bool; 3],
}

// Safety: setters take &mut self; all that takes &self may be called from several threads.
unsafe impl Send for Spec {}
unsafe impl Sync for Spec {}

impl Default for Spec {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec").field("mistake", &self.check().err()).finish_non_exhaustive()
    }
}

/// How C takes it: not 0 for true.
fn int(on: bool) -> c_int {
    on.into()
}

fn unlimited(value: Option<u64>) -> u64 {
    value.unwrap_or(sys::CT_UNLIMITED)
}

/// Milliseconds, at least 1, since C takes 0 for a mistake or for none; None: no limit.
pub(crate) fn time_limit(time: Option<Duration>) -> u64 {
    time.map_or(sys::CT_UNLIMITED, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX - 1).max(1))
}

impl Spec {
    /// An empty spec, the strictest one.
    ///
    /// # Panics
    /// When there is no memory.
    pub fn new() -> Self {
        let mut raw = ptr::null_mut();
        plain(unsafe { sys::ct_spec_new(&mut raw) }, "spec").expect("memory for a spec");
        Self::of(raw)
    }

    fn of(raw: *mut sys::ct_spec) -> Self {
        Spec {
            raw: NonNull::new(raw).expect("a handle"),
            mistake: None,
            streams: [None, None, None],
            mapped: Vec::new(),
            trace: None,
            _prepare: None,
            chosen: [false; 3],
        }
    }

    fn made(make: impl FnOnce(*mut *mut sys::ct_spec, *mut sys::ct_error) -> c_int) -> Result<Self> {
        let mut raw = ptr::null_mut();
        call(|err| make(&mut raw, err))?;
        Ok(Self::of(raw))
    }

    /// What the config.json of an OCI bundle describes.
    pub fn from_oci(bundle: impl AsRef<Path>) -> Result<Self> {
        let bundle = c_string(bundle.as_ref())?;
        Self::made(|made, err| unsafe { sys::ct_spec_from_oci(bundle.as_ptr(), made, err) })
    }

    /// The same of a file by its path.
    pub fn from_oci_file(path: impl AsRef<Path>) -> Result<Self> {
        let path = c_string(path.as_ref())?;
        Self::made(|made, err| unsafe { sys::ct_spec_from_oci_file(path.as_ptr(), made, err) })
    }

    /// The same of a text. Without a bundle there may be no relative paths in it.
    pub fn from_oci_text(text: &str, bundle: Option<&Path>) -> Result<Self> {
        let bundle = c_string_or_none(bundle)?;
        Self::made(|made, err| unsafe {
            sys::ct_spec_from_oci_text(text.as_ptr().cast(), text.len(), pointer_to(&bundle), made, err)
        })
    }

    /// What stands at /process of a configuration, for a join.
    pub fn from_oci_process(text: &str) -> Result<Self> {
        Self::made(|made, err| unsafe {
            sys::ct_spec_from_oci_process(text.as_ptr().cast(), text.len(), made, err)
        })
    }

    /// The text of a config.json that describes the same. What it has no word for is refused by its name.
    pub fn to_oci(&self) -> Result<String> {
        let (spec, mut raw) = (self.ready()?, ptr::null_mut());
        call(|err| unsafe { sys::ct_spec_to_oci(spec, &mut raw, err) })?;
        // Safety: it ends with NUL.
        let text = unsafe { text_at(raw) };
        unsafe { sys::ct_oci_text_free(raw) };
        Ok(text)
    }

    /// The first mistake that a setter met.
    pub fn check(&self) -> Result<()> {
        match &self.mistake {
            Some(mistake) => Err(mistake.clone()),
            None => call(|err| unsafe { sys::ct_spec_check(self.raw.as_ptr(), err) }).map(drop),
        }
    }

    /// For a start: no mistake that C does not know of, and the handle.
    pub(crate) fn ready(&self) -> Result<*mut sys::ct_spec> {
        self.mistake.clone().map_or(Ok(self.raw.as_ptr()), Err)
    }

    pub(crate) fn trace_of(&self) -> Option<Arc<Trace>> {
        self.trace.clone()
    }

    pub(crate) fn is_chosen(&self, stream: usize) -> bool {
        self.chosen[stream]
    }

    /// Calls a setter. What it gives C remembers; what keeps it from being called is remembered here.
    fn set(&mut self, setter: impl FnOnce(*mut sys::ct_spec) -> Result<c_int>) -> &mut Self {
        if let Err(mistake) = setter(self.raw.as_ptr()) {
            self.mistake.get_or_insert(mistake);
        }
        self
    }

    /// A setter that takes one string.
    fn set_text(
        &mut self,
        setter: unsafe extern "C" fn(*mut sys::ct_spec, *const c_char) -> c_int,
        text: impl AsRef<OsStr>,
    ) -> &mut Self {
        self.set_text_or_none(setter, Some(text))
    }

    fn set_text_or_none(
        &mut self,
        setter: unsafe extern "C" fn(*mut sys::ct_spec, *const c_char) -> c_int,
        text: Option<impl AsRef<OsStr>>,
    ) -> &mut Self {
        self.set(|spec| {
            let text = c_string_or_none(text)?;
            Ok(unsafe { setter(spec, pointer_to(&text)) })
        })
    }

    // --------------------------------------------------------------------------------- what to run

    /// The program and its arguments.
    pub fn argv<T: AsRef<OsStr>>(&mut self, argv: impl IntoIterator<Item = T>) -> &mut Self {
        self.set(|spec| {
            let argv = Strings::new(argv)?;
            Ok(unsafe { sys::ct_spec_set_argv(spec, argv.as_ptr()) })
        })
    }

    /// Another file than the first argument names; None: that one again.
    pub fn program(&mut self, program: Option<&Path>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_program, program)
    }

    /// The whole environment of the payload.
    pub fn env<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Self {
        self.set(|spec| {
            let variables = Strings::pairs(variables)?;
            Ok(unsafe { sys::ct_spec_set_env(spec, variables.as_ptr()) })
        })
    }

    /// The working directory.
    pub fn cwd(&mut self, cwd: impl AsRef<Path>) -> &mut Self {
        self.set_text(sys::ct_spec_set_cwd, cwd.as_ref())
    }

    /// The umask of the payload.
    pub fn umask(&mut self, mask: u32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_umask(spec, mask) }))
    }

    /// Whether an init of the library's is PID 1, and the payload its child.
    pub fn init(&mut self, on: bool) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_init(spec, int(on)) }))
    }

    // ----------------------------------------------------------------------------- root filesystem

    /// The root filesystem, whose handle need not be kept.
    pub fn rootfs(&mut self, rootfs: &Rootfs) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_rootfs(spec, rootfs.as_ptr()) }))
    }

    /// How the container may use it.
    pub fn root_mode(&mut self, mode: RootMode) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_root_mode(spec, mode.0) }))
    }

    /// A bound of what the changes to an ephemeral root may take, in bytes.
    pub fn ephemeral_size(&mut self, size_bytes: u64) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_ephemeral_size(spec, size_bytes) }))
    }

    /// Have a function called in each start when the root is ready and the host's is still in its place, to mount
    /// something in there, say. It is called in the thread that starts. An error of its is that of the start; if
    /// it panics the start fails, and the panic goes on behind it.
    pub fn prepare(
        &mut self,
        prepare: impl Fn(&Preparing) -> io::Result<()> + Send + Sync + 'static,
    ) -> &mut Self {
        let prepare = Prepare::new(prepare);
        unsafe {
            sys::ct_spec_set_prepare(self.raw.as_ptr(), Some(take_turn), Arc::as_ptr(&prepare) as *mut _)
        };
        self._prepare = Some(prepare);
        self
    }

    /// No such function, which is the default.
    pub fn no_prepare(&mut self) -> &mut Self {
        unsafe { sys::ct_spec_set_prepare(self.raw.as_ptr(), None, ptr::null_mut()) };
        self._prepare = None;
        self
    }

    // --------------------------------------------------------------------------------- descriptors

    pub(crate) fn stream(&mut self, stream: usize, what: Stdio) -> &mut Self {
        let (kind, fd) = match what {
            Stdio::Inherit => (sys::CT_STDIO_INHERIT, None),
            Stdio::Null => (sys::CT_STDIO_NULL, None),
            Stdio::Pipe => (sys::CT_STDIO_PIPE, None),
            Stdio::Fd(fd) => (sys::CT_STDIO_FD, Some(fd)),
        };
        let number = fd.as_ref().map_or(-1, |fd| fd.as_raw_fd());
        unsafe { sys::ct_spec_set_stdio(self.raw.as_ptr(), stream as c_int, kind, number) };
        self.streams[stream] = fd;
        self.chosen[stream] = true;
        self
    }

    /// What its stdin is.
    pub fn stdin(&mut self, what: impl Into<Stdio>) -> &mut Self {
        self.stream(0, what.into())
    }

    /// What its stdout is.
    pub fn stdout(&mut self, what: impl Into<Stdio>) -> &mut Self {
        self.stream(1, what.into())
    }

    /// What its stderr is.
    pub fn stderr(&mut self, what: impl Into<Stdio>) -> &mut Self {
        self.stream(2, what.into())
    }

    /// A descriptor that the payload has under this number, 3 to 1023. The spec keeps it open.
    pub fn map_fd(&mut self, fd: impl Into<OwnedFd>, target: i32) -> &mut Self {
        let fd = fd.into();
        unsafe { sys::ct_spec_map_fd(self.raw.as_ptr(), fd.as_raw_fd(), target) };
        self.mapped.push(fd);
        self
    }

    /// A terminal of its own, of this size; 0 and 0: none.
    pub fn terminal(&mut self, rows: u32, columns: u32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_terminal(spec, rows, columns) }))
    }
}

impl Drop for Spec {
    fn drop(&mut self) {
        unsafe { sys::ct_spec_free(self.raw.as_ptr()) }
    }
}
