//! `amanah unlock` and `lock`: an identity is kept for a while, for its owner, and no longer.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(target_os = "linux")]

mod cmd;
mod common;

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt as _, PermissionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::PathBuf,
    thread::sleep,
    time::Duration,
};

use assert_cmd::Command;
use cmd::{Ran, amanah, by, key, run};
use common::{CLINICAL, REGISTRY, World};

/// A member without a passphrase.
fn bare(world: &World, member: &str) -> Command {
    let mut command = amanah(world);
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", key(member));
    command
}

fn list(world: &World, member: &str) -> Ran {
    run(&mut bare(world, member), "record list child -p care --json")
}

fn sockets(world: &World) -> Vec<PathBuf> {
    let files = fs::read_dir(world.path().join("state/agent")).unwrap();
    files.map(|entry| entry.unwrap().path()).collect()
}

/// Ends the agents also when a test fails.
struct Locked<'a>(&'a World);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        run(&mut amanah(self.0), "lock");
    }
}

#[test]
fn for_a_while_no_passphrase_is_asked_for() {
    let world = World::new();
    let _locked = Locked(&world);
    run(&mut by(&world, REGISTRY), "init vault").ok();
    assert_ne!(list(&world, REGISTRY).code, 0, "nobody has unlocked anything");
    let said = run(&mut by(&world, REGISTRY), "unlock --for 5m --json").json();
    assert_eq!((&said["member"], &said["seconds"]), (&REGISTRY.into(), &300.into()));
    list(&world, REGISTRY).json();
    // Of another identity it has nothing.
    assert_ne!(list(&world, CLINICAL).code, 0);
    let folder = world.path().join("state/agent");
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    let [socket] = &sockets(&world)[..] else { panic!("{:?}", sockets(&world)) };
    assert_eq!(fs::metadata(socket).unwrap().mode() & 0o077, 0);
    // Asked badly, it says nothing and goes on.
    for question in [&b"x"[..], b""] {
        let mut stream = UnixStream::connect(socket).unwrap();
        stream.write_all(question).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.is_empty());
    }
    // Unlocked again there is still one.
    run(&mut by(&world, REGISTRY), "unlock --for 5m").ok();
    assert_eq!(sockets(&world).len(), 1);
    list(&world, REGISTRY).json();
    // The passphrase is changed only by who knows it.
    assert_ne!(run(&mut bare(&world, REGISTRY), "keys passphrase").code, 0);
    // A folder that others enter is not trusted, neither to ask in nor to listen in.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    assert_ne!(list(&world, REGISTRY).code, 0);
    run(&mut by(&world, REGISTRY), "unlock --json").refused(6, "agent-folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();

    assert_eq!(run(&mut amanah(&world), "lock --json").json()["ended"], 1);
    assert!(sockets(&world).is_empty());
    assert_ne!(list(&world, REGISTRY).code, 0);
    assert_eq!(run(&mut amanah(&world), "lock --json").json()["ended"], 0);
}

/// An agent that is held up is not said to have ended, and takes no other's socket away when it ends.
#[test]
fn an_agent_that_does_not_answer_is_told_of() {
    let world = World::new();
    let _locked = Locked(&world);
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "unlock --for 5m").ok();
    let [socket] = &sockets(&world)[..] else { panic!("{:?}", sockets(&world)) };
    // For each of these it waits two seconds.
    let held: Vec<_> = (0..3).map(|_| UnixStream::connect(socket).unwrap()).collect();
    run(&mut amanah(&world), "lock --json").refused(8, "agent-silent");
    drop(held);
    let gone = (0..200).any(|_| {
        sleep(Duration::from_millis(100));
        sockets(&world).is_empty()
    });
    assert!(gone, "it is still there");
    run(&mut by(&world, REGISTRY), "unlock --for 5m").ok();
    list(&world, REGISTRY).json();
    assert_eq!(run(&mut amanah(&world), "lock --json").json()["ended"], 1);
}

/// A session can end, and its folder with it, while the time of its agents is not over.
#[test]
fn an_agent_whose_socket_is_gone_ends() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "unlock --for 5m").ok();
    let [socket] = &sockets(&world)[..] else { panic!("{:?}", sockets(&world)) };
    let listen = || fs::read_to_string("/proc/net/unix").unwrap().matches(socket.to_str().unwrap()).count();
    assert_eq!(listen(), 1);
    fs::remove_file(socket).unwrap();
    // Another's in its place is left alone.
    let _other = UnixListener::bind(socket).unwrap();
    let ended = (0..200).any(|_| {
        sleep(Duration::from_millis(100));
        listen() == 1
    });
    assert!(ended && socket.exists(), "it goes on, and nobody can end it");
}

/// Where a folder has a name that is no text, the socket has one too.
#[test]
fn a_folder_may_have_a_name_that_is_not_utf_8() {
    let world = World::new();
    run(&mut by(&world, REGISTRY), "init vault").ok();
    let session = world.path().join(std::ffi::OsStr::from_bytes(b"sesi \xff"));
    fs::create_dir(&session).unwrap();
    let with = |mut command: Command, line: &str| run(command.env("XDG_RUNTIME_DIR", &session), line);
    with(by(&world, REGISTRY), "unlock --for 1m").ok();
    let listed = with(bare(&world, REGISTRY), "record list child -p care --json");
    assert_eq!(with(amanah(&world), "lock --json").json()["ended"], 1);
    listed.ok();
}

#[test]
fn it_ends_by_itself_and_a_wrong_passphrase_begins_nothing() {
    let world = World::new();
    let _locked = Locked(&world);
    run(&mut by(&world, REGISTRY), "init vault").ok();
    run(&mut by(&world, REGISTRY), "unlock --for 13h --json").refused(2, "agent-time");
    fs::write(world.path().join("wrong"), "not this one").unwrap();
    let wrong = run(&mut bare(&world, REGISTRY), "unlock --passphrase-file wrong --json");
    wrong.refused(6, "age-wrong-passphrase");
    assert!(sockets(&world).is_empty());
    run(&mut by(&world, REGISTRY), "unlock --for 1s").ok();
    let gone = (0..200).any(|_| {
        sleep(Duration::from_millis(100));
        sockets(&world).is_empty()
    });
    assert!(gone, "it is still there");
    assert_ne!(list(&world, REGISTRY).code, 0);
    // An agent that was killed leaves a socket that nobody answers at.
    drop(UnixListener::bind(world.path().join("state/agent/00.sock")).unwrap());
    assert_eq!(run(&mut amanah(&world), "lock --json").json()["ended"], 0);
    assert!(sockets(&world).is_empty());
}
