//! `amanah unlock`: keeps your identity unlocked for a while.

use std::{
    io::{self, BufRead as _, Write as _},
    os::unix::ffi::OsStringExt as _,
    process::{Command, Stdio},
    str::FromStr,
    time::Duration,
};

use clap::Args;
use serde_json::json;

use super::{End, MAX_PATH, end, private_folder, serve::Orders, socket_of};
use crate::{
    cli::{
        context::Context,
        error::{CliError, CliResult},
        i18n::tr,
        work,
    },
    crypto::age_wrap::MAX_FILE,
};

/// Longest time: a working day.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

/// A time, as `15m` or `1h30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct For(pub Duration);

impl FromStr for For {
    type Err = CliError;

    fn from_str(text: &str) -> Result<For, CliError> {
        let bad = || CliError::UnlockTime { value: text.to_owned() };
        let time: jiff::SignedDuration = text.parse().map_err(|_| bad())?;
        let time = Duration::try_from(time).map_err(|_| bad())?;
        if (Duration::from_secs(1)..=LONGEST).contains(&time) { Ok(For(time)) } else { Err(bad()) }
    }
}

/// The arguments of `amanah unlock`.
#[derive(Debug, Args)]
pub struct UnlockArgs {
    /// For how long, as in 15m or 1h30m; at most 12h
    #[arg(long = "for", value_name = "TIME", default_value = "15m")]
    pub time: For,
}

/// Does it.
///
/// # Errors
/// Whatever went wrong, to be told by [`crate::cli::report`].
pub fn run(args: &UnlockArgs, context: &Context) -> CliResult {
    let path = context.identity()?;
    let file = work::read_file(path, MAX_FILE as u64)?;
    let folder = private_folder()?;
    let socket = socket_of(&folder, &file);
    if socket.as_os_str().len() > MAX_PATH {
        return Err(CliError::AgentFolder { path: folder.display().to_string() }.into());
    }
    let identity = work::unlock_bytes(context, path, &file)?;
    if matches!(end(&socket), End::Silent) {
        // When it ends, it takes away the socket: of the next one, if that had it by then.
        return Err(CliError::AgentSilent.into());
    }
    let seconds = args.time.0.as_secs();
    let orders = Orders { socket: socket.into_os_string().into_vec(), seconds };
    let locked = start(&orders, identity.plaintext().as_bytes()).map_err(|source| CliError::Agent { source })?;
    if !locked {
        context.terminal.warn(&tr!("not-hardened", what = "mlock"));
    }
    if context.is_json() {
        let answer = json!({ "member": identity.member, "seconds": seconds, "pages_locked": locked });
        return Ok(context.terminal.json(&answer)?);
    }
    let minutes = seconds.div_ceil(60);
    context.terminal.note(&tr!("agent-unlocked", member = &identity.member, minutes = minutes));
    Ok(())
}

/// Starts the agent; gives whether its pages are locked.
fn start(orders: &Orders, identity: &[u8]) -> io::Result<bool> {
    let mut command = Command::new(std::env::current_exe()?);
    // Nothing of the environment is its business but where the program's libraries are.
    command.arg("agent-serve").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut agent = command.spawn()?;
    let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
    let mut input = agent.stdin.take().ok_or_else(broken)?;
    input.write_all(&[&serde_json::to_vec(orders)?[..], b"\n"].concat())?;
    input.write_all(identity)?;
    drop(input);
    let mut said = String::new();
    io::BufReader::new(agent.stdout.take().ok_or_else(broken)?).read_line(&mut said)?;
    match said.as_str() {
        "locked\n" => Ok(true),
        "unlocked\n" => Ok(false),
        _ => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, seconds) in [("15m", 900), ("1h30m", 5400), ("90s", 90), ("12h", 43_200), ("PT15M", 900)] {
            assert_eq!(text.parse::<For>().unwrap(), For(Duration::from_secs(seconds)), "{text}");
        }
        for bad in ["", "15", "0s", "-15m", "13h", "1d", "soon"] {
            assert!(bad.parse::<For>().is_err(), "{bad}");
        }
    }
}
