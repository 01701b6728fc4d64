//! What the library tells of a container, as plain values.
use std::ffi::CStr;
use std::fmt;
use std::time::Duration;

use container_sys as sys;

use crate::text::text_of;
use crate::{End, Error, Item, ItemState, Oom};

/// Figures that the kernel may not tell: CT_NOT_KNOWN becomes None.
macro_rules! figures {
    ($($field:ident)*) => {
        /// What a container uses and has used; see `ct_figures`. None: this kernel does not tell.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub struct Figures {
            $(pub $field: Option<u64>,)*
        }

        impl Figures {
            pub(crate) fn from_raw(raw: &sys::ct_figures) -> Self {
                // Without "..": a figure that is added in C does not compile before it is added here.
                let sys::ct_figures { size: _, reserved: _, $($field),* } = *raw;
                Figures { $($field: Some($field).filter(|&figure| figure != sys::CT_NOT_KNOWN),)* }
            }

            /// Whether anything is known at all.
            pub(crate) fn is_known(&self) -> bool {
                [$(self.$field),*].iter().any(Option::is_some)
            }

            /// Whether anything is more than 0.
            fn is_measured(&self) -> bool {
                [$(self.$field),*].iter().any(|figure| *figure != Some(0))
            }
        }
    };
}

figures! {
    cpu_us cpu_user_us cpu_system_us cpu_throttled_us cpu_throttled_count cpu_stalled_us
    memory_bytes memory_peak_bytes memory_anon_bytes memory_file_bytes memory_stalled_us
    memory_max_count memory_high_count oom_kills swap_bytes pids pids_peak pids_max_count
    io_read_bytes io_written_bytes io_reads io_writes io_stalled_us
}

/// How a container ended. `Display` says it in words.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exit {
    /// The exit code; None if a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why it ended.
    pub why: End,
    /// Whose memory ran out.
    pub oom: Oom,
    /// Whether it left a core dump.
    pub core_dumped: bool,
    /// Somebody else has waited for it, and the kernel no longer knows how it ended.
    pub lost: bool,
    /// From its start to its end.
    pub wall: Duration,
    /// Cpu time in user mode.
    pub user: Duration,
    /// Cpu time in kernel mode.
    pub system: Duration,
    /// The largest resident size; see `ct_spec_set_exact_rss(3)`.
    pub max_rss_bytes: Option<u64>,
    /// Those of its cgroup, if it had one of its own.
    pub figures: Option<Figures>,
    text: String,
}

impl Exit {
    /// Whether it exited with 0.
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }

    pub(crate) fn from_raw(raw: &sys::ct_exit) -> Self {
        let mut room = [0; 256];
        // Safety: the room is as large as is said.
        unsafe { sys::ct_exit_to_text(raw, room.as_mut_ptr(), room.len()) };
        Exit {
            code: Some(raw.code).filter(|&code| code >= 0),
            signal: Some(raw.signal).filter(|&signal| signal > 0),
            why: End(raw.why as i32),
            oom: Oom(raw.oom as i32),
            core_dumped: raw.core_dumped != 0,
            lost: raw.lost != 0,
            wall: Duration::from_micros(raw.wall_us),
            user: Duration::from_micros(raw.user_us),
            system: Duration::from_micros(raw.system_us),
            max_rss_bytes: Some(raw.max_rss_bytes).filter(|&size| size > 0),
            figures: Some(Figures::from_raw(&raw.figures)).filter(Figures::is_measured),
            text: text_of(&room),
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a container has done with one disk.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Disk {
    pub major: u32,
    pub minor: u32,
    pub read_bytes: u64,
    pub written_bytes: u64,
    pub reads: u64,
    pub writes: u64,
}

impl Disk {
    pub(crate) fn from_raw(raw: &sys::ct_io) -> Self {
        let sys::ct_io { major, minor, read_bytes, written_bytes, reads, writes } = *raw;
        Disk { major, minor, read_bytes, written_bytes, reads, writes }
    }
}

/// Ids from `inside` on are those from `outside` on in the caller's user namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct IdRange {
    pub inside: u32,
    pub outside: u32,
    pub count: u32,
}

impl IdRange {
    pub(crate) fn from_raw(raw: &sys::ct_id_range) -> Self {
        let sys::ct_id_range { inside, outside, count } = *raw;
        IdRange { inside, outside, count }
    }
}

/// How it stands with one item of what protects a container.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protection {
    /// What it is about.
    pub item: Item,
    /// Asked for or not, enforced or lacking.
    pub state: ItemState,
    /// Of what is lacking: how many parts.
    pub count: u32,
    /// Of the first of them.
    pub why: Option<Error>,
}

impl Protection {
    pub(crate) fn from_raw(raw: &sys::ct_protection) -> Self {
        Protection {
            item: Item(raw.item),
            state: ItemState(raw.state),
            count: raw.count,
            why: (raw.why.code != 0).then(|| Error::from_raw(&raw.why)),
        }
    }
}

/// The name for people, as in "masked paths".
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Safety: a constant string, whatever the number.
        f.write_str(&unsafe { CStr::from_ptr(sys::ct_item_name(self.0)) }.to_string_lossy())
    }
}
