//! Declarations: what stands in Rust is what the headers say.
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::declared::compiled;
use crate::layout::{structs, NUMBERS};
use crate::sentences;
use crate::world::{skip, Outcome, World};

sentences! {
    test_declarations_are_those_that_the_headers_give
    test_structs_have_the_sizes_and_offsets_that_a_compiler_gives_them
    test_initializers_are_those_that_a_compiler_makes
    test_numbers_are_those_that_a_compiler_sees
    test_modes_of_a_terminal_have_room
    test_every_exported_call_is_declared_and_no_other
    test_every_exported_call_is_used_by_the_safe_part
    test_crates_have_the_version_of_the_library
}

fn test_declarations_are_those_that_the_headers_give(world: &World) -> Outcome {
    let script = world.sources.join("bindings/rust/declare.py");
    match Command::new("python3").arg(script).arg("--check").output() {
        Err(_) => skip("needs python3"),
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Ok(())
        }
    }
}

fn test_structs_have_the_sizes_and_offsets_that_a_compiler_gives_them(world: &World) -> Outcome {
    let (mut statements, mut expected) = (String::new(), Vec::new());
    for one in structs() {
        statements += &format!("printf(\"{0} %zu\\n\", sizeof({0}));\n", one.name);
        expected.push(format!("{} {}", one.name, one.size));
        for field in one.fields {
            statements += &format!(
                "printf(\"{0}.{1} %zu %zu\\n\", offsetof({0}, {1}), sizeof((({0} *)0)->{1}));\n",
                one.name, field.name
            );
            expected.push(format!("{}.{} {} {}", one.name, field.name, field.offset, field.size));
        }
    }
    assert!(expected.len() > 150);
    assert_eq!(compiled(world, &statements)?, expected);
    Ok(())
}

fn test_initializers_are_those_that_a_compiler_makes(world: &World) -> Outcome {
    let (mut statements, mut expected) = (String::new(), Vec::new());
    for one in structs() {
        let start = match one.start {
            Some(start) => start,
            None => continue,
        };
        let macro_ = format!("{}_INIT", one.name.to_uppercase());
        statements += &format!("{{\nstatic const {} made = {};\n", one.name, macro_);
        for field in one.fields {
            statements += &format!("show(&made.{0}, sizeof(made.{0}));\n", field.name);
            let bytes = &start[field.offset..field.offset + field.size];
            expected.push(bytes.iter().map(|byte| format!("{:02x}", byte)).collect::<String>());
        }
        statements += "}\n";
    }
    assert!(expected.len() > 80);
    assert_eq!(compiled(world, &statements)?, expected);
    Ok(())
}

fn test_numbers_are_those_that_a_compiler_sees(world: &World) -> Outcome {
    let print = |name| format!("printf(\"%llu %d\\n\", (unsigned long long)({0}), ({0}) < 0);\n", name);
    let statements: String = NUMBERS.iter().map(|(name, _)| print(name)).collect();
    let expected: Vec<String> =
        NUMBERS.iter().map(|(_, value)| format!("{} {}", *value as u64, i32::from(*value < 0))).collect();
    assert!(expected.len() > 300);
    let printed = compiled(world, &statements)?;
    for (index, (name, _)) in NUMBERS.iter().enumerate() {
        assert_eq!(printed[index], expected[index], "{}", name);
    }
    Ok(())
}

fn test_modes_of_a_terminal_have_room(world: &World) -> Outcome {
    let print = "printf(\"%zu %zu\\n\", sizeof(struct termios), _Alignof(struct termios));\n";
    let printed = compiled(world, print)?;
    let numbers: Vec<usize> = printed[0].split(' ').map(|number| number.parse().unwrap()).collect();
    assert!(numbers[0] <= std::mem::size_of::<container::terminal::Modes>());
    assert!(numbers[1] <= std::mem::align_of::<container::terminal::Modes>());
    Ok(())
}

fn exported(world: &World) -> Outcome<Vec<String>> {
    let map = fs::read_to_string(world.sources.join("lib/libcontainer.map"))?;
    let names = map.lines().map(str::trim).filter(|line| line.starts_with("ct_") && line.ends_with(';'));
    let mut names: Vec<String> = names.map(|line| line.trim_end_matches(';').to_string()).collect();
    names.sort();
    Ok(names)
}

fn test_every_exported_call_is_declared_and_no_other(world: &World) -> Outcome {
    let text = fs::read_to_string(world.sources.join("bindings/rust/container-sys/src/declared.rs"))?;
    let mut names: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("    pub fn ")?.split('(').next())
        .map(str::to_string)
        .collect();
    names.sort();
    assert_eq!(names, exported(world)?);
    Ok(())
}

/// The text of all sources below a directory.
fn sources_below(directory: &Path) -> Outcome<String> {
    let mut text = String::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        text += &if path.is_dir() { sources_below(&path)? } else { fs::read_to_string(path)? };
    }
    Ok(text)
}

fn test_every_exported_call_is_used_by_the_safe_part(world: &World) -> Outcome {
    let text = sources_below(&world.sources.join("bindings/rust/container/src"))?;
    let words: std::collections::HashSet<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let unused: Vec<String> =
        exported(world)?.into_iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "{:?}", unused);
    Ok(())
}

fn test_crates_have_the_version_of_the_library(world: &World) -> Outcome {
    assert_eq!(container::version(), container_sys::CT_VERSION_STRING);
    for name in ["container", "container-sys"] {
        let manifest = world.sources.join("bindings/rust").join(name).join("Cargo.toml");
        let text = fs::read_to_string(manifest)?;
        assert!(text.contains(&format!("\nversion = \"{}\"\n", container::version())), "{}", name);
    }
    Ok(())
}
