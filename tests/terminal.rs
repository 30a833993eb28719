//! What the binary does when its output goes wrong.

#![allow(clippy::unwrap_used, reason = "a test may fail")]
#![cfg(unix)]

use std::{
    fs::File,
    io,
    process::{Command, Stdio},
};

fn completions(stdout: impl Into<Stdio>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    let output = command.env_clear().args(["completions", "bash"]).stdout(stdout).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    assert_eq!(completions(writer), (Some(0), String::new()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let (code, error) = completions(full);
    assert_eq!(code, Some(9));
    assert!(error.starts_with("error: the answer could not be written: no space is left on the disk\n"), "{error}");
}
