//! The process protects its memory and its files. Its own test binary, because it changes the
//! process.

#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![allow(clippy::print_stdout, reason = "it says what it skips")]
#![cfg(target_os = "linux")]

use std::{
    fs::File,
    io::{self, Write},
    os::{fd::AsRawFd, unix::fs::PermissionsExt},
};

use amanah::cli::{
    passphrase::{Passphrases, Source},
    terminal::Terminal,
};
use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

#[test]
fn no_dumps_and_no_readers() {
    let unlimited = rustix::process::Rlimit { current: None, maximum: None };
    let may = rustix::process::setrlimit(Resource::Memlock, unlimited).is_ok();
    assert!(amanah::cli::hardening::harden().is_empty());
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let locked = status.lines().find_map(|line| line.strip_prefix("VmLck:")).unwrap().trim();
    // New memory too: it is locked when it is used.
    if may {
        assert_ne!(locked, "0 kB");
    } else {
        println!("locking all pages: skipped, this system has a limit that cannot be raised");
    }
    let limit = getrlimit(Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);

    // The files of an undumpable process in /proc belong to root; its own descriptors stay readable.
    let (reader, mut writer) = io::pipe().unwrap();
    writer.write_all(b"correct horse battery\n").unwrap();
    let passphrases = Passphrases::new(Source::Descriptor(reader.as_raw_fd().try_into().unwrap()));
    assert!(passphrases.fresh(&Terminal::new(false, false), "").is_ok());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    let file = File::create(path).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}
