//! Finds libcontainer: in the directory that LIBCONTAINER_LIB_DIR names, else by pkg-config.
use std::env;
use std::process::{exit, Command};

const KNOWS: [&str; 5] =
    ["LIBCONTAINER_LIB_DIR", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for name in KNOWS {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    if let Ok(directory) = env::var("LIBCONTAINER_LIB_DIR") {
        println!("cargo:rustc-link-search=native={}", directory);
        println!("cargo:rustc-link-lib=container");
        return;
    }
    let flags = ask_pkg_config().unwrap_or_else(|why| {
        eprintln!("libcontainer was not found: {}", why.trim_end());
        eprintln!(
            "install it (meson install), or name the directory of libcontainer.so in LIBCONTAINER_LIB_DIR"
        );
        exit(1)
    });
    for flag in flags.split_whitespace() {
        if let Some(directory) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={}", directory);
        } else if let Some(library) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib={}", library);
        }
    }
}

/// What it takes to link; or, in words, why that is not known.
fn ask_pkg_config() -> Result<String, String> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_string());
    let output = Command::new(&program)
        .args(["--libs", "container >= 0.1"])
        .output()
        .map_err(|error| format!("{}: {}", program, error))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}
