//! Runs a command in a root filesystem and tells how it ended.
//!
//!     run ROOTFS.tar.gz DIRECTORY COMMAND [ARGUMENT...]
//!
//! The tarball is extracted to the directory, unless that is there already.
use std::env;
use std::path::Path;
use std::process::exit;

use container::{Rootfs, Spec};

fn run(archive: &str, directory: &str, command: &[String]) -> container::Result<i32> {
    let rootfs = if Path::new(directory).exists() {
        Rootfs::open(directory)?
    } else {
        Rootfs::extract(archive, directory)?
    };
    let container = Spec::new().rootfs(&rootfs).argv(command).spawn()?;
    let how = container.wait()?;
    eprintln!("{}", how);
    Ok(how.code.unwrap_or(128 + how.signal.unwrap_or(0)))
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [archive, directory, command @ ..] if !command.is_empty() => {
            exit(run(archive, directory, command).unwrap_or_else(|error| {
                eprintln!("run: {:#}", error);
                125
            }))
        }
        _ => {
            eprintln!("usage: run ROOTFS.tar.gz DIRECTORY COMMAND [ARGUMENT...]");
            exit(125)
        }
    }
}
