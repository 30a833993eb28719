//! The binary, run as a person or a script would.
#![allow(dead_code, missing_docs)]

use std::{fs, path::Path, time::Duration};

use assert_cmd::Command;
use serde_json::Value as Json;

use crate::common::World;

/// No single command of these tests takes so long, unless it hangs.
const LONGEST: Duration = Duration::from_secs(60);

/// What a run came to.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// It is done, and said so.
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self
    }

    /// It is done, and the answer is one line of JSON.
    pub fn json(self) -> Json {
        let ran = self.ok();
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
        serde_json::from_str(&ran.out).unwrap()
    }

    /// It was refused, with this exit code and this code of the problem; gives the sentence. Run
    /// with `--json`. A refusal shows nothing, and says what to do next.
    pub fn refused(self, exit: i32, code: &str) -> String {
        assert_eq!(self.code, exit, "{}{}", self.out, self.err);
        assert_eq!(self.out, "", "a refusal answers nothing");
        let line = self.err.lines().last().unwrap_or_default();
        let problem: Json = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {}", self.err));
        assert_eq!(problem["error"]["code"], code, "{line}");
        assert!(problem["error"]["hint"].is_string(), "no hint: {line}");
        problem["error"]["message"].as_str().unwrap().to_owned()
    }
}

/// The program in a world: its folder is the current one, and its state is there too.
pub fn amanah(world: &World) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_amanah"));
    command.env_clear().env("AMANAH_STATE", world.path().join("state")).current_dir(world.path());
    command.timeout(LONGEST);
    command
}

/// The same by a member, whose passphrase is in a file.
pub fn by(world: &World, member: &str) -> Command {
    let mut command = amanah(world);
    command.env("AMANAH_VAULT", "vault").env("AMANAH_IDENTITY", key(member));
    command.args(["--passphrase-file", "passphrase"]);
    command
}

/// The file with a member's identity.
pub fn key(member: &str) -> String {
    format!("{}.key", member.replace('/', "-"))
}

/// Runs it with the words of a line, divided at blanks; `+` stands for a blank in a word.
pub fn run(command: &mut Command, line: &str) -> Ran {
    run_words(command, &line.split_whitespace().map(|word| word.replace('+', " ")).collect::<Vec<_>>())
}

/// Runs it with these words.
pub fn run_words<S: AsRef<std::ffi::OsStr>>(command: &mut Command, words: &[S]) -> Ran {
    let output = command.args(words).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

/// All files below a folder with their bytes, in order: two of them are compared.
pub fn tree(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut out = Vec::new();
    let mut next = vec![folder.to_owned()];
    while let Some(folder) = next.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                next.push(path);
            } else {
                out.push((path.display().to_string(), fs::read(path).unwrap()));
            }
        }
    }
    out.sort();
    out
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { drop(fs::copy(path, target).unwrap()) }
    }
}

/// The entries of the vault's ledger.
pub fn entries(world: &World) -> Vec<Json> {
    run(&mut by(world, crate::common::REGISTRY), "--json audit log").json().as_array().unwrap().clone()
}
