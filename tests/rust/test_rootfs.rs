//! Root filesystems: where an archive comes from, what stops an extraction, what is left.
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::process::Command;

use container::{Extract, Extraction, Image, Owners, Rootfs, Spec, Step};

use crate::sentences;
use crate::world::{panic_of, skip, Outcome, World};

sentences! {
    test_archives_come_from_files_descriptors_memory_and_readers
    test_a_destination_that_is_there_is_refused_and_replaced_when_asked
    test_progress_is_told_and_can_cancel
    test_a_panic_of_progress_goes_on_and_leaves_nothing
    test_the_error_of_a_reader_is_that_of_the_extraction
    test_a_panic_of_a_reader_goes_on_and_leaves_nothing
    test_quotas_end_an_extraction
    test_records_are_made_real_where_there_are_any
    test_programs_run_from_an_image
    test_what_is_no_image_is_refused
    test_a_path_with_a_nul_is_refused_before_anything_is_done
}

fn test_archives_come_from_files_descriptors_memory_and_readers(world: &World) -> Outcome {
    let tarball = world.tarball()?;
    let bytes = fs::read(&tarball)?;
    let mut options = Extraction::new();
    let made = [
        options.path(&tarball, world.path("by-path"))?,
        options.fd(File::open(&tarball)?, world.path("by-fd"))?,
        options.bytes(&bytes, world.path("by-bytes"))?,
        options.reader(bytes.as_slice(), world.path("by-reader"))?,
    ];
    let first = made[0].stats().expect("it was extracted");
    assert!(first.entries > 10);
    for rootfs in &made {
        assert_eq!(rootfs.stats().expect("it was extracted").entries, first.entries);
    }
    for name in ["by-path", "by-fd", "by-bytes", "by-reader"] {
        assert!(world.path(name).join("bin/busybox").exists());
        Rootfs::remove(world.path(name))?;
        assert!(!world.path(name).exists());
    }
    Ok(())
}

fn test_a_destination_that_is_there_is_refused_and_replaced_when_asked(world: &World) -> Outcome {
    let (tarball, dest) = (world.tarball()?, world.path("twice"));
    drop(Rootfs::extract(&tarball, &dest)?);
    let error = Rootfs::extract(&tarball, &dest).expect_err("it is there");
    assert_eq!((error.step(), error.kind()), (Step::DESTINATION, io::ErrorKind::AlreadyExists));
    assert!(error.cure().is_some());
    fs::write(dest.join("mine"), "")?;
    Extraction::new().flags(Extract::REPLACE | Extract::NO_OWNER).path(&tarball, &dest)?;
    assert!(!dest.join("mine").exists());
    assert!(Rootfs::open(&dest)?.stats().is_none());
    Rootfs::remove(&dest)?;
    Ok(())
}

fn test_progress_is_told_and_can_cancel(world: &World) -> Outcome {
    let (tarball, dest) = (world.tarball()?, world.path("cancelled"));
    let entries = Cell::new(0);
    let error = Extraction::new()
        .progress(|now| {
            entries.set(now.entries);
            if now.entries < 5 {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })
        .path(tarball, &dest)
        .expect_err("it was cancelled");
    assert_eq!((error.step(), entries.get()), (Step::CANCEL, 5));
    assert!(!dest.exists());
    Ok(())
}

fn test_a_panic_of_progress_goes_on_and_leaves_nothing(world: &World) -> Outcome {
    let (tarball, dest) = (world.tarball()?, world.path("panicked"));
    let calls = Cell::new(0);
    let said = panic_of(|| {
        let _ = Extraction::new()
            .progress(|_| {
                calls.set(calls.get() + 1);
                panic!("enough of it")
            })
            .path(&tarball, &dest);
    });
    assert_eq!((said.as_deref(), calls.get()), (Some("enough of it"), 1));
    assert!(!dest.exists());
    Ok(())
}

/// Gives some bytes, and then something else.
struct Then<'a, F: FnMut() -> io::Result<usize>>(&'a [u8], F);

impl<F: FnMut() -> io::Result<usize>> Read for Then<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return self.1();
        }
        self.0.read(buffer)
    }
}

fn test_the_error_of_a_reader_is_that_of_the_extraction(world: &World) -> Outcome {
    let (bytes, dest) = (fs::read(world.tarball()?)?, world.path("unread"));
    let half = &bytes[..bytes.len() / 2];
    let mut interrupted = false;
    let reader = Then(half, || {
        if !interrupted {
            interrupted = true;
            return Err(io::ErrorKind::Interrupted.into());
        }
        Err(io::Error::from_raw_os_error(104)) // ECONNRESET
    });
    let error = Extraction::new().reader(reader, &dest).expect_err("half an archive");
    assert_eq!((error.step(), error.errno()), (Step::ARCHIVE, 104));
    let reader = Then(half, || Err(io::Error::new(io::ErrorKind::Other, "no number")));
    let error = Extraction::new().reader(reader, &dest).expect_err("half an archive");
    assert_eq!((error.step(), error.errno()), (Step::ARCHIVE, 5)); // EIO
    assert!(!dest.exists());
    Ok(())
}

fn test_a_panic_of_a_reader_goes_on_and_leaves_nothing(world: &World) -> Outcome {
    let (bytes, dest) = (fs::read(world.tarball()?)?, world.path("unread"));
    let said = panic_of(|| {
        let reader = Then(&bytes[..1000], || panic!("no more"));
        let _ = Extraction::new().reader(reader, &dest);
    });
    assert_eq!(said.as_deref(), Some("no more"));
    assert!(!dest.exists());
    Ok(())
}

fn test_quotas_end_an_extraction(world: &World) -> Outcome {
    let (tarball, dest) = (world.tarball()?, world.path("bounded"));
    let error = Extraction::new().max_bytes(Some(1000)).path(&tarball, &dest).expect_err("over it");
    assert_eq!(error.step(), Step::QUOTA);
    let error = Extraction::new().max_entries(Some(3)).path(&tarball, &dest).expect_err("over it");
    assert_eq!(error.step(), Step::QUOTA);
    let mut options = Extraction::new();
    options.max_bytes(None).max_entries(None).max_file_bytes(None).max_ratio(None).max_depth(16);
    options.path(&tarball, &dest)?;
    Rootfs::remove(&dest)?;
    Ok(())
}

fn test_records_are_made_real_where_there_are_any(world: &World) -> Outcome {
    let (tarball, dest) = (world.tarball()?, world.path("restored"));
    let mut rootfs = Rootfs::extract(&tarball, &dest)?;
    let stats = rootfs.stats().expect("it was extracted");
    if stats.owners != Owners::RECORDED {
        rootfs.restore(&mut Extraction::new())?;
        assert_eq!(rootfs.stats().expect("it was restored").entries, 0);
    }
    Rootfs::remove(&dest)?;
    Ok(())
}

fn test_programs_run_from_an_image(world: &World) -> Outcome {
    world.rootfs()?;
    let path = world.path("image");
    let flags = ["-noappend", "-no-progress", "-noD", "-noF"];
    match Command::new("mksquashfs").args([&world.path("rootfs"), &path]).args(flags).output() {
        Err(_) => return skip("needs mksquashfs"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
    }
    let by_path = match Rootfs::image(&path, Image::NONE) {
        Err(error) if error.step() == Step::ROOTFS => {
            return skip(format!("needs the right and a kernel to mount images: {}", error))
        }
        mounted => mounted?,
    };
    for rootfs in [by_path, Rootfs::image_fd(File::open(&path)?, Image::SUID)?] {
        let mut spec = Spec::new();
        spec.rootfs(&rootfs).argv(["head", "-c", "4", "/etc/passwd"]);
        drop(rootfs);
        assert_eq!(world.says(&mut spec)?, "root");
        assert_eq!(spec.argv(["touch", "/new"]).output()?.exit.code, Some(1));
    }
    Ok(())
}

fn test_what_is_no_image_is_refused(world: &World) -> Outcome {
    let tarball = world.tarball()?;
    for refused in
        [Rootfs::image(&tarball, Image::NONE), Rootfs::image_fd(File::open(&tarball)?, Image::NONE)]
    {
        assert_eq!(refused.expect_err("an archive").step(), Step::ROOTFS);
    }
    assert_eq!(Rootfs::image(world.path(""), Image::NONE).expect_err("a directory").errno(), 21); // EISDIR
    assert_eq!(Rootfs::image(&tarball, Image(1 << 9)).expect_err("no flag").step(), Step::ARGUMENT);
    assert_eq!(Rootfs::image("a\0b", Image::NONE).expect_err("a NUL").errno(), 22);
    Ok(())
}

fn test_a_path_with_a_nul_is_refused_before_anything_is_done(world: &World) -> Outcome {
    let dest = world.path("nul");
    let error = Rootfs::extract("rootfs\0.tar", &dest).expect_err("a NUL");
    assert_eq!((error.step(), error.errno()), (Step::ARGUMENT, 22));
    assert!(error.to_string().contains("NUL at byte 6"), "{}", error);
    assert!(!dest.exists());
    Ok(())
}
