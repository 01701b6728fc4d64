//! Root filesystems: a tarball becomes a directory.
use std::ffi::c_void;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::raw::c_int;
use std::os::unix::io::{AsFd, AsRawFd, BorrowedFd};
use std::path::Path;
use std::ptr::{self, NonNull};
use std::{mem, slice};

use container_sys as sys;

use crate::callback::{caught, go_on};
use crate::error::call;
use crate::text::{c_string, text_at};
use crate::{Extract, Image, Owners, Result};

const EIO: isize = 5;

/// A root filesystem: an open directory, which stays on disk when this is dropped (see [`Rootfs::remove`]), or
/// a mounted image.
#[derive(Debug)]
pub struct Rootfs {
    raw: NonNull<sys::ct_rootfs>,
}

// Safety: what may be called from several threads takes &self, what may not takes &mut self.
unsafe impl Send for Rootfs {}
unsafe impl Sync for Rootfs {}

impl Rootfs {
    /// Opens a directory that is there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = c_string(path.as_ref())?;
        Self::made(|made, err| unsafe { sys::ct_rootfs_open(path.as_ptr(), made, err) })
    }

    /// Mounts an image of squashfs or erofs without unpacking it. Only for images that are trusted: the kernel
    /// parses them.
    pub fn image(path: impl AsRef<Path>, flags: Image) -> Result<Self> {
        let path = c_string(path.as_ref())?;
        Self::made(|made, err| unsafe { sys::ct_rootfs_open_image(path.as_ptr(), flags.0, made, err) })
    }

    /// The same by a descriptor that is open for reading, and may be closed afterwards.
    pub fn image_fd(image: impl AsFd, flags: Image) -> Result<Self> {
        let image = image.as_fd();
        Self::made(|made, err| unsafe { sys::ct_rootfs_open_image_fd(image.as_raw_fd(), flags.0, made, err) })
    }

    /// Extracts an archive into a directory, which appears only when it is whole. The archive counts as
    /// hostile: see [`Extraction`] for what else can be asked for.
    pub fn extract(archive: impl AsRef<Path>, dest: impl AsRef<Path>) -> Result<Self> {
        Extraction::new().path(archive, dest)
    }

    /// Removes a whole tree, and what killed extractions left beside it.
    pub fn remove(path: impl AsRef<Path>) -> Result<()> {
        let path = c_string(path.as_ref())?;
        call(|err| unsafe { sys::ct_rootfs_remove(path.as_ptr(), err) }).map(drop)
    }

    /// Makes real what records in the tree say, of an extraction without the rights for its owners.
    pub fn restore(&mut self, options: &mut Extraction<'_>) -> Result<()> {
        let raw = self.raw.as_ptr();
        options.with_raw(|options| call(|err| unsafe { sys::ct_rootfs_restore(raw, options, err) })).map(drop)
    }

    /// What the extraction that made this did, or [`Rootfs::restore`]; None if there was neither.
    pub fn stats(&self) -> Option<Stats> {
        // Safety: numbers alone, for which zero is a value.
        let mut raw: sys::ct_extract_stats = unsafe { mem::zeroed() };
        raw.size = mem::size_of_val(&raw) as u32;
        let result = unsafe { sys::ct_rootfs_stats(self.raw.as_ptr(), &mut raw) };
        (result == 0).then(|| Stats::from_raw(&raw))
    }

    fn made(make: impl FnOnce(*mut *mut sys::ct_rootfs, *mut sys::ct_error) -> c_int) -> Result<Self> {
        let mut raw = ptr::null_mut();
        call(|err| make(&mut raw, err))?;
        Ok(Rootfs { raw: NonNull::new(raw).expect("a handle") })
    }

    pub(crate) fn as_ptr(&self) -> *const sys::ct_rootfs {
        self.raw.as_ptr()
    }
}

/// The directory, by O_PATH.
impl AsFd for Rootfs {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // Safety: it is open as long as the handle is there.
        unsafe { BorrowedFd::borrow_raw(sys::ct_rootfs_fd(self.raw.as_ptr())) }
    }
}

impl Drop for Rootfs {
    fn drop(&mut self) {
        unsafe { sys::ct_rootfs_free(self.raw.as_ptr()) }
    }
}

/// What an extraction did; see `ct_extract_stats`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Stats {
    pub owners: Owners,
    pub entries: u64,
    pub bytes: u64,
    pub archive_bytes: u64,
    pub devices_dropped: u64,
    pub setuid_cleared: u64,
    pub xattrs_dropped: u64,
    pub owners_recorded: u64,
    pub owners_lost: u64,
    pub devices_recorded: u64,
    pub xattrs_recorded: u64,
}

impl Stats {
    fn from_raw(raw: &sys::ct_extract_stats) -> Self {
        Stats {
            owners: Owners(raw.owners as i32),
            entries: raw.entries,
            bytes: raw.bytes,
            archive_bytes: raw.archive_bytes,
            devices_dropped: raw.devices_dropped,
            setuid_cleared: raw.setuid_cleared,
            xattrs_dropped: raw.xattrs_dropped,
            owners_recorded: raw.owners_recorded,
            owners_lost: raw.owners_lost,
            devices_recorded: raw.devices_recorded,
            xattrs_recorded: raw.xattrs_recorded,
        }
    }
}

/// How far an extraction has come.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes of the archive that were read.
    pub archive_bytes: u64,
    /// Its size, where it is known.
    pub archive_total: Option<u64>,
    /// Bytes of file content that were written.
    pub bytes: u64,
    /// Entries that were made.
    pub entries: u64,
    /// The entry at hand.
    pub path: String,
}

type ProgressFn<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// How to extract an archive: options, and then where it comes from and where it goes.
///
/// What is left out is the safe default: no devices, no setuid bits, quotas. `ct_rootfs_extract(3)` tells
/// all of it.
pub struct Extraction<'a> {
    raw: sys::ct_extract_options,
    progress: Option<Box<ProgressFn<'a>>>,
}

impl Default for Extraction<'_> {
    fn default() -> Self {
        Self::new()
    }
}

/// A quota: None is none at all.
fn quota(most: Option<u64>) -> u64 {
    most.unwrap_or(sys::CT_UNLIMITED)
}

impl<'a> Extraction<'a> {
    /// All defaults.
    pub fn new() -> Self {
        Extraction { raw: sys::ct_extract_options::INIT, progress: None }
    }

    /// What is kept, and how the destination is treated.
    pub fn flags(&mut self, flags: Extract) -> &mut Self {
        self.raw.flags = flags.0;
        self
    }

    /// Leading components of names to drop.
    pub fn strip_components(&mut self, count: u32) -> &mut Self {
        self.raw.strip_components = count;
        self
    }

    /// Components in a path at most; 0: 256.
    pub fn max_depth(&mut self, depth: u32) -> &mut Self {
        self.raw.max_depth = depth;
        self
    }

    /// File content in all, in bytes.
    pub fn max_bytes(&mut self, most: Option<u64>) -> &mut Self {
        self.raw.max_bytes = quota(most);
        self
    }

    /// Entries of the archive.
    pub fn max_entries(&mut self, most: Option<u64>) -> &mut Self {
        self.raw.max_entries = quota(most);
        self
    }

    /// Content of one file, in bytes.
    pub fn max_file_bytes(&mut self, most: Option<u64>) -> &mut Self {
        self.raw.max_file_bytes = quota(most);
        self
    }

    /// Bytes unpacked for each byte of the archive.
    pub fn max_ratio(&mut self, most: Option<u64>) -> &mut Self {
        self.raw.max_ratio = quota(most);
        self
    }

    /// What is added to each uid and gid of the archive.
    pub fn shift(&mut self, uid: u32, gid: u32) -> &mut Self {
        self.raw.uid_shift = uid;
        self.raw.gid_shift = gid;
        self
    }

    /// Called before each entry and between the parts of a large file. `Break` ends the extraction with
    /// ECANCELED, and nothing is left at the destination. A panic does that, too, and then goes on.
    pub fn progress(&mut self, progress: impl FnMut(&Progress) -> ControlFlow<()> + 'a) -> &mut Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Extracts a file.
    pub fn path(&mut self, archive: impl AsRef<Path>, dest: impl AsRef<Path>) -> Result<Rootfs> {
        let archive = c_string(archive.as_ref())?;
        self.to(dest.as_ref(), |dest, options, made, err| unsafe {
            sys::ct_rootfs_extract(archive.as_ptr(), dest, options, made, err)
        })
    }

    /// Extracts what is read from a descriptor: a file, a pipe, a socket.
    pub fn fd(&mut self, archive: impl AsFd, dest: impl AsRef<Path>) -> Result<Rootfs> {
        let archive = archive.as_fd();
        self.to(dest.as_ref(), |dest, options, made, err| unsafe {
            sys::ct_rootfs_extract_fd(archive.as_raw_fd(), dest, options, made, err)
        })
    }

    /// Extracts what lies in memory.
    pub fn bytes(&mut self, archive: &[u8], dest: impl AsRef<Path>) -> Result<Rootfs> {
        self.to(dest.as_ref(), |dest, options, made, err| unsafe {
            sys::ct_rootfs_extract_memory(archive.as_ptr().cast(), archive.len(), dest, options, made, err)
        })
    }

    /// Extracts what a reader gives. An error of its own becomes that of the extraction: its errno, or EIO.
    pub fn reader(&mut self, mut archive: impl Read, dest: impl AsRef<Path>) -> Result<Rootfs> {
        let mut reader: &mut dyn Read = &mut archive;
        let data: *mut &mut dyn Read = &mut reader;
        self.to(dest.as_ref(), |dest, options, made, err| unsafe {
            sys::ct_rootfs_extract_stream(Some(read_more), data.cast(), dest, options, made, err)
        })
    }

    fn to(
        &mut self,
        dest: &Path,
        extract: impl FnOnce(
            *const std::os::raw::c_char,
            *const sys::ct_extract_options,
            *mut *mut sys::ct_rootfs,
            *mut sys::ct_error,
        ) -> c_int,
    ) -> Result<Rootfs> {
        let dest = c_string(dest)?;
        self.with_raw(|options| Rootfs::made(|made, err| extract(dest.as_ptr(), options, made, err)))
    }

    /// Makes a call with the options; a panic of a callback goes on behind it.
    fn with_raw<T>(&mut self, call: impl FnOnce(*const sys::ct_extract_options) -> T) -> T {
        let mut raw = self.raw;
        if let Some(progress) = &mut self.progress {
            raw.progress = Some(tell_progress);
            raw.progress_data = (progress as *mut Box<ProgressFn<'a>>).cast();
        }
        let result = call(&raw);
        go_on();
        result
    }
}

unsafe extern "C" fn tell_progress(now: *const sys::ct_extract_progress, data: *mut c_void) -> c_int {
    caught(1, || {
        // Safety: C's for this call, and what with_raw() gave; nobody else uses that meanwhile.
        let (now, progress) = unsafe { (&*now, &mut *data.cast::<Box<ProgressFn<'_>>>()) };
        let now = Progress {
            archive_bytes: now.archive_bytes,
            archive_total: Some(now.archive_total).filter(|&total| total > 0),
            bytes: now.bytes,
            entries: now.entries,
            path: unsafe { text_at(now.path) },
        };
        c_int::from(progress(&now).is_break())
    })
}

unsafe extern "C" fn read_more(buffer: *mut c_void, size: usize, data: *mut c_void) -> isize {
    caught(-EIO, || {
        let buffer = buffer.cast::<u8>();
        // Safety: there is so much room, which is filled first, since a reader may look at it; and data is
        // what reader() gave.
        let (buffer, reader) = unsafe {
            ptr::write_bytes(buffer, 0, size);
            (slice::from_raw_parts_mut(buffer, size), &mut *data.cast::<&mut dyn Read>())
        };
        loop {
            match reader.read(buffer) {
                Ok(count) => return count as isize,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let errno = error.raw_os_error().filter(|&errno| errno > 0);
                    return -errno.map_or(EIO, |errno| errno as isize);
                }
            }
        }
    })
}
