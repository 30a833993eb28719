//! The process protects its memory and its files. Its own test binary, because it changes the
//! process.

#![allow(clippy::unwrap_used, reason = "a test may fail")]
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
    assert!(amanah::cli::hardening::harden().is_empty());
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
