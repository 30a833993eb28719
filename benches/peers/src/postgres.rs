//! PostgreSQL with pgcrypto for each field: a server of our own on a private socket. Each field is
//! `pgp_sym_encrypt`ed with AES-256 and one passphrase; the derivation of the key from it is set to
//! its cheapest salted form, in PostgreSQL's favour. Equal identity numbers are found by a keyed hash.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use postgres::{Client, NoTls, Statement, types::ToSql};

use crate::peer::{Cold, Factory, Peer, Record, SCANNED, bytes_below, code, median};

/// `nobody`: the server refuses to run as root.
const NOBODY: u32 = 65_534;
const KEY: &str = "correct horse battery staple correct horse";
const HOW: &str = "cipher-algo=aes256, compress-algo=0, s2k-mode=1";

pub struct Postgres;

impl Factory for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn make(&self, folder: &Path) -> Result<Box<dyn Peer>, String> {
        let programs = programs().ok_or("no initdb and postgres below /usr/lib/postgresql or on the path")?;
        let (data, socket) = (folder.join("data"), folder.join("s"));
        for path in [&data, &socket] {
            fs::create_dir(path).map_err(|error| error.to_string())?;
        }
        let as_nobody = |command: &mut Command| {
            if rustix_is_root() {
                command.uid(NOBODY).gid(NOBODY).env("HOME", "/").current_dir("/");
            }
        };
        if rustix_is_root() {
            let mut above = Some(folder);
            while let Some(path) = above.filter(|path| path.starts_with(std::env::temp_dir())) {
                use std::os::unix::fs::PermissionsExt as _;
                if path == std::env::temp_dir() {
                    break;
                }
                fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
                above = path.parent();
            }
            for path in [&data, &socket] {
                chown(path, Some(NOBODY), Some(NOBODY)).map_err(|error| error.to_string())?;
            }
        }
        let mut init = Command::new(programs.join("initdb"));
        init.args(["--auth=trust", "--username=bench", "--encoding=UTF8", "--locale=C", "-D"]).arg(&data);
        as_nobody(&mut init);
        let made = init.stdout(Stdio::null()).output().map_err(|error| error.to_string())?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let mut start = Command::new(programs.join("postgres"));
        start.arg("-D").arg(&data).arg("-k").arg(&socket).args(["-c", "listen_addresses="]);
        as_nobody(&mut start);
        start.stdout(Stdio::null()).stderr(Stdio::null());
        let server = Server(start.spawn().map_err(|error| error.to_string())?);
        let how = format!("host={} user=bench dbname=postgres", socket.display());
        let mut client = connect(&how)?;
        let names: Vec<&str> = crate::peer::records(1)[0].fields.iter().map(|(name, _)| *name).collect();
        let columns = names.iter().map(|name| format!("{name} bytea")).collect::<Vec<_>>().join(", ");
        client
            .batch_execute(&format!(
                "CREATE EXTENSION pgcrypto; CREATE TABLE child (id text PRIMARY KEY, tag bytea, {columns}); \
                 CREATE INDEX by_tag ON child (tag);"
            ))
            .map_err(|error| error.to_string())?;
        let sealed =
            (0..names.len()).map(|at| format!("pgp_sym_encrypt(${}, '{KEY}', '{HOW}')", at + 3)).collect::<Vec<_>>();
        let insert = format!(
            "INSERT INTO child (id, tag, {}) VALUES ($1, hmac($2, '{KEY}', 'sha256'), {})",
            names.join(", "),
            sealed.join(", ")
        );
        let opened = |names: &[&str]| {
            let opened = names.iter().map(|name| format!("pgp_sym_decrypt({name}, '{KEY}')"));
            opened.collect::<Vec<_>>().join(", ")
        };
        let read = format!("SELECT {} FROM child WHERE id = $1", opened(&names));
        let search = format!("SELECT {} FROM child WHERE tag = hmac($1, '{KEY}', 'sha256')", opened(&names));
        let scan = format!("SELECT {} FROM child", opened(&SCANNED));
        // Once for all: to have one prepared is a way to the server and back each time.
        let mut prepare = |statement: &str| client.prepare(statement).map_err(|error| error.to_string());
        Ok(Box::new(Running {
            insert: prepare(&insert)?,
            read_one: prepare(&read)?,
            search: prepare(&search)?,
            scan: prepare(&scan)?,
            read,
            client,
            how,
            data,
            start,
            server,
        }))
    }
}

fn rustix_is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
}

/// The folder of the server's programs.
fn programs() -> Option<PathBuf> {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|at| at.path().join("bin"));
    let path = std::env::var_os("PATH")?;
    let found = installed.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").is_file())?;
    Some(found)
}

fn connect(how: &str) -> Result<Client, String> {
    let begun = Instant::now();
    loop {
        match Client::connect(how, NoTls) {
            Ok(client) => return Ok(client),
            Err(error) if begun.elapsed() > Duration::from_secs(20) => return Err(error.to_string()),
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// The server, stopped when it is done with.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Stopped hard: its data are thrown away.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Running {
    client: Client,
    insert: Statement,
    read_one: Statement,
    search: Statement,
    scan: Statement,
    /// As a new connection asks it.
    read: String,
    how: String,
    data: PathBuf,
    start: Command,
    server: Server,
}

fn values<'a>(id: &'a &'a str, nik: &'a &'a str, record: &'a Record) -> Vec<&'a (dyn ToSql + Sync)> {
    let mut out: Vec<&(dyn ToSql + Sync)> = vec![id, nik];
    out.extend(record.fields.iter().map(|(_, value)| value as &(dyn ToSql + Sync)));
    out
}

impl Peer for Running {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn import(&mut self, records: &[Record]) -> Duration {
        let begun = Instant::now();
        let mut work = self.client.transaction().unwrap();
        for record in records {
            work.execute(&self.insert, &values(&code(record), &record.get("nik").unwrap(), record)).unwrap();
        }
        work.commit().unwrap();
        let took = begun.elapsed();
        // What it would do by itself within a minute, while something else is measured.
        for upkeep in ["VACUUM ANALYZE child", "CHECKPOINT"] {
            self.client.batch_execute(upkeep).unwrap();
        }
        took
    }

    fn insert(&mut self, record: &Record) {
        self.client.execute(&self.insert, &values(&code(record), &record.get("nik").unwrap(), record)).unwrap();
    }

    fn read(&mut self, records: &[&Record]) -> usize {
        records.iter().map(|record| self.client.query_one(&self.read_one, &[&code(record)]).unwrap().len()).sum()
    }

    fn search(&mut self, nik: &str) -> bool {
        self.client.query(&self.search, &[&nik]).unwrap().len() == 1
    }

    fn scan(&mut self) -> usize {
        self.client.query(&self.scan, &[]).unwrap().iter().map(postgres::Row::len).sum()
    }

    fn bytes(&self) -> u64 {
        bytes_below(&self.data.join("base")) + bytes_below(&self.data.join("pg_wal"))
    }

    fn weaker(&self) -> &'static str {
        "one key, sent to the server with each statement; no custody, no log, no versions, equal numbers visible"
    }

    /// A new connection and one read; the memory is the server's.
    fn cold(&mut self, record: &Record) -> Option<Cold> {
        let took = median((0..9).map(|_| {
            let begun = Instant::now();
            let mut client = connect(&self.how).unwrap();
            assert_eq!(client.query_one(&self.read, &[&code(record)]).unwrap().len(), 20);
            begun.elapsed()
        }));
        Some(Cold { took, memory_kib: memory_of(self.server.0.id()) })
    }

    /// Stopped as it should be, so that it need not recover; then the same with the server's start.
    fn cold_with_server(&mut self, record: &Record) -> Option<Duration> {
        Some(median((0..5).map(|_| {
            let process = rustix::process::Pid::from_child(&self.server.0);
            rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
            self.server.0.wait().unwrap();
            let begun = Instant::now();
            self.server.0 = self.start.spawn().unwrap();
            let mut client = connect(&self.how).unwrap();
            assert_eq!(client.query_one(&self.read, &[&code(record)]).unwrap().len(), 20);
            begun.elapsed()
        })))
    }
}

/// Proportional memory of the server and its processes.
fn memory_of(server: u32) -> Option<u64> {
    let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).ok()?;
    let all = std::iter::once(server.to_string()).chain(children.split_whitespace().map(str::to_owned));
    let one = |id: String| {
        let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    Some(all.filter_map(one).sum())
}
