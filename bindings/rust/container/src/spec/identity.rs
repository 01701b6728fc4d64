//! Setters about who a container is: user, namespaces, names.
use std::ffi::OsStr;
use std::os::unix::io::{AsFd, AsRawFd};
use std::path::Path;

use container_sys as sys;

use super::{int, Spec};
use crate::text::c_string;
use crate::{Idmap, Namespace};

impl Spec {
    /// User and group of the payload, as numbers inside.
    pub fn user(&mut self, uid: u32, gid: u32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_user(spec, uid, gid) }))
    }

    /// Its supplementary groups.
    pub fn groups(&mut self, groups: &[u32]) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_groups(spec, groups.as_ptr(), groups.len()) }))
    }

    /// New namespaces of these kinds.
    pub fn ns_new(&mut self, kinds: Namespace) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_ns_new(spec, kinds.0) }))
    }

    /// The host's namespaces of these kinds: a loosening.
    pub fn ns_host(&mut self, kinds: Namespace) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_ns_host(spec, kinds.0) }))
    }

    /// A given namespace.
    pub fn ns_fd(&mut self, kind: Namespace, fd: impl AsFd) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_ns_fd(spec, kind.0, fd.as_fd().as_raw_fd()) }))
    }

    /// The same by its path, which is opened now.
    pub fn ns_path(&mut self, kind: Namespace, path: impl AsRef<Path>) -> &mut Self {
        self.set(|spec| {
            let path = c_string(path.as_ref())?;
            Ok(unsafe { sys::ct_spec_set_ns_path(spec, kind.0, path.as_ptr()) })
        })
    }

    /// The namespaces that a process is in now.
    pub fn ns_pid(&mut self, kinds: Namespace, pid: i32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_ns_pid(spec, kinds.0, pid) }))
    }

    /// Whose ids those inside are; count 0: as many as there are.
    pub fn idmap(&mut self, kind: Idmap, count: u32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_idmap(spec, kind.0, count) }))
    }

    /// A range of user ids of a new user namespace.
    pub fn add_uid_map(&mut self, inside: u32, outside: u32, count: u32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_add_uid_map(spec, inside, outside, count) }))
    }

    /// A range of group ids.
    pub fn add_gid_map(&mut self, inside: u32, outside: u32, count: u32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_add_gid_map(spec, inside, outside, count) }))
    }

    /// What a new time namespace adds to CLOCK_MONOTONIC and CLOCK_BOOTTIME, in nanoseconds.
    pub fn time_offsets(&mut self, monotonic_ns: i64, boottime_ns: i64) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_time_offsets(spec, monotonic_ns, boottime_ns) }))
    }

    /// The host name.
    pub fn hostname(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.set_text(sys::ct_spec_set_hostname, name)
    }

    /// The NIS domain name.
    pub fn domainname(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
        self.set_text(sys::ct_spec_set_domainname, name)
    }

    /// A kernel parameter of the container's own namespaces.
    pub fn sysctl(&mut self, key: &str, value: &str) -> &mut Self {
        self.set(|spec| {
            let (key, value) = (c_string(key)?, c_string(value)?);
            Ok(unsafe { sys::ct_spec_set_sysctl(spec, key.as_ptr(), value.as_ptr()) })
        })
    }

    /// Whether the loopback interface is up.
    pub fn loopback(&mut self, on: bool) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_loopback(spec, int(on)) }))
    }
}
