//! Containers: handles of what was started.
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::fs::File;
use std::os::raw::c_int;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd, FromRawFd};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use container_sys as sys;

use crate::callback::go_on;
use crate::error::{call, plain};
use crate::spec::time_limit;
use crate::text::{c_string, milliseconds, Deadline, EINTR, ENOENT, ETIMEDOUT};
use crate::trace::Trace;
use crate::{
    Disk, Error, Exit, Figures, IdRange, Limit, Mount, Notifications, Protection, Result, Spec, Time,
};

/// A container, created or running or ended. Dropping it kills what still runs, unless it was detached.
///
/// All threads may use one at once, wait for it and kill it; dropping it waits for the kernel to have ended
/// it, 2 seconds at most.
pub struct Container {
    raw: NonNull<sys::ct_container>,
    /// What explain mode calls until it is started.
    _trace: Option<Arc<Trace>>,
    /// For what C lets be done by one thread at a time: streams, sets of events.
    alone: Mutex<()>,
}

// Safety: the manual says "Threads: safe" of what takes &self, or `alone` is held.
unsafe impl Send for Container {}
unsafe impl Sync for Container {}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container").field("pid", &self.pid()).finish_non_exhaustive()
    }
}

impl Container {
    pub(crate) fn of(raw: *mut sys::ct_container, trace: Option<Arc<Trace>>) -> Self {
        Container { raw: NonNull::new(raw).expect("a handle"), _trace: trace, alone: Mutex::new(()) }
    }

    /// What a call that starts something has made. A panic of a callback goes on behind the call.
    pub(crate) fn made(
        trace: Option<Arc<Trace>>,
        make: impl FnOnce(*mut *mut sys::ct_container, *mut sys::ct_error) -> c_int,
    ) -> Result<Self> {
        let mut raw = ptr::null_mut();
        let result = call(|err| make(&mut raw, err)).map(|_| Self::of(raw, trace));
        go_on();
        result
    }

    pub(crate) fn as_ptr(&self) -> *mut sys::ct_container {
        self.raw.as_ptr()
    }

    pub(crate) fn alone(&self) -> MutexGuard<'_, ()> {
        self.alone.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// A call that takes the handle and a `ct_error`.
    fn call(&self, make: impl FnOnce(*mut sys::ct_container, *mut sys::ct_error) -> c_int) -> Result<c_int> {
        call(|err| make(self.raw.as_ptr(), err))
    }

    /// Opens one that was saved. An error of ESRCH: it has ended.
    pub fn load(directory: impl AsFd, name: &str) -> Result<Self> {
        let name = c_string(name)?;
        let directory = directory.as_fd().as_raw_fd();
        Self::made(None, |made, err| unsafe { sys::ct_container_load(directory, name.as_ptr(), made, err) })
    }

    // ---------------------------------------------------------------------------------- its life

    /// Executes the payload of a created container.
    pub fn start(&mut self) -> Result<()> {
        let result = self.call(|raw, err| unsafe { sys::ct_start(raw, err) });
        go_on();
        result.map(drop)
    }

    /// Waits for its end. May be called again.
    pub fn wait(&self) -> Result<Exit> {
        self.wait_until(Deadline::after(None))
    }

    /// The same for so long at most; None: it runs still.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Option<Exit>> {
        unless_late(self.wait_until(Deadline::after(Some(timeout))))
    }

    /// How it ended, or None if it runs still.
    pub fn try_wait(&self) -> Result<Option<Exit>> {
        self.wait_timeout(Duration::ZERO)
    }

    fn wait_until(&self, deadline: Deadline) -> Result<Exit> {
        let mut raw = sys::ct_exit::INIT;
        loop {
            match self.call(|box_, err| unsafe { sys::ct_wait(box_, deadline.left(), &mut raw, err) }) {
                Err(error) if error.errno() == EINTR => {}
                result => return result.map(|_| Exit::from_raw(&raw)),
            }
        }
    }

    /// Sends SIGKILL to its first process, which ends all of it.
    pub fn kill(&self) -> Result<()> {
        self.signal(SIGKILL)
    }

    /// Sends a signal to its first process.
    pub fn signal(&self, signal: i32) -> Result<()> {
        self.call(|raw, err| unsafe { sys::ct_kill(raw, signal, err) }).map(drop)
    }

    /// Asks it to end by SIGTERM, kills it if it has not in time, and tells how it ended.
    pub fn stop(&self, grace: Duration) -> Result<Exit> {
        self.stop_by(SIGTERM, Some(grace))
    }

    /// The same with another signal; None: it is never killed.
    pub fn stop_by(&self, signal: i32, grace: Option<Duration>) -> Result<Exit> {
        let mut how = sys::ct_exit::INIT;
        let grace = grace.map_or(sys::CT_FOREVER, milliseconds);
        self.call(|raw, err| unsafe { sys::ct_stop(raw, signal, grace, &mut how, err) })?;
        Ok(Exit::from_raw(&how))
    }

    /// Lets it outlive this handle and this process.
    pub fn detach(&self) -> Result<()> {
        self.call(|raw, err| unsafe { sys::ct_detach(raw, err) }).map(drop)
    }

    /// Writes down, in a file of that open directory, what it takes to [`Container::load`] it again.
    pub fn save(&self, directory: impl AsFd, name: &str) -> Result<()> {
        let name = c_string(name)?;
        let directory = directory.as_fd().as_raw_fd();
        self.call(|raw, err| unsafe { sys::ct_container_save(raw, directory, name.as_ptr(), err) }).map(drop)
    }

    /// Stops all its processes where they are. Needs a cgroup: [`Spec::cgroup`].
    pub fn freeze(&self, timeout: Option<Duration>) -> Result<()> {
        let timeout = timeout.map_or(sys::CT_FOREVER, milliseconds);
        self.call(|raw, err| unsafe { sys::ct_container_freeze(raw, timeout, err) }).map(drop)
    }

    /// Lets them go on.
    pub fn thaw(&self) -> Result<()> {
        self.call(|raw, err| unsafe { sys::ct_container_thaw(raw, err) }).map(drop)
    }

    // ------------------------------------------------------------------------- limits and figures

    /// Changes a limit while it runs; None: no limit.
    pub fn set_limit(&self, limit: Limit, value: Option<u64>) -> Result<()> {
        let value = value.unwrap_or(sys::CT_UNLIMITED);
        self.call(|raw, err| unsafe { sys::ct_container_set_limit(raw, limit.0, value, err) }).map(drop)
    }

    /// The same of one disk, by its number, or of huge pages of one size.
    pub fn set_limit_of(&self, limit: Limit, of: u64, value: Option<u64>) -> Result<()> {
        let value = value.unwrap_or(sys::CT_UNLIMITED);
        self.call(|raw, err| unsafe { sys::ct_container_set_limit_of(raw, limit.0, of, value, err) })
            .map(drop)
    }

    /// Changes a limit of time, which counts from the start; None: no limit.
    pub fn set_time_limit(&self, what: Time, most: Option<Duration>) -> Result<()> {
        let most = time_limit(most);
        self.call(|raw, err| unsafe { sys::ct_container_set_time_limit(raw, what.0, most, err) }).map(drop)
    }

    /// Changes what stands at /linux/resources of an OCI configuration: JSON.
    pub fn set_oci_resources(&self, resources: &str) -> Result<()> {
        let (text, size) = (resources.as_ptr().cast(), resources.len());
        self.call(|raw, err| unsafe { sys::ct_container_set_oci_resources(raw, text, size, err) }).map(drop)
    }

    /// What it uses and has used. Needs a cgroup: [`Spec::cgroup`].
    pub fn figures(&self) -> Result<Figures> {
        let mut figures = sys::ct_figures::INIT;
        self.call(|raw, err| unsafe { sys::ct_container_figures(raw, &mut figures, err) })?;
        Ok(Figures::from_raw(&figures))
    }

    /// The same of many at once; None for one without a cgroup.
    pub fn figures_of(boxes: &[&Container]) -> Result<Vec<Option<Figures>>> {
        let handles: Vec<_> = boxes.iter().map(|one| one.as_ptr()).collect();
        let mut figures = vec![sys::ct_figures::INIT; boxes.len()];
        let (start, count, to) = (handles.as_ptr(), handles.len(), figures.as_mut_ptr());
        call(|err| unsafe { sys::ct_container_figures_many(start, count, to, err) })?;
        Ok(figures.iter().map(Figures::from_raw).map(|one| one.is_known().then_some(one)).collect())
    }

    /// What it has done with each disk.
    pub fn io(&self) -> Result<Vec<Disk>> {
        // Safety: numbers alone.
        let nothing: sys::ct_io = unsafe { std::mem::zeroed() };
        let disks = filled(nothing, |room, size| {
            self.call(|raw, err| unsafe { sys::ct_container_io(raw, room, size, err) })
        });
        Ok(disks?.iter().map(Disk::from_raw).collect())
    }

    /// Each item of what protects it, and whether that is enforced.
    pub fn protection(&self) -> Vec<Protection> {
        let of = |item| {
            let mut about = sys::ct_protection::INIT;
            let result = unsafe { sys::ct_container_protection(self.raw.as_ptr(), item, &mut about) };
            (result == 0).then(|| Protection::from_raw(&about))
        };
        (1..).map_while(of).collect()
    }

    /// The ABI of landlock that is enforced; 0: none.
    pub fn landlock_abi(&self) -> i32 {
        unsafe { sys::ct_container_landlock_abi(self.raw.as_ptr()) }
    }

    /// The path of its cgroup, if it has one of its own.
    pub fn cgroup(&self) -> Option<&Path> {
        let path = unsafe { sys::ct_container_cgroup(self.raw.as_ptr()) };
        // Safety: it lives as long as the handle.
        (!path.is_null()).then(|| Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes())))
    }

    // ------------------------------------------------------------------------------------ inside

    /// Runs one more process in here, confined as the container is.
    pub fn exec(&self, spec: &Spec) -> Result<Container> {
        spec.join(self, Default::default(), Default::default())
    }

    /// Opens a file or directory of a running container for reading.
    pub fn open_file(&self, path: impl AsRef<Path>) -> Result<File> {
        self.open_file_with(path, 0, 0)
    }

    /// The same with flags of open(2), and the mode of a file that is made.
    pub fn open_file_with(&self, path: impl AsRef<Path>, flags: i32, mode: u32) -> Result<File> {
        let path = c_string(path.as_ref())?;
        let fd = self
            .call(|raw, err| unsafe { sys::ct_container_open_file(raw, path.as_ptr(), flags, mode, err) })?;
        // Safety: it is ours from now on.
        Ok(unsafe { File::from_raw_fd(fd) })
    }

    /// Mounts a file or directory of the host into it.
    pub fn mount(&self, fd: impl AsFd, target: impl AsRef<Path>, flags: Mount) -> Result<()> {
        let target = c_string(target.as_ref())?;
        let fd = fd.as_fd().as_raw_fd();
        self.call(|raw, err| unsafe { sys::ct_container_mount(raw, fd, target.as_ptr(), flags.0, err) })
            .map(drop)
    }

    /// Removes such a mount.
    pub fn unmount(&self, target: impl AsRef<Path>) -> Result<()> {
        let target = c_string(target.as_ref())?;
        self.call(|raw, err| unsafe { sys::ct_container_unmount(raw, target.as_ptr(), err) }).map(drop)
    }

    /// Its processes, as this process numbers them.
    pub fn processes(&self) -> Result<Vec<i32>> {
        filled(0, |room, size| {
            self.call(|raw, err| unsafe { sys::ct_container_processes(raw, room, size, err) })
        })
    }

    // ---------------------------------------------------------------------------- about its process

    /// The pid of its first process, good for showing.
    pub fn pid(&self) -> i32 {
        unsafe { sys::ct_container_pid(self.raw.as_ptr()) }
    }

    /// Whose user ids those inside are, where it has a user namespace of its own.
    pub fn uid_map(&self) -> Result<Vec<IdRange>> {
        self.id_map(sys::ct_container_uid_map)
    }

    /// Whose group ids those inside are.
    pub fn gid_map(&self) -> Result<Vec<IdRange>> {
        self.id_map(sys::ct_container_gid_map)
    }

    fn id_map(
        &self,
        ask: unsafe extern "C" fn(*const sys::ct_container, *mut sys::ct_id_range, usize) -> c_int,
    ) -> Result<Vec<IdRange>> {
        let nothing = sys::ct_id_range { inside: 0, outside: 0, count: 0 };
        let ranges =
            filled(nothing, |room, size| plain(unsafe { ask(self.raw.as_ptr(), room, size) }, "container"));
        Ok(ranges?.iter().map(IdRange::from_raw).collect())
    }

    // ----------------------------------------------------------------------------------- streams

    /// Takes what a call gives once; None: there is none, or it was taken.
    fn take(&self, take: impl FnOnce(*mut sys::ct_container) -> c_int) -> Option<File> {
        let _alone = self.alone();
        let fd = take(self.raw.as_ptr());
        // Safety: it is ours from now on.
        (fd >= 0).then(|| unsafe { File::from_raw_fd(fd) })
    }

    /// Takes the pipe to its stdin, once.
    pub fn take_stdin(&self) -> Option<File> {
        self.take(|raw| unsafe { sys::ct_container_take_stdio(raw, 0) })
    }

    /// Takes the pipe from its stdout, once.
    pub fn take_stdout(&self) -> Option<File> {
        self.take(|raw| unsafe { sys::ct_container_take_stdio(raw, 1) })
    }

    /// Takes the pipe from its stderr, once.
    pub fn take_stderr(&self) -> Option<File> {
        self.take(|raw| unsafe { sys::ct_container_take_stdio(raw, 2) })
    }

    /// Takes the master of its terminal, once.
    pub fn take_terminal(&self) -> Option<File> {
        self.take(|raw| unsafe { sys::ct_container_take_terminal(raw) })
    }

    /// Takes what tells of its calls that wait for an answer, once.
    pub fn take_notify(&self) -> Result<Notifications> {
        let pidfd = self.as_fd().try_clone_to_owned().map_err(|error| {
            Error::argument(error.raw_os_error().unwrap_or(0), "pidfd", &error.to_string())
        })?;
        let fd = self.take(|raw| unsafe { sys::ct_container_take_notify(raw) });
        let none = || Error::argument(ENOENT, "notifications", "no rule asks for it, or it was taken");
        fd.map(|fd| Notifications::new(fd.into(), pidfd)).ok_or_else(none)
    }
}

/// A pidfd of its first process, which is readable when that has ended.
impl AsFd for Container {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // Safety: it is open as long as the handle is there.
        unsafe { BorrowedFd::borrow_raw(sys::ct_container_pidfd(self.raw.as_ptr())) }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        unsafe { sys::ct_container_free(self.raw.as_ptr()) }
    }
}

/// Removes what was saved of a container that has ended, and its cgroup.
pub fn remove_state(directory: impl AsFd, name: &str) -> Result<()> {
    let name = c_string(name)?;
    let directory = directory.as_fd().as_raw_fd();
    call(|err| unsafe { sys::ct_state_remove(directory, name.as_ptr(), err) }).map(drop)
}

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// None for what has not happened in time.
pub(crate) fn unless_late<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error) if error.errno() == ETIMEDOUT => Ok(None),
        result => result.map(Some),
    }
}

/// What a call tells that fills an array as far as it goes, and says how much there is.
fn filled<T: Clone>(nothing: T, mut ask: impl FnMut(*mut T, usize) -> Result<c_int>) -> Result<Vec<T>> {
    let mut room = vec![nothing.clone(); 16];
    loop {
        let count = ask(room.as_mut_ptr(), room.len())? as usize;
        if count <= room.len() {
            room.truncate(count);
            return Ok(room);
        }
        // More may come meanwhile.
        room.resize(2 * count, nothing.clone());
    }
}
