//! What the fault and attack tests share: copies, file systems of their own, and reading all there is.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use amanah::{
    crypto::{age_wrap::Silent, identity::Identity},
    id::Id,
    vault::{Actor, Draft, Options, Shown, Unwatched, Vault, VaultError},
};
use secrecy::SecretString;

use super::{CARE, PASSPHRASE, draft};

/// All files below a folder, relative to it, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, base: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, out);
            } else {
                out.push(path.strip_prefix(base).unwrap().to_owned());
            }
        }
    }
    let mut out = Vec::new();
    walk(folder, folder, &mut out);
    out.sort();
    out
}

/// Copies a folder with all that is in it, in place of what is there.
pub fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// How to open a vault whose client keeps its memory in this folder.
pub fn options(state: &Path) -> Options<'static> {
    Options { state: state.to_owned(), patience: Duration::from_secs(60), progress: &Unwatched }
}

/// A member's identity, from the key file in the folder of a world.
pub fn identity(world: &Path, member: &str) -> Identity {
    let file = fs::read(world.join(format!("{}.key", member.replace('/', "-")))).unwrap();
    let passphrase = || Some(SecretString::from(PASSPHRASE.to_owned()));
    Identity::from_file(&file, &mut { passphrase }, Arc::new(Silent)).unwrap()
}

/// A child whose name and place of birth say the same thing: half of it would be seen.
pub fn child(vault: &Vault, code: &str, mark: &str) -> Draft {
    let name = format!("Anak {mark}");
    let place = format!("Tempat {mark}");
    draft(vault.schema(), "child", &[("child_code", code), ("full_name", &name), ("birth_place", &place)])
}

/// New values for a child, of the same form.
pub fn renamed(vault: &Vault, mark: &str) -> Draft {
    let name = format!("Anak {mark}");
    let place = format!("Tempat {mark}");
    draft(vault.schema(), "child", &[("full_name", &name), ("birth_place", &place)])
}

/// The mark that [`child`] or [`renamed`] wrote. Fails if name and place differ.
pub fn mark(shown: &Shown) -> String {
    let text = |field| shown.value(field).and_then(|value| value.as_text()).unwrap_or("?").to_owned();
    let (name, place) = (text("full_name"), text("birth_place"));
    let mark = name.strip_prefix("Anak ").unwrap_or_else(|| panic!("{name}")).to_owned();
    assert_eq!(place, format!("Tempat {mark}"), "half written");
    mark
}

/// Code, version and mark of every child.
pub fn children(vault: &mut Vault, actor: &mut Actor) -> Result<BTreeMap<String, (u64, String)>, VaultError> {
    let fields = ["child_code", "full_name", "birth_place"].map(str::to_owned);
    let children = vault.records_of_kind("child")?;
    let shown = vault.list_records(actor, CARE, &children, &fields, &Unwatched)?;
    let code = |shown: &Shown| shown.value("child_code").and_then(|value| value.as_text()).unwrap_or("?").to_owned();
    let out: BTreeMap<_, _> = shown.iter().map(|shown| (code(shown), (shown.version, mark(shown)))).collect();
    assert_eq!(out.len(), shown.len(), "two children with one code");
    Ok(out)
}

/// Every version of every record as this actor sees it, and what is shown when no version is named
/// (under version 0).
pub fn everything(vault: &mut Vault, actor: &mut Actor) -> Result<BTreeMap<(Id, u64), Shown>, VaultError> {
    let mut out = BTreeMap::new();
    let kinds: Vec<String> = vault.schema().kinds().iter().map(|kind| kind.id.clone()).collect();
    for kind in kinds {
        for record in vault.records_of_kind(&kind)? {
            let newest = vault.read_record(actor, CARE, &record, None, None)?;
            for version in 1..=newest.version {
                out.insert((record, version), vault.read_record(actor, CARE, &record, None, Some(version))?);
            }
            out.insert((record, 0), newest);
        }
    }
    Ok(out)
}

/// Says that a test did not run, and why, where it can be seen in a log.
pub fn skip(test: &str, why: &str) {
    let mut out = std::io::stderr();
    writeln!(out, "SKIPPED {test}: {why}").unwrap();
}

/// Runs a command; its complaint if it fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

/// A file system that is unmounted when dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// A tmpfs of so many bytes.
    pub fn tmpfs(at: &Path, bytes: u64) -> Result<Mount, String> {
        fs::create_dir_all(at).unwrap();
        run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={bytes},mode=0700"), "tmpfs"]).arg(at))?;
        Ok(Mount(at.to_owned()))
    }

    /// The file system in an image.
    pub fn image(image: &Path, at: &Path) -> Result<Mount, String> {
        fs::create_dir_all(at).unwrap();
        run(Command::new("mount").args(["-t", "ext4", "-o", "loop"]).arg(image).arg(at))?;
        Ok(Mount(at.to_owned()))
    }

    /// A folder once more, at another place, not to be written.
    pub fn read_only(of: &Path, at: &Path) -> Result<Mount, String> {
        fs::create_dir_all(at).unwrap();
        run(Command::new("mount").arg("--bind").arg(of).arg(at))?;
        let mount = Mount(at.to_owned());
        run(Command::new("mount").args(["-o", "remount,bind,ro"]).arg(at))?;
        Ok(mount)
    }

    /// Mounts it again with other options.
    pub fn remount(&self, options: &str) -> Result<(), String> {
        run(Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // What was just closed can be busy for a moment.
        for _ in 0..50 {
            if run(Command::new("umount").arg(&self.0)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        // A store that failed for want of room is left behind with its file open, until the process
        // ends (`SledStore`): what it stands on goes then.
        let _ = run(Command::new("umount").arg("--lazy").arg(&self.0));
    }
}

/// The same sequence of numbers in every run.
pub struct Dice(pub u64);

impl Dice {
    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Names, for a process that a test starts from itself, the folder it works in.
pub const CHILD: &str = "AMANAH_TEST_CHILD";

/// Starts one test of this binary again, as a process of its own.
pub fn again(test: &str, folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Tells the parent something: one write, so that no line comes in pieces.
pub fn tell(line: &str) {
    let mut out = std::io::stdout();
    out.write_all(format!("\n> {line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// What the children of a vault may look like after a process died: what was acknowledged, and one
/// write that was begun.
#[derive(Default)]
pub struct Promise {
    /// Version and mark by code.
    pub acknowledged: BTreeMap<String, (u64, String)>,
    /// The write that was begun and not acknowledged.
    pub begun: Option<(String, (u64, String))>,
    /// How many writes were acknowledged in all.
    pub count: u64,
}

impl Promise {
    /// Takes in a line that [`tell`] told: `try CODE VERSION MARK` or `done CODE VERSION MARK`.
    pub fn take(&mut self, line: &str) {
        let Some(line) = line.strip_prefix("> ") else { return };
        let words: Vec<&str> = line.split(' ').collect();
        let [what, code, version, mark] = words[..] else { return };
        let write = (code.to_owned(), (version.parse().unwrap(), mark.to_owned()));
        match what {
            "try" => self.begun = Some(write),
            "done" => {
                assert_eq!(self.begun.take(), Some(write.clone()));
                self.acknowledged.insert(write.0, write.1);
                self.count += 1;
            }
            other => panic!("{other}"),
        }
    }

    /// Checks what is there, and goes on from it.
    pub fn check(&mut self, there: BTreeMap<String, (u64, String)>) {
        if there != self.acknowledged {
            let (code, write) = self.begun.take().expect("more or less than was acknowledged");
            self.acknowledged.insert(code, write);
            assert_eq!(there, self.acknowledged);
        }
        self.begun = None;
    }
}

/// Writes and edits children for ever, telling of each write before and after.
pub fn write_for_ever(vault: &Path, state: &Path, world: &Path, member: &str, mut between: impl FnMut(&str)) -> ! {
    let mut round = 0;
    loop {
        let mut vault = Vault::open(vault, &options(state)).unwrap();
        let mut actor = vault.admit(identity(world, member)).unwrap();
        let mut there: Vec<(Id, String, u64)> = Vec::new();
        for record in vault.records_of_kind("child").unwrap() {
            let shown = vault.read_record(&mut actor, CARE, &record, Some(&["child_code".to_owned()]), None).unwrap();
            let code = shown.value("child_code").and_then(|value| value.as_text()).unwrap().to_owned();
            there.push((record, code, shown.version));
        }
        tell("ready");
        let size = vault.size();
        for step in 0..6 {
            let mark = format!("{size}-{step}");
            let edit = step % 2 == 1 && !there.is_empty();
            let at = (size as usize + step) % there.len().max(1);
            let (code, version) = match edit {
                true => (there[at].1.clone(), there[at].2 + 1),
                false => (format!("K{size}-{step}"), 1),
            };
            tell(&format!("try {code} {version} {mark}"));
            let written = match edit {
                true => {
                    let draft = renamed(&vault, &mark);
                    vault.update_record(&mut actor, CARE, &there[at].0, &draft).unwrap()
                }
                false => {
                    let draft = child(&vault, &code, &mark);
                    vault.create_record(&mut actor, CARE, "child", &draft).unwrap()
                }
            };
            assert_eq!(written.version, version);
            between(&format!("{code} {version} {mark}"));
            tell(&format!("done {code} {version} {mark}"));
            match edit {
                true => there[at].2 = version,
                false => there.push((written.record, code, version)),
            }
        }
        // Half of the time it closes and opens again, so that deaths happen there too.
        round += 1;
        if round % 2 == 1 {
            vault.close(&mut actor).unwrap();
        }
    }
}
