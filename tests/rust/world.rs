//! What the sentences share: a root filesystem, and a look at what was left.
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io, panic};

use container::{Error, Item, Rootfs, Spec};

/// Why a sentence is not true, or was not looked at.
pub enum Verdict {
    Failed(String),
    Skipped(String),
}

pub type Outcome<T = ()> = Result<T, Verdict>;

impl From<Error> for Verdict {
    fn from(error: Error) -> Self {
        Verdict::Failed(format!("{:#}", error))
    }
}

impl From<io::Error> for Verdict {
    fn from(error: io::Error) -> Self {
        Verdict::Failed(error.to_string())
    }
}

pub fn skip<T>(reason: impl Into<String>) -> Outcome<T> {
    Err(Verdict::Skipped(reason.into()))
}

pub struct World {
    pub sources: PathBuf,
    work: PathBuf,
    rootfs: Result<Rootfs, String>,
}

impl World {
    pub fn new() -> Self {
        let work = env::temp_dir().join(format!("test_rust-{}", std::process::id()));
        fs::create_dir(&work).expect("a directory to work in");
        let sources = PathBuf::from(env::var_os("CT_SOURCES").expect("CT_SOURCES, which run.py sets"));
        let rootfs = make_rootfs(&sources, &work);
        World { sources, work, rootfs }
    }

    /// A path that is nobody's, in a directory that goes in the end.
    pub fn path(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }

    /// A small root filesystem, packed.
    pub fn tarball(&self) -> Outcome<PathBuf> {
        let path = self.path("rootfs.tar.gz");
        if path.exists() {
            Ok(path)
        } else {
            skip("needs a static busybox, tar and gzip")
        }
    }

    /// The same, unpacked, where containers can be started.
    pub fn rootfs(&self) -> Outcome<&Rootfs> {
        self.rootfs.as_ref().or_else(skip)
    }

    /// A spec that runs a command of a shell in it.
    pub fn shell(&self, command: &str) -> Outcome<Spec> {
        let mut spec = Spec::new();
        spec.rootfs(self.rootfs()?).argv(["sh", "-c", command]);
        Ok(spec)
    }

    /// What a command of a shell in it prints.
    pub fn says(&self, spec: &mut Spec) -> Outcome<String> {
        let output = spec.output()?;
        assert!(output.exit.success(), "{}: {}", output.exit, String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_string())
    }

    /// Skips where no cgroup may be made.
    pub fn needs_cgroup(&self) -> Outcome {
        match self.shell("true")?.cgroup(true).spawn() {
            Ok(_) => Ok(()),
            Err(error) => skip(format!("needs a cgroup in which others may be made: {}", error)),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // What belongs to subordinate ids the library alone can remove.
        if let Err(error) = Rootfs::remove(&self.work) {
            eprintln!("{:#}", error);
        }
    }
}

fn make_rootfs(sources: &Path, work: &Path) -> Result<Rootfs, String> {
    let tarball = work.join("rootfs.tar.gz");
    let made = Command::new(sources.join("examples/rootfs.sh")).arg(&tarball).output();
    if !made.map_or(false, |output| output.status.success()) {
        return Err("needs a static busybox, tar and gzip".to_string());
    }
    let rootfs = Rootfs::extract(&tarball, work.join("rootfs")).map_err(|error| error.to_string())?;
    match Spec::new().rootfs(&rootfs).argv(["true"]).spawn() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(format!("needs the right to start containers: {}", error))
        }
        _ => Ok(rootfs),
    }
}

/// The descriptors and children of this process.
pub fn left() -> (Vec<String>, Vec<String>) {
    let names = |path: &str| -> Vec<String> {
        let entries = fs::read_dir(path).expect("/proc").flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let mut fds = names("/proc/self/fd");
    fds.sort();
    let mut children: Vec<String> = Vec::new();
    for task in names("/proc/self/task") {
        // A thread may have ended.
        let text = fs::read_to_string(format!("/proc/self/task/{}/children", task)).unwrap_or_default();
        children.extend(text.split_whitespace().map(str::to_string));
    }
    children.sort();
    (fds, children)
}

/// What a function panics with; the panic is not told to anybody else.
pub fn panic_of(function: impl FnOnce()) -> Option<String> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(panic::AssertUnwindSafe(function));
    panic::set_hook(hook);
    result.err().map(|payload| payload.downcast_ref::<&str>().unwrap_or(&"something else").to_string())
}

/// The item of what protects a container.
pub fn state_of(container: &container::Container, item: Item) -> container::ItemState {
    container.protection().into_iter().find(|one| one.item == item).expect("every item").state
}
