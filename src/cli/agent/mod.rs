//! The agent: a process that keeps one unlocked identity for a while, so that a working day does
//! not cost a passphrase for every command.
//!
//! It listens on a socket named after the identity file's digest, in a folder that only its owner
//! enters, and talks to processes of its own user only; the kernel says whose they are
//! (`SO_PEERCRED`). A client asks with one byte:
//!
//! | byte | answer |
//! |---|---|
//! | `g` | the identity, as it stands inside its file when that is decrypted; then the end |
//! | `q` | none: the agent wipes the identity and ends |
//!
//! So every process of the same user can have the identity while the agent lives: it could read
//! the passphrase as it is typed as well. What the agent keeps from the disk, the swap space and
//! other users is the same as without it.

pub mod lock;
pub mod serve;
pub mod unlock;

use std::{
    fs, io,
    io::{Read as _, Write as _},
    os::unix::{fs::MetadataExt as _, net::UnixStream},
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::HEXLOWER;
use zeroize::Zeroizing;

use crate::{
    cli::{error::CliError, work},
    crypto::digest::sha256,
    disk,
};

/// Largest identity that an agent keeps: what is inside a file is far smaller.
pub const MAX_IDENTITY: usize = 16 * 1024;

/// How long a talk takes at most; the other side is on this machine.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longest path of a socket that the system takes, on all systems.
const MAX_PATH: usize = 100;

const GET: u8 = b'g';
const QUIT: u8 = b'q';

/// The folder of the sockets: of the session where there is one, else with the client's state.
fn folder() -> PathBuf {
    let session = std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty()).map(PathBuf::from);
    session.map_or_else(|| work::state_folder().join("agent"), |folder| folder.join("amanah"))
}

/// The socket of the agent for an identity file.
fn socket_of(folder: &Path, file: &[u8]) -> PathBuf {
    folder.join(format!("{}.sock", HEXLOWER.encode(&sha256(&[b"amanah agent/1\n", file])[..16])))
}

/// Makes the folder, and checks that nobody else can enter it.
fn private_folder() -> Result<PathBuf, CliError> {
    let folder = std::path::absolute(folder()).unwrap_or_else(|_| folder());
    let name = || folder.display().to_string();
    disk::make_folders(&folder).map_err(|source| CliError::FileUnwritable { path: name(), source })?;
    if is_private(&folder) { Ok(folder) } else { Err(CliError::AgentFolder { path: name() }) }
}

/// Whether it is a folder, no link, of this user, that nobody else enters.
fn is_private(folder: &Path) -> bool {
    fs::symlink_metadata(folder).is_ok_and(|metadata| {
        let mine = metadata.uid() == rustix::process::geteuid().as_raw();
        metadata.is_dir() && mine && metadata.mode() & 0o077 == 0
    })
}

/// What is inside an identity file, if an agent keeps it. Whatever goes wrong, there is none: then
/// the passphrase is asked for.
pub fn ask(file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let folder = folder();
    if !is_private(&folder) {
        return None;
    }
    let mut stream = talk(&socket_of(&folder, file), GET).ok()?;
    // As large as it can be: growing would leave copies behind.
    let mut identity = Zeroizing::new(vec![0; MAX_IDENTITY]);
    let mut length = 0;
    loop {
        match stream.read(&mut identity[length..]).ok()? {
            0 => break,
            read => length += read,
        }
    }
    identity.truncate(length);
    (length > 0).then_some(identity)
}

/// What came of telling the agent at a socket to end.
enum End {
    /// There is none.
    Nobody,
    /// Its identity is wiped, and its socket gone.
    Ended,
    /// It did not say so. Its socket stays, by which it can be told again.
    Silent,
}

/// Ends the agent at a socket, and takes the socket away.
fn end(socket: &Path) -> End {
    let ended = match talk(socket, QUIT) {
        Err(_) => End::Nobody,
        Ok(mut stream) => {
            // It closes the connection when the identity is wiped. Others may be before us in the queue,
            // and for each of them it can wait.
            let answer = stream.set_read_timeout(Some(2 * PATIENCE)).and_then(|()| stream.read(&mut [0]));
            if answer.is_err_and(|error| matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)) {
                return End::Silent;
            }
            End::Ended
        }
    };
    // It may have taken the socket away itself.
    let _ = fs::remove_file(socket);
    ended
}

fn talk(socket: &Path, question: u8) -> io::Result<UnixStream> {
    let mut stream = UnixStream::connect(socket)?;
    if !is_own_user(&stream) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&[question])?;
    Ok(stream)
}

/// Whether the process at the other end is of this user.
#[cfg(target_os = "linux")]
fn is_own_user(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}

/// Where the system does not tell, nobody is.
#[cfg(not(target_os = "linux"))]
fn is_own_user(_: &UnixStream) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn a_folder_that_others_enter_is_not_private() {
        let folder = tempfile::tempdir().unwrap();
        let (own, link) = (folder.path().join("own"), folder.path().join("link"));
        fs::DirBuilder::new().mode(0o700).create(&own).unwrap();
        std::os::unix::fs::symlink(&own, &link).unwrap();
        assert!(is_private(&own) && !is_private(&link) && !is_private(&folder.path().join("none")));
        for mode in [0o710, 0o701, 0o750, 0o777] {
            fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
            assert!(!is_private(&own), "{mode:o}");
        }
    }

    #[test]
    fn every_file_has_a_socket_of_its_own() {
        let name = |file: &[u8]| socket_of(Path::new("/run"), file);
        assert!(name(b"a") != name(b"b") && name(b"a") == name(b"a"));
        assert!(name(b"a").to_string_lossy().len() < 50);
    }
}
