//! Setters about what a container may do, and what is told of it.
use std::path::Path;
use std::ptr;
use std::sync::Arc;

use container_sys as sys;

use super::{int, Spec};
use crate::text::c_string;
use crate::trace::{tell, Trace, TraceEvent};
use crate::{Item, Landlock, LandlockAccess, LandlockPort, Seccomp, SeccompAction, SeccompFlag, When};

impl Spec {
    /// A capability more, by its name: a loosening.
    pub fn add_cap(&mut self, name: &str) -> &mut Self {
        self.set_text(sys::ct_spec_add_cap, name)
    }

    /// A capability less; "all" for every one.
    pub fn drop_cap(&mut self, name: &str) -> &mut Self {
        self.set_text(sys::ct_spec_drop_cap, name)
    }

    /// A capability that a payload which is not root has, too.
    pub fn add_ambient_cap(&mut self, name: &str) -> &mut Self {
        self.set_text(sys::ct_spec_add_ambient_cap, name)
    }

    /// Whether nothing in there may gain rights by setuid bits and file capabilities.
    pub fn no_new_privs(&mut self, on: bool) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_no_new_privs(spec, int(on)) }))
    }

    /// Whether a payload that crashes may leave a core dump.
    pub fn core_dumps(&mut self, on: bool) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_core_dumps(spec, int(on)) }))
    }

    /// What the filter of system calls is where no rule says otherwise.
    pub fn seccomp(&mut self, base: Seccomp, flags: SeccompFlag) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_seccomp(spec, base.0, flags.0) }))
    }

    /// What becomes of a system call when all conditions hold; errno is for `SeccompAction::ERRNO`.
    pub fn add_seccomp_rule(
        &mut self,
        name: &str,
        action: SeccompAction,
        errno: i32,
        when: &[When],
    ) -> &mut Self {
        self.set(|spec| {
            let name = c_string(name)?;
            let when: Vec<_> = when.iter().map(|condition| condition.to_raw()).collect();
            let (name, args) = (name.as_ptr(), when.as_ptr());
            Ok(unsafe { sys::ct_spec_add_seccomp_rule(spec, name, action.0, errno, args, when.len()) })
        })
    }

    /// A ready-made filter: instructions of classic BPF, 8 bytes each.
    pub fn seccomp_bpf(&mut self, program: Option<&[u8]>) -> &mut Self {
        let (start, size) =
            program.map_or((ptr::null(), 0), |program| (program.as_ptr().cast(), program.len()));
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_seccomp_bpf(spec, start, size) }))
    }

    /// A profile of Docker's kind.
    pub fn seccomp_json(&mut self, profile: &str) -> &mut Self {
        let (start, size) = (profile.as_ptr().cast(), profile.len());
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_seccomp_json(spec, start, size) }))
    }

    /// An AppArmor profile.
    pub fn apparmor(&mut self, profile: Option<&str>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_apparmor, profile)
    }

    /// An SELinux context.
    pub fn selinux(&mut self, context: Option<&str>) -> &mut Self {
        self.set_text_or_none(sys::ct_spec_set_selinux, context)
    }

    /// What landlock restricts whether or not there are rules about it.
    pub fn landlock(&mut self, what: Landlock) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_set_landlock(spec, what.0) }))
    }

    /// What may be done with a file, or below a directory; optional: left out where there is no such path.
    pub fn add_landlock_path(
        &mut self,
        path: impl AsRef<Path>,
        access: LandlockAccess,
        optional: bool,
    ) -> &mut Self {
        let flags = if optional { sys::CT_LANDLOCK_OPTIONAL } else { 0 };
        self.set(|spec| {
            let path = c_string(path.as_ref())?;
            Ok(unsafe { sys::ct_spec_add_landlock_path(spec, path.as_ptr(), access.0, flags) })
        })
    }

    /// What may be done with a TCP port.
    pub fn add_landlock_port(&mut self, port: u16, access: LandlockPort) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_add_landlock_port(spec, port.into(), access.0) }))
    }

    /// What containers start without where the machine cannot give it.
    pub fn allow_lack(&mut self, items: impl IntoIterator<Item = Item>) -> &mut Self {
        // What is no bit is left to C to refuse.
        let bits = items.into_iter().fold(0, |bits, item| {
            bits | u32::try_from(item.0).ok().and_then(|item| 1u64.checked_shl(item)).unwrap_or(1)
        });
        self.set(|spec| Ok(unsafe { sys::ct_spec_allow_lack(spec, bits) }))
    }

    /// The same of all that may be lacking.
    pub fn allow_any_lack(&mut self) -> &mut Self {
        self.set(|spec| Ok(unsafe { sys::ct_spec_allow_lack(spec, sys::CT_LACK_ALL) }))
    }

    /// Explain mode: told of every kernel call of a start, in the thread that starts. It must not use the
    /// spec nor the container that is being made. If it panics, it is not called again in that start, and the
    /// panic goes on behind it.
    pub fn trace(&mut self, trace: impl Fn(&TraceEvent) + Send + Sync + 'static) -> &mut Self {
        let trace = Trace::new(trace);
        // What was told before is kept by the containers that may still call it.
        unsafe { sys::ct_spec_set_trace(self.raw.as_ptr(), Some(tell), Arc::as_ptr(&trace) as *mut _) };
        self.trace = Some(trace);
        self
    }

    /// No explain mode, which is the default.
    pub fn no_trace(&mut self) -> &mut Self {
        unsafe { sys::ct_spec_set_trace(self.raw.as_ptr(), None, ptr::null_mut()) };
        self.trace = None;
        self
    }
}
