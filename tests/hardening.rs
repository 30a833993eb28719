//! The process protects its memory and its files. Its own test binary, because it changes the
//! process.

#![cfg(target_os = "linux")]

use std::{fs::File, os::unix::fs::PermissionsExt};

use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

#[test]
fn no_dumps_and_no_readers() {
    assert!(amanah::cli::hardening::harden().is_empty());
    let limit = getrlimit(Resource::Core);
    assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    let file = File::create(path).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}
