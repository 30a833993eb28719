//! The agent itself. `amanah unlock` starts it, and hands over the identity through a pipe.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Write as _},
    os::{
        fd::AsFd as _,
        unix::{
            ffi::OsStrExt as _,
            fs::MetadataExt as _,
            net::{UnixListener, UnixStream},
        },
    },
    path::Path,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    time::{ClockId, clock_gettime},
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{GET, MAX_IDENTITY, PATIENCE, QUIT, is_own_user};
use crate::cli::{
    context::Context,
    error::{CliError, CliResult},
};

/// How long nothing is looked at, at most: so much later than said the agent ends.
const NAP: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// A machine that did not run for so long has slept.
const SLEPT: Duration = Duration::from_secs(2);

/// What the agent is told before the identity.
#[derive(Debug, Serialize, Deserialize)]
pub struct Orders {
    /// Where to listen: the bytes of a path, which need not be text.
    pub socket: Vec<u8>,
    /// For how many seconds.
    pub seconds: u64,
}

/// Does it. Reads from the standard input a line of JSON with the [`Orders`], then the identity;
/// says on the standard output whether its pages are locked, and serves until its time is over.
///
/// # Errors
/// What it was told makes no sense, or the socket cannot be made.
pub fn run(_: &Context) -> CliResult {
    let failed = |source| CliError::Agent { source };
    // Not the buffered input of the standard library, which would keep a copy of what passes.
    let mut input = File::from(io::stdin().as_fd().try_clone_to_owned().map_err(failed)?);
    // A session of its own: the terminal that goes away does not end it. It fails for the leader of
    // a session, which is what is wanted.
    let _ = rustix::process::setsid();
    std::env::set_current_dir("/").map_err(failed)?;
    let orders = read_orders(&mut input).map_err(failed)?;
    let mut identity = Zeroizing::new(vec![0; MAX_IDENTITY]);
    // Before the secret is there. The system can refuse, as with RLIMIT_MEMLOCK: it is told.
    let guard = region::lock(identity.as_ptr(), identity.len()).ok();
    let length = read_identity(&mut input, &mut identity).map_err(failed)?;
    drop(input);
    let path = Path::new(OsStr::from_bytes(&orders.socket));
    let listener = UnixListener::bind(path).map_err(failed)?;
    let socket = Socket::new(path).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let told: &[u8] = if guard.is_some() { b"locked\n" } else { b"unlocked\n" };
    io::stdout().write_all(told).and_then(|()| io::stdout().flush()).map_err(failed)?;
    let last = serve(&listener, &socket, &identity[..length], Limit::from_now(orders.seconds)).map_err(failed)?;
    identity.zeroize();
    // Whoever has asked for the end is answered when nothing is left: not the socket either, whose place
    // the next agent may take at once.
    drop(socket);
    drop(last);
    Ok(())
}

fn read_orders(input: &mut File) -> io::Result<Orders> {
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < 4096 {
        input.read_exact(&mut byte)?;
        if byte[0] == b'\n' {
            return Ok(serde_json::from_slice(&line)?);
        }
        line.push(byte[0]);
    }
    Err(ErrorKind::InvalidData.into())
}

fn read_identity(input: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    loop {
        match input.read(&mut into[length..]) {
            // What fills it all is longer than any identity.
            Ok(0) if length == 0 || length == into.len() => return Err(ErrorKind::InvalidData.into()),
            Ok(0) => return Ok(length),
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Serves until the limit, or until it is told to end: gives the connection of who told it. Ends too
/// when its socket is gone, as at the end of a session: nobody could tell it any more.
fn serve(
    listener: &UnixListener,
    socket: &Socket<'_>,
    identity: &[u8],
    limit: Limit,
) -> io::Result<Option<UnixStream>> {
    loop {
        let mut fds = [PollFd::new(listener, PollFlags::IN)];
        match poll(&mut fds, Some(&NAP)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // Before anything is handed out: who wakes the machine up finds it locked.
        if limit.is_over(&Clocks::read()) || !socket.is_there() {
            return Ok(None);
        }
        let Ok((stream, _)) = listener.accept() else { continue };
        // Who asks badly gets nothing; the next one is heard.
        if let Ok(Some(last)) = answer(stream, identity) {
            return Ok(Some(last));
        }
    }
}

fn answer(mut stream: UnixStream, identity: &[u8]) -> io::Result<Option<UnixStream>> {
    if !is_own_user(&stream) {
        return Ok(None);
    }
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut question = [0];
    stream.read_exact(&mut question)?;
    match question[0] {
        GET => stream.write_all(identity).map(|()| None),
        QUIT => Ok(Some(stream)),
        _ => Ok(None),
    }
}

/// The socket as a file; taken away at the end, if it is still the one that was made here.
struct Socket<'a> {
    path: &'a Path,
    made: (u64, u64),
}

impl Socket<'_> {
    fn new(path: &Path) -> io::Result<Socket<'_>> {
        Ok(Socket { path, made: Socket::which(path)? })
    }

    /// The file of a listener that lives keeps its number.
    fn which(path: &Path) -> io::Result<(u64, u64)> {
        fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
    }

    fn is_there(&self) -> bool {
        Socket::which(self.path).is_ok_and(|file| file == self.made)
    }
}

impl Drop for Socket<'_> {
    fn drop(&mut self) {
        // `lock` may have been faster, and another agent may have its place.
        if self.is_there() {
            let _ = fs::remove_file(self.path);
        }
    }
}

/// Two clocks: one goes on while the machine sleeps.
#[derive(Debug, Clone, Copy)]
struct Clocks {
    always: Duration,
    awake: Duration,
}

impl Clocks {
    fn read() -> Clocks {
        let read = |clock| {
            let time = clock_gettime(clock);
            Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
        };
        #[cfg(target_os = "linux")]
        let always = read(ClockId::Boottime);
        #[cfg(not(target_os = "linux"))]
        let always = read(ClockId::Realtime);
        Clocks { always, awake: read(ClockId::Monotonic) }
    }
}

/// Until when the identity is kept.
#[derive(Debug)]
struct Limit {
    began: Clocks,
    time: Duration,
}

impl Limit {
    fn from_now(seconds: u64) -> Limit {
        Limit { began: Clocks::read(), time: Duration::from_secs(seconds) }
    }

    /// Whether the time is over, or the machine has slept.
    fn is_over(&self, now: &Clocks) -> bool {
        let passed = now.always.saturating_sub(self.began.always);
        let awake = now.awake.saturating_sub(self.began.awake);
        passed >= self.time || passed.saturating_sub(awake) >= SLEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_sleep_end_it() {
        let at = |always, awake| Clocks { always: Duration::from_secs(always), awake: Duration::from_secs(awake) };
        let limit = Limit { began: at(1_000, 400), time: Duration::from_secs(900) };
        assert!(!limit.is_over(&at(1_000, 400)) && !limit.is_over(&at(1_899, 1_299)));
        assert!(limit.is_over(&at(1_900, 1_300)), "the time is over");
        assert!(!limit.is_over(&at(1_011, 410)), "a second is the clocks' own");
        assert!(limit.is_over(&at(1_060, 410)), "it has slept");
    }

    #[test]
    fn what_is_no_identity_is_not_kept() {
        let file = |bytes: &[u8]| {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            io::Seek::rewind(&mut file).unwrap();
            file
        };
        let mut into = [0; 8];
        assert!(read_identity(&mut file(b""), &mut into).is_err());
        assert!(read_identity(&mut file(b"12345678"), &mut into).is_err());
        assert_eq!(read_identity(&mut file(b"1234567"), &mut into).unwrap(), 7);
        let orders = read_orders(&mut file(b"{\"socket\":[47,255],\"seconds\":7}\nsecret")).unwrap();
        assert_eq!((&orders.socket[..], orders.seconds), (&b"/\xff"[..], 7));
        for bad in [&b"{}\n"[..], b"\n", b"no end", &[b'x'; 5000]] {
            assert!(read_orders(&mut file(bad)).is_err());
        }
    }
}
