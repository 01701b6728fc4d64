//! What the C headers of libcontainer declare, as it is there: handles, enumerations, structs and calls.
//!
//! Each call has a manual page of its name, `ct_spawn(3)`, which tells whose memory is whose, what may
//! be called from which thread, and what can fail. The crate `container` makes all of that safe.
#![allow(non_camel_case_types)]

/// A handle: C alone knows what is in it.
macro_rules! opaque {
    ($name:ident) => {
        /// A type of which C alone knows what is in it.
        #[repr(C)]
        pub struct $name {
            _inside: [u8; 0],
            _nowhere_else: PhantomData<(*mut u8, PhantomPinned)>,
        }
    };
}

#[rustfmt::skip]
mod declared;

pub use declared::*;

/// The bit of an item, for [`ct_spec_allow_lack`].
#[allow(non_snake_case)]
pub const fn CT_LACK(item: ct_item) -> u64 {
    1 << item
}
