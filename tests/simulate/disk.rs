//! A disk that fails as disks do.
//!
//! Files are pages of 4096 bytes. What is written is in memory (`now`) until a sync brings the
//! dirty pages to the medium (`safe`). A power cut leaves of every dirty page the new bytes, the old
//! ones, or a mixture, in no order, and of the length the old or the new; of folders it keeps what
//! was synced, and of what was not a part. A sync that fails brings some pages over and forgets the
//! others: memory shows them still, and no later sync writes them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs::File,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use amanah::{
    crypto::digest::sha256,
    disk::{Disk, Kind, OpenFile, Opening, Sync},
};

use super::counts::Counts;
use crate::common::faults::Dice;

const PAGE: usize = 4096;
const SECTOR: usize = 512;

/// The room that is made at a time: small, so that it is used up and made again.
const ROOM: u64 = 24_000;

/// Where the root of every simulated disk is. It exists nowhere.
pub const ROOT: &str = "/amanah-simulated";

/// What goes wrong at a chosen operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The machine loses power: nothing works any more.
    PowerCut,
    /// The process is killed: nothing works any more, but the system lives on.
    Kill,
    /// A write brings a part over and fails.
    Write,
    /// The disk is full from now on.
    Full,
    /// A sync fails, and some of what it should have written is forgotten.
    Sync,
    /// A read fails.
    Read,
}

#[derive(Debug, Clone, Default)]
struct Node {
    now: Vec<u8>,
    safe: Vec<u8>,
    dirty: BTreeSet<usize>,
    resized: bool,
    names: u64,
    folder: Option<Folder>,
}

#[derive(Debug, Clone, Default)]
struct Folder {
    now: BTreeMap<OsString, usize>,
    safe: BTreeMap<OsString, usize>,
    /// What was done since the last sync: for each, the names that change together.
    pending: Vec<Vec<(OsString, Option<usize>)>>,
}

/// All that a simulated disk is; a copy of it is a snapshot.
#[derive(Debug, Clone)]
pub struct State {
    nodes: Vec<Node>,
    dice: u64,
    /// The fault, and how many operations go well before.
    planned: Option<(Fault, u64)>,
    /// The fault that has struck.
    struck: Option<Fault>,
    dead: bool,
    full: bool,
    segment: u64,
    /// What went wrong, and how often.
    pub counts: Counts,
    /// All that was asked and answered, to tell whether two runs are the same, if somebody asks.
    pub trace: Option<Vec<String>>,
}

/// A simulated disk.
#[derive(Debug, Clone)]
pub struct SimDisk {
    root: PathBuf,
    state: Arc<Mutex<State>>,
}

impl SimDisk {
    /// An empty disk under this root, whose segments are full at so many bytes.
    pub fn new(root: &Path, segment: u64) -> SimDisk {
        let top = Node { folder: Some(Folder::default()), names: 1, ..Node::default() };
        let state = State {
            nodes: vec![top],
            dice: 1,
            planned: None,
            struck: None,
            dead: false,
            full: false,
            segment,
            counts: Counts::default(),
            trace: None,
        };
        SimDisk { root: root.to_owned(), state: Arc::new(Mutex::new(state)) }
    }

    /// A disk as it was, under another root.
    pub fn of(root: &Path, state: &State) -> SimDisk {
        SimDisk { root: root.to_owned(), state: Arc::new(Mutex::new(state.clone())) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn get(&self, path: &Path) -> io::Result<(MutexGuard<'_, State>, usize)> {
        let state = self.alive()?;
        let node = self.find(&state, path)?;
        Ok((state, node))
    }

    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.dead { Err(io::Error::other("the machine is off")) } else { Ok(state) }
    }

    fn find(&self, state: &State, path: &Path) -> io::Result<usize> {
        let inside = path.strip_prefix(&self.root).map_err(|_| ErrorKind::NotFound)?;
        let mut node = 0;
        for part in inside {
            let folder = state.nodes[node].folder.as_ref().ok_or(ErrorKind::NotADirectory)?;
            node = *folder.now.get(part).ok_or(ErrorKind::NotFound)?;
        }
        Ok(node)
    }

    /// A path as the trace tells it: without the root, which is another in every run.
    fn told(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    fn split<'a>(&self, state: &State, path: &'a Path) -> io::Result<(usize, &'a std::ffi::OsStr)> {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
        Ok((self.find(state, path.parent().ok_or(ErrorKind::InvalidInput)?)?, name))
    }
}

impl State {
    fn below(&mut self, end: u64) -> u64 {
        let mut dice = Dice(self.dice);
        let rolled = dice.below(end);
        self.dice = dice.0;
        rolled
    }

    fn folder(&mut self, node: usize) -> io::Result<&mut Folder> {
        self.nodes[node].folder.as_mut().ok_or_else(|| ErrorKind::NotADirectory.into())
    }

    /// Seeds the dice that all that happens by chance is decided with.
    pub fn seed(&mut self, seed: u64) {
        self.dice = seed | 1;
        self.counts = Counts::default();
    }

    /// Writes down that something happened, if a trace is kept.
    pub fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(what());
        }
    }

    /// Lets something go wrong after so many operations that go well.
    pub fn plan(&mut self, fault: Fault, after: u64) {
        self.planned = Some((fault, after));
        self.struck = None;
    }

    /// The fault that has struck since it was planned, and no more of it.
    pub fn take_struck(&mut self) -> Option<Fault> {
        self.planned = None;
        self.struck.take()
    }

    /// Whether the machine or the process is gone.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// Whether no byte more fits.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Makes room again.
    pub fn make_room(&mut self) {
        self.full = false;
    }

    /// The process is started again, on a system that lived on.
    pub fn restart(&mut self) {
        self.dead = false;
        self.planned = None;
    }

    /// The machine loses its power and is started again: what was not synced is there in part.
    pub fn cut_power(&mut self) {
        self.restart();
        for at in 0..self.nodes.len() {
            let mut node = std::mem::take(&mut self.nodes[at]);
            self.settle(&mut node);
            node.now = node.safe.clone();
            if let Some(folder) = &mut node.folder {
                // A journal of the file system keeps the order; without one there is none.
                let ordered = self.below(3) > 0;
                let kept = self.below(folder.pending.len() as u64 + 1) as usize;
                let mut lost = false;
                for (at, change) in std::mem::take(&mut folder.pending).into_iter().enumerate() {
                    if if ordered { at < kept } else { self.below(2) == 0 } {
                        self.counts.add("names reordered", u64::from(lost));
                        set(&mut folder.safe, change);
                    } else {
                        lost = true;
                        self.counts.add(if change.len() > 1 { "renames lost" } else { "names lost" }, 1);
                    }
                }
                folder.now = folder.safe.clone();
            }
            self.nodes[at] = node;
        }
        let mut names = vec![0; self.nodes.len()];
        names[0] = 1;
        self.nodes
            .iter()
            .filter_map(|node| node.folder.as_ref())
            .flat_map(|folder| folder.now.values())
            .for_each(|at| names[*at] += 1);
        self.nodes.iter_mut().zip(names).for_each(|(node, names)| node.names = names);
    }

    /// Brings some of what is dirty to the medium, and forgets the rest.
    fn settle(&mut self, node: &mut Node) {
        if node.resized && self.below(2) == 0 {
            node.safe.resize(node.now.len(), 0);
        } else {
            self.counts.add("lengths lost", u64::from(node.resized));
        }
        node.resized = false;
        let mut lost = false;
        for page in std::mem::take(&mut node.dirty) {
            let begin = page * PAGE;
            let end = node.now.len().min(begin + PAGE).min(node.safe.len());
            if begin >= end {
                continue;
            }
            match self.below(4) {
                0 => {
                    lost = true;
                    self.counts.add("pages lost", 1);
                }
                1 => {
                    self.counts.add("pages reordered", u64::from(lost));
                    node.safe[begin..end].copy_from_slice(&node.now[begin..end]);
                }
                2 => {
                    self.counts.add("pages torn", 1);
                    // Torn at any byte.
                    let torn = begin + self.below((end - begin) as u64 + 1) as usize;
                    node.safe[begin..torn].copy_from_slice(&node.now[begin..torn]);
                }
                _ => {
                    self.counts.add("pages mixed", 1);
                    for sector in (begin..end).step_by(SECTOR) {
                        let until = end.min(sector + SECTOR);
                        if self.below(2) == 0 {
                            node.safe[sector..until].copy_from_slice(&node.now[sector..until]);
                        }
                    }
                }
            }
        }
    }

    /// Something is asked of the disk: whether it goes wrong, and how.
    fn ask(&mut self, kinds: &[Fault]) -> Option<Fault> {
        let (fault, after) = self.planned?;
        if after > 0 {
            self.planned = Some((fault, after - 1));
            return None;
        }
        if !kinds.contains(&fault) && !matches!(fault, Fault::PowerCut | Fault::Kill) {
            return None;
        }
        self.planned = None;
        self.struck = Some(fault);
        self.note(|| format!("  {fault:?}"));
        self.counts.add(
            match fault {
                Fault::PowerCut => "power cuts",
                Fault::Kill => "kills",
                Fault::Write => "writes failed",
                Fault::Full => "disks full",
                Fault::Sync => "syncs failed",
                Fault::Read => "reads failed",
            },
            1,
        );
        match fault {
            Fault::PowerCut | Fault::Kill => self.dead = true,
            Fault::Full => self.full = true,
            _ => {}
        }
        Some(fault)
    }

    /// A change of a folder is asked for.
    fn change(&mut self, what: impl FnOnce() -> String) -> io::Result<()> {
        self.note(what);
        match self.ask(&[Fault::Write, Fault::Full]) {
            Some(Fault::Write) => Err(eio()),
            Some(Fault::PowerCut | Fault::Kill) => Err(eio()),
            _ => Ok(()),
        }
    }

    fn room(&self) -> io::Result<()> {
        if self.full { Err(ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    /// Flips a bit of a file that somebody will read; which.
    pub fn rot(&mut self) -> Option<String> {
        let mut files = Vec::new();
        self.walk(0, "", &mut files);
        files.retain(|(_, node)| !self.nodes[*node].now.is_empty());
        if files.is_empty() {
            return None;
        }
        let (name, at) = files.swap_remove(self.below(files.len() as u64) as usize);
        let length = self.nodes[at].now.len() as u64;
        let (byte, bit) = (self.below(length) as usize, self.below(8));
        let node = &mut self.nodes[at];
        node.now[byte] ^= 1 << bit;
        if byte < node.safe.len() {
            node.safe[byte] = node.now[byte];
        }
        self.counts.add("bits flipped", 1);
        Some(format!("{name}, byte {byte} of {length}, bit {bit}"))
    }

    fn walk(&self, at: usize, path: &str, out: &mut Vec<(String, usize)>) {
        let Some(folder) = &self.nodes[at].folder else { return out.push((path.to_owned(), at)) };
        for (name, node) in &folder.now {
            self.walk(*node, &format!("{path}/{}", name.to_string_lossy()), out);
        }
    }
}

fn set(names: &mut BTreeMap<OsString, usize>, change: Vec<(OsString, Option<usize>)>) {
    for (name, node) in change {
        match node {
            Some(node) => drop(names.insert(name, node)),
            None => drop(names.remove(&name)),
        }
    }
}

fn eio() -> io::Error {
    io::Error::from_raw_os_error(5)
}

impl Disk for SimDisk {
    fn open(&self, path: &Path, how: Opening) -> io::Result<Box<dyn OpenFile>> {
        let mut state = self.alive()?;
        let node = match how {
            Opening::New { .. } => {
                let (parent, name) = self.split(&state, path)?;
                state.change(|| format!("make {}", self.told(path)))?;
                state.room()?;
                if state.folder(parent)?.now.contains_key(name) {
                    return Err(ErrorKind::AlreadyExists.into());
                }
                state.nodes.push(Node { names: 1, ..Node::default() });
                let node = state.nodes.len() - 1;
                let folder = state.folder(parent)?;
                folder.now.insert(name.to_owned(), node);
                folder.pending.push(vec![(name.to_owned(), Some(node))]);
                node
            }
            Opening::Read | Opening::Append | Opening::Over => self.find(&state, path)?,
        };
        if state.nodes[node].folder.is_some() {
            return Err(ErrorKind::IsADirectory.into());
        }
        Ok(Box::new(SimFile { disk: self.clone(), node }))
    }

    fn lock_file(&self, _: &Path) -> io::Result<File> {
        drop(self.alive()?);
        tempfile::tempfile()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        assert_eq!(from.parent(), to.parent(), "between folders nothing is renamed");
        let mut state = self.alive()?;
        let (parent, name) = self.split(&state, from)?;
        let target = to.file_name().unwrap().to_owned();
        state.change(|| format!("rename {} to {}", self.told(from), self.told(to)))?;
        let folder = state.folder(parent)?;
        let node = *folder.now.get(name).ok_or(ErrorKind::NotFound)?;
        let over = folder.now.get(&target).copied();
        let full = |node: usize| state.nodes[node].folder.as_ref().is_some_and(|folder| !folder.now.is_empty());
        if over.is_some_and(full) {
            return Err(ErrorKind::DirectoryNotEmpty.into());
        }
        if let Some(over) = over {
            state.nodes[over].names -= 1;
        }
        let change = vec![(name.to_owned(), None), (target, Some(node))];
        let folder = state.folder(parent)?;
        set(&mut folder.now, change.clone());
        folder.pending.push(change);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.alive()?;
        let (parent, name) = self.split(&state, path)?;
        state.change(|| format!("remove {}", self.told(path)))?;
        let folder = state.folder(parent)?;
        let node = folder.now.remove(name).ok_or(ErrorKind::NotFound)?;
        folder.pending.push(vec![(name.to_owned(), None)]);
        state.nodes[node].names -= 1;
        Ok(())
    }

    fn make_folder(&self, path: &Path, _: bool) -> io::Result<()> {
        let mut state = self.alive()?;
        let (parent, name) = self.split(&state, path)?;
        state.change(|| format!("make the folder {}", self.told(path)))?;
        state.room()?;
        if state.folder(parent)?.now.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        state.nodes.push(Node { folder: Some(Folder::default()), names: 1, ..Node::default() });
        let node = state.nodes.len() - 1;
        let folder = state.folder(parent)?;
        folder.now.insert(name.to_owned(), node);
        folder.pending.push(vec![(name.to_owned(), Some(node))]);
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        for (name, kind) in self.list(path)? {
            match kind {
                Kind::Folder => self.remove_folder(&path.join(name))?,
                _ => self.remove(&path.join(name))?,
            }
        }
        self.remove(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<(OsString, Kind)>> {
        let (state, node) = self.get(path)?;
        let folder = state.nodes[node].folder.as_ref().ok_or(ErrorKind::NotADirectory)?;
        let kind = |node: &usize| if state.nodes[*node].folder.is_some() { Kind::Folder } else { Kind::File };
        Ok(folder.now.iter().map(|(name, node)| (name.clone(), kind(node))).collect())
    }

    fn exists(&self, path: &Path) -> bool {
        self.get(path).is_ok()
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let (mut state, node) = self.get(path)?;
        state.note(|| format!("sync the folder {}", self.told(path)));
        let fault = state.ask(&[Fault::Sync]);
        if fault.is_some() {
            // Nothing is forgotten here: file systems keep what folders hold in a journal, and
            // stop when they cannot.
            return Err(eio());
        }
        let folder = state.folder(node)?;
        folder.pending.clear();
        folder.safe = folder.now.clone();
        Ok(())
    }

    fn segment(&self) -> u64 {
        self.state().segment
    }

    fn room(&self) -> u64 {
        ROOM
    }

    fn free(&self, _: &Path) -> io::Result<u64> {
        Ok(if self.alive()?.full { 0 } else { u64::MAX })
    }

    fn is_real(&self) -> bool {
        false
    }
}

#[derive(Debug)]
struct SimFile {
    disk: SimDisk,
    node: usize,
}

impl SimFile {
    /// Writes from an offset on, or at the end.
    fn put(&self, bytes: &[u8], offset: Option<u64>) -> io::Result<usize> {
        let mut state = self.disk.alive()?;
        let begin = offset.map_or(state.nodes[self.node].now.len(), |offset| offset as usize);
        // What only stands over something else takes no room.
        let over = begin + bytes.len() <= state.nodes[self.node].now.len();
        let fault = state.ask(&[Fault::Write, Fault::Full]);
        // Some writes are short without any fault.
        let some = match state.below(5) {
            0 => state.below(bytes.len() as u64) as usize + 1,
            _ => bytes.len(),
        };
        let (taken, result) = match fault {
            None if state.full && !over => (0, Err(ErrorKind::StorageFull.into())),
            None => (some, Ok(some)),
            Some(Fault::Full) if over => (some, Ok(some)),
            Some(Fault::Full) => {
                let some = state.below(bytes.len() as u64) as usize;
                (some, if some == 0 { Err(ErrorKind::StorageFull.into()) } else { Ok(some) })
            }
            Some(_) => (state.below(bytes.len() as u64 + 1) as usize, Err(eio())),
        };
        if taken < bytes.len() && result.is_ok() {
            state.counts.add("writes short", 1);
        }
        if state.full && !over && taken < bytes.len() {
            state.counts.add("writes without room", 1);
        }
        if over {
            state.counts.add("writes over room", 1);
        }
        state.note(|| {
            let digest = u32::from_be_bytes(*sha256(&[bytes]).first_chunk().unwrap());
            format!("write {} of {} bytes ({digest:08x}) to {}: {result:?}", taken, bytes.len(), self.node)
        });
        let node = &mut state.nodes[self.node];
        let end = begin + taken;
        if end > node.now.len() {
            node.now.resize(end, 0);
            node.resized = true;
        }
        node.now[begin..end].copy_from_slice(&bytes[..taken]);
        if taken > 0 {
            node.dirty.extend(begin / PAGE..=(end - 1) / PAGE);
        }
        result
    }
}

impl OpenFile for SimFile {
    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes, None)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.put(bytes, Some(offset))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.disk.alive()?;
        // The threads of a verification read in no fixed order: what is read is no part of the trace,
        // and nothing else goes wrong then.
        let reading = matches!(state.planned, Some((Fault::Read, _)));
        if reading && state.ask(&[Fault::Read]).is_some() {
            return Err(eio());
        }
        let now = &state.nodes[self.node].now;
        let from = now.len().min(offset as usize);
        let count = buffer.len().min(now.len() - from);
        buffer[..count].copy_from_slice(&now[from..from + count]);
        Ok(count)
    }

    fn sync(&self, _: Sync) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        state.note(|| format!("sync {}", self.node));
        let fault = state.ask(&[Fault::Sync]);
        match fault {
            Some(Fault::Sync) => {
                let mut node = std::mem::take(&mut state.nodes[self.node]);
                state.settle(&mut node);
                state.nodes[self.node] = node;
                return Err(eio());
            }
            Some(_) => return Err(eio()),
            None => {}
        }
        let node = &mut state.nodes[self.node];
        if node.resized {
            node.safe.resize(node.now.len(), 0);
        }
        node.resized = false;
        for page in std::mem::take(&mut node.dirty) {
            let begin = page * PAGE;
            let end = node.now.len().min(begin + PAGE);
            if begin < end {
                node.safe[begin..end].copy_from_slice(&node.now[begin..end]);
            }
        }
        Ok(())
    }

    fn forget(&self) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        let node = &mut state.nodes[self.node];
        for (at, page) in node.now.chunks_mut(PAGE).enumerate() {
            if !node.dirty.contains(&at) {
                let safe = node.safe.get(at * PAGE..).unwrap_or_default();
                let there = safe.len().min(page.len());
                page[..there].copy_from_slice(&safe[..there]);
                page[there..].fill(0);
            }
        }
        Ok(())
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        state.change(|| format!("cut {} to {length} bytes", self.node))?;
        let node = &mut state.nodes[self.node];
        node.now.resize(length as usize, 0);
        node.resized = true;
        Ok(())
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.disk.alive()?.nodes[self.node].now.len() as u64)
    }

    fn names(&self) -> io::Result<u64> {
        Ok(self.disk.alive()?.nodes[self.node].names)
    }
}
