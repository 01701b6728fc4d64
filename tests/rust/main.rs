//! Sentences about the Rust crates: run.py builds and runs this.
//!
//! Arguments are the names of those to run; without any it is all. Those that cannot be run here are
//! skipped with a reason. The last line is that of Check, by which tests of every language are counted.
#![deny(dead_code)] // a sentence that is in no table

mod declared;
#[rustfmt::skip]
mod layout;
mod test_declared;
mod test_handles;
mod test_inside;
mod test_prepare;
mod test_rootfs;
mod test_spawn;
mod world;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::exit;

use world::{left, Outcome, Verdict, World};

/// A sentence: its name, and what makes it true.
pub type Sentence = (&'static str, fn(&World) -> Outcome);

/// The names and functions of a file, as one table.
#[macro_export]
macro_rules! sentences {
    ($($name:ident)*) => {
        pub const SENTENCES: &[$crate::Sentence] = &[$((stringify!($name), $name)),*];
    };
}

/// Runs one: it must not leave a descriptor or a child.
fn judge(world: &World, test: fn(&World) -> Outcome) -> Outcome {
    let before = left();
    catch_unwind(AssertUnwindSafe(|| test(world)))
        .unwrap_or_else(|_| Err(Verdict::Failed("it panicked".to_string())))?;
    match left() {
        after if after == before => Ok(()),
        after => Err(Verdict::Failed(format!("it left {:?}, before there was {:?}", after, before))),
    }
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let tables = [
        test_declared::SENTENCES,
        test_rootfs::SENTENCES,
        test_spawn::SENTENCES,
        test_prepare::SENTENCES,
        test_inside::SENTENCES,
        test_handles::SENTENCES,
    ];
    let world = World::new();
    let (mut checks, mut failures) = (0, 0);
    for (name, test) in tables.into_iter().flatten() {
        if !wanted.is_empty() && !wanted.iter().any(|one| one == name) {
            continue;
        }
        match judge(&world, *test) {
            Err(Verdict::Skipped(reason)) => {
                println!("  skipped  {}: {}", name, reason);
                continue;
            }
            Err(Verdict::Failed(why)) => {
                failures += 1;
                println!("  FAILED   {}: {}", name, why);
            }
            Ok(()) => println!("  ok       {}", name),
        }
        checks += 1;
    }
    drop(world);
    let passed = 100 * (checks - failures) / checks.max(1);
    println!("{}%: Checks: {}, Failures: {}, Errors: 0", passed, checks, failures);
    exit(i32::from(failures > 0));
}
