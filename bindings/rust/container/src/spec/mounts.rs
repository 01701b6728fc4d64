//! Setters about mounts.
use std::os::unix::io::{AsFd, AsRawFd};
use std::path::Path;

use container_sys as sys;

use super::Spec;
use crate::text::{c_string, c_string_or_none, pointer_to, Strings};
use crate::{Mount, ProcFlag};

impl Spec {
    /// A file or directory of the host, which is opened now.
    pub fn add_bind(
        &mut self,
        source: impl AsRef<Path>,
        target: impl AsRef<Path>,
        flags: Mount,
    ) -> &mut Self {
        self.set(|spec| {
            let (source, target) = (c_string(source.as_ref())?, c_string(target.as_ref())?);
            Ok(unsafe { sys::ct_spec_add_bind(spec, source.as_ptr(), target.as_ptr(), flags.0) })
        })
    }

    /// The same by a descriptor, which need not be kept.
    pub fn add_bind_fd(&mut self, fd: impl AsFd, target: impl AsRef<Path>, flags: Mount) -> &mut Self {
        self.set(|spec| {
            let target = c_string(target.as_ref())?;
            let fd = fd.as_fd().as_raw_fd();
            Ok(unsafe { sys::ct_spec_add_bind_fd(spec, fd, target.as_ptr(), flags.0) })
        })
    }

    /// A new, empty filesystem in memory; size 0: half of the machine's memory.
    pub fn add_tmpfs(
        &mut self,
        target: impl AsRef<Path>,
        size_bytes: u64,
        mode: u32,
        flags: Mount,
    ) -> &mut Self {
        self.set(|spec| {
            let target = c_string(target.as_ref())?;
            Ok(unsafe { sys::ct_spec_add_tmpfs(spec, target.as_ptr(), size_bytes, mode, flags.0) })
        })
    }

    /// A new filesystem of a type of /proc/filesystems, with its options.
    pub fn add_filesystem(
        &mut self,
        kind: &str,
        target: impl AsRef<Path>,
        options: Option<&str>,
        flags: Mount,
    ) -> &mut Self {
        self.set(|spec| {
            let (kind, target) = (c_string(kind)?, c_string(target.as_ref())?);
            let options = c_string_or_none(options)?;
            let (kind, target, options) = (kind.as_ptr(), target.as_ptr(), pointer_to(&options));
            Ok(unsafe { sys::ct_spec_add_filesystem(spec, kind, target, options, flags.0) })
        })
    }

    /// An overlay of directories of the host, the topmost first; with upper and work directory it takes
    /// changes.
    pub fn add_overlay<T: AsRef<Path>>(
        &mut self,
        lowers: impl IntoIterator<Item = T>,
        upper_and_work: Option<(&Path, &Path)>,
        target: impl AsRef<Path>,
        flags: Mount,
    ) -> &mut Self {
        self.set(|spec| {
            let lowers = Strings::new(lowers.into_iter().map(|lower| lower.as_ref().as_os_str().to_owned()))?;
            let upper = c_string_or_none(upper_and_work.map(|(upper, _)| upper))?;
            let work = c_string_or_none(upper_and_work.map(|(_, work)| work))?;
            let target = c_string(target.as_ref())?;
            let (upper, work) = (pointer_to(&upper), pointer_to(&work));
            Ok(unsafe {
                sys::ct_spec_add_overlay(spec, lowers.as_ptr(), upper, work, target.as_ptr(), flags.0)
            })
        })
    }

    /// A file of this content.
    pub fn add_file(&mut self, data: impl AsRef<[u8]>, target: impl AsRef<Path>, mode: u32) -> &mut Self {
        self.set(|spec| {
            let (data, target) = (data.as_ref(), c_string(target.as_ref())?);
            let (start, size) = (data.as_ptr().cast(), data.len());
            Ok(unsafe { sys::ct_spec_add_file(spec, start, size, target.as_ptr(), mode) })
        })
    }

    /// A file of what is read from a descriptor, now.
    pub fn add_file_fd(&mut self, fd: impl AsFd, target: impl AsRef<Path>, mode: u32) -> &mut Self {
        self.set(|spec| {
            let target = c_string(target.as_ref())?;
            let fd = fd.as_fd().as_raw_fd();
            Ok(unsafe { sys::ct_spec_add_file_fd(spec, fd, target.as_ptr(), mode) })
        })
    }

    /// A path that is hidden.
    pub fn add_masked_path(&mut self, path: impl AsRef<Path>) -> &mut Self {
        self.set_text(sys::ct_spec_add_masked_path, path.as_ref())
    }

    /// A path that is read-only.
    pub fn add_readonly_path(&mut self, path: impl AsRef<Path>) -> &mut Self {
        self.set_text(sys::ct_spec_add_readonly_path, path.as_ref())
    }

    /// No masked and read-only paths, not even the default ones: a loosening.
    pub fn clear_paths(&mut self) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_clear_paths(spec) }))
    }

    /// What /proc leaves out.
    pub fn proc(&mut self, flags: ProcFlag) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_proc(spec, flags.0) }))
    }
}
