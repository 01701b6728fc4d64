//! What setters of a spec take that is more than a number or a name.
use container_sys as sys;

use crate::{DeviceAccess, SeccompCompare};

/// A condition of a rule about a system call: (argument & mask) compare value, as unsigned numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Which argument: 0 to 5.
    pub index: u32,
    /// How it is compared.
    pub compare: SeccompCompare,
    /// With what.
    pub value: u64,
    /// Which bits count; 0: all of them. An int of C has 32.
    pub mask: u64,
}

impl When {
    pub(crate) fn to_raw(self) -> sys::ct_seccomp_arg {
        let When { index, compare, value, mask } = self;
        sys::ct_seccomp_arg { index, compare: compare.0 as u32, mask, value }
    }
}

/// A device, and what it may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// 'c' or 'b': a character or a block device.
    pub kind: char,
    /// None: any.
    pub major: Option<u32>,
    /// None: any.
    pub minor: Option<u32>,
    /// What it may be used for.
    pub access: DeviceAccess,
}

impl Device {
    pub(crate) fn to_raw(self) -> sys::ct_device {
        // What does not fit is out of C's range as well.
        let number = |number: Option<u32>| {
            number.map_or(sys::CT_DEVICE_ANY, |number| i32::try_from(number).unwrap_or(i32::MAX))
        };
        sys::ct_device {
            r#type: self.kind.into(),
            access: self.access.0,
            major: number(self.major),
            minor: number(self.minor),
        }
    }
}
