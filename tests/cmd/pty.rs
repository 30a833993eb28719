//! The binary at a real terminal.
#![allow(missing_docs, clippy::unwrap_used)]

use std::{process::Command, time::Duration};

use expectrl::{Session, session::OsSession};

use crate::{cmd::key, common::World};

/// Starts a command as a member, whose passphrase is not asked for.
pub fn spawn(world: &World, member: &str, words: &[&str]) -> OsSession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    command.env_clear().env("AMANAH_STATE", world.path().join("state")).current_dir(world.path());
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", key(member)).env("NO_COLOR", "1");
    command.env("TERM", "xterm").args(["--passphrase-file", "passphrase"]).args(words);
    let mut session = Session::spawn(command).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(30)));
    session
}
