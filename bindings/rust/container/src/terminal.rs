//! Terminals: the size of a container's, raw mode for one's own.
use std::mem::MaybeUninit;
use std::os::unix::io::{AsFd, AsRawFd};

use container_sys as sys;

use crate::error::call;
use crate::Result;

/// Room for a `struct termios`, which has 60 bytes; a test looks.
const ROOM: usize = 16;

/// The modes that a terminal had.
pub struct Modes(MaybeUninit<[u64; ROOM]>);

/// Changes the size of a terminal, by its master.
pub fn resize(terminal: impl AsFd, rows: u32, columns: u32) -> Result<()> {
    let fd = terminal.as_fd().as_raw_fd();
    call(|err| unsafe { sys::ct_terminal_resize(fd, rows, columns, err) }).map(drop)
}

/// Puts one's own terminal into raw mode; the modes that it had.
pub fn raw(terminal: impl AsFd) -> Result<Modes> {
    let fd = terminal.as_fd().as_raw_fd();
    let mut modes = Modes(MaybeUninit::uninit());
    // Safety: there is room enough, and a struct termios has no more alignment than a u64.
    call(|err| unsafe { sys::ct_terminal_raw(fd, modes.0.as_mut_ptr().cast(), err) })?;
    Ok(modes)
}

/// Gives a terminal back the modes that it had.
pub fn restore(terminal: impl AsFd, modes: &Modes) -> Result<()> {
    let fd = terminal.as_fd().as_raw_fd();
    // Safety: of raw(), which has filled it.
    call(|err| unsafe { sys::ct_terminal_restore(fd, modes.0.as_ptr().cast(), err) }).map(drop)
}
