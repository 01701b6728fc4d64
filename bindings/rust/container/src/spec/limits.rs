//! Setters about what a container may use.
use std::path::Path;
use std::time::Duration;

use container_sys as sys;

use super::{int, time_limit, unlimited, Spec};
use crate::text::c_string;
use crate::{Device, Limit, Time};

impl Spec {
    /// A resource limit of the payload: RLIMIT_*, soft and hard. None: no limit.
    pub fn rlimit(&mut self, resource: i32, soft: Option<u64>, hard: Option<u64>) -> &mut Self {
        let (soft, hard) = (unlimited(soft), unlimited(hard));
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_rlimit(spec, resource, soft, hard) }))
    }

    /// How readily the kernel kills it when memory is short: -1000 to 1000.
    pub fn oom_score_adj(&mut self, value: i32) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_oom_score_adj(spec, value) }))
    }

    /// Whether the exit record tells the peak memory in every case.
    pub fn exact_rss(&mut self, on: bool) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_exact_rss(spec, int(on)) }))
    }

    /// What each container may use; None: no limit.
    pub fn limit(&mut self, limit: Limit, value: Option<u64>) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_limit(spec, limit.0, unlimited(value)) }))
    }

    /// The same of one disk, by its number, or of huge pages of one size.
    pub fn limit_of(&mut self, limit: Limit, of: u64, value: Option<u64>) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_limit_of(spec, limit.0, of, unlimited(value)) }))
    }

    /// How long each container may last, or compute; None: no limit.
    pub fn time_limit(&mut self, what: Time, most: Option<Duration>) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_time_limit(spec, what.0, time_limit(most)) }))
    }

    /// The processors that it may run on, as in "0-3,8".
    pub fn cpus(&mut self, cpus: Option<&str>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_cpus, cpus)
    }

    /// The memory nodes that it may use.
    pub fn mems(&mut self, mems: Option<&str>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_mems, mems)
    }

    /// A file of the container's cgroup for which there is no setter.
    pub fn cgroup_key(&mut self, key: &str, value: &str) -> &mut Self {
        self.set(|spec| {
            let (key, value) = (c_string(key)?, c_string(value)?);
            Ok(unsafe { sys::ct_spec_set_cgroup_key(spec, key.as_ptr(), value.as_ptr()) })
        })
    }

    /// Whether each container gets a cgroup of its own although nothing is limited.
    pub fn cgroup(&mut self, on: bool) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_cgroup(spec, int(on)) }))
    }

    /// The cgroup below which those of the containers are made; None: the caller's.
    pub fn cgroup_parent(&mut self, parent: Option<&Path>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_cgroup_parent, parent)
    }

    /// Whether systemd is asked for a scope, and on which bus ("": the usual one).
    pub fn cgroup_systemd(&mut self, bus: Option<&str>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_cgroup_systemd, bus)
    }

    /// Which devices may be used besides those of every container.
    pub fn devices(&mut self, devices: &[Device]) -> &mut Self {
        let devices: Vec<_> = devices.iter().map(|device| device.to_raw()).collect();
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_devices(spec, devices.as_ptr(), devices.len()) }))
    }
}
