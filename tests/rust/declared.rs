//! What is declared in Rust, beside what a C compiler makes of the headers.
use std::fs;
use std::process::Command;
use std::{mem, slice};

use crate::world::{skip, Outcome, World};

/// A field of a struct: its name, where it is, and how long.
pub struct Field {
    pub name: &'static str,
    pub offset: usize,
    pub size: usize,
}

/// A struct, and the bytes of its initializer if it has one.
pub struct Struct {
    pub name: &'static str,
    pub size: usize,
    pub start: Option<Vec<u8>>,
    pub fields: Vec<Field>,
}

/// The bytes of a struct that has no padding.
pub fn bytes<T: Copy>(value: &T) -> Vec<u8> {
    // Safety: as many bytes as there are, all of them written.
    unsafe { slice::from_raw_parts((value as *const T).cast::<u8>(), mem::size_of::<T>()) }.to_vec()
}

#[macro_export]
macro_rules! field {
    ($type:ident, $field:ident) => {{
        let room = std::mem::MaybeUninit::<$type>::uninit();
        let start = room.as_ptr();
        // Safety: nothing is read, addresses alone are taken.
        let field = unsafe { std::ptr::addr_of!((*start).$field) };
        Field {
            name: stringify!($field).trim_start_matches("r#"),
            offset: field as usize - start as usize,
            size: $crate::declared::size_at(field),
        }
    }};
}
pub use field;

pub fn size_at<T>(_: *const T) -> usize {
    mem::size_of::<T>()
}

/// What a C program prints that is made of these statements, line by line.
pub fn compiled(world: &World, statements: &str) -> Outcome<Vec<String>> {
    let (source, program) = (world.path("print.c"), world.path("print"));
    let text = format!(
        "#include <container/container.h>\n#include <stddef.h>\n#include <stdio.h>\n\
         static void show(const void *at, size_t size)\n{{\n\
         for (size_t i = 0; i < size; i++)\nprintf(\"%02x\", ((const unsigned char *)at)[i]);\nputs(\"\");\n}}\n\
         int main(void)\n{{\n(void)show;\n{}return 0;\n}}\n",
        statements
    );
    fs::write(&source, text)?;
    let made = Command::new("cc")
        .arg("-I")
        .arg(world.sources.join("include"))
        .args([&source])
        .arg("-o")
        .arg(&program)
        .output();
    match made {
        Err(_) => return skip("needs a C compiler"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
    }
    let output = Command::new(&program).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_string).collect())
}
