//! Reading and checking lines on all cores, in bounded memory: one thread reads and parses, the
//! caller takes the lines in order, and as many threads as there are cores check signatures.
//!
//! Which line is found to be wrong does not depend on how the threads went: the first one is.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{Scope, ScopedJoinHandle},
};

use super::processors;
use crate::{
    crypto::sign::PublicKey,
    id::Id,
    ledger::{LedgerError, Line, LogPosition, log},
};

/// Lines handed over at a time: enough that handing over costs nothing beside one signature.
const BATCH: usize = 128;

/// Batches that wait for each thread. Together with [`BATCH`] it bounds the memory: 4 lines of at
/// most 60,000 bytes for each of 128, and a few kilobytes in practice.
const WAITING: usize = 4;

type Batch = Vec<(Line, PublicKey)>;

/// Signatures that are being checked.
pub(super) struct Signatures<'scope> {
    send: Option<SyncSender<Batch>>,
    batch: Batch,
    workers: Vec<ScopedJoinHandle<'scope, ()>>,
    first_bad: Arc<AtomicU64>,
}

impl<'scope> Signatures<'scope> {
    /// Starts the threads that check signatures of a vault's lines.
    pub(super) fn start<'env>(scope: &'scope Scope<'scope, 'env>, vault: &'env Id) -> Signatures<'scope> {
        let cores = processors();
        let (send, receive) = sync_channel::<Batch>(cores * WAITING);
        let receive = Arc::new(Mutex::new(receive));
        let first_bad = Arc::new(AtomicU64::new(u64::MAX));
        let work = |receive: Arc<Mutex<Receiver<Batch>>>, first_bad: Arc<AtomicU64>| {
            move || {
                while let Some(batch) = next(&receive) {
                    for (line, key) in batch {
                        if !line.is_signed_by(&key, vault) {
                            first_bad.fetch_min(line.entry().seq, Ordering::Relaxed);
                        }
                    }
                }
            }
        };
        let workers = (0..cores).map(|_| scope.spawn(work(receive.clone(), first_bad.clone()))).collect();
        Signatures { send: Some(send), batch: Vec::with_capacity(BATCH), workers, first_bad }
    }

    /// Has a line's signature checked. Gives whether to go on: not when a wrong one was found.
    pub(super) fn check(&mut self, line: Line, key: PublicKey) -> bool {
        self.batch.push((line, key));
        if self.batch.len() == BATCH {
            self.hand_over();
        }
        self.first_bad.load(Ordering::Relaxed) == u64::MAX
    }

    /// Waits for all that were given; the sequence of the first wrong one. All lines before it were
    /// given before it, so that none before it can be wrong.
    pub(super) fn finish(mut self) -> Option<u64> {
        self.hand_over();
        self.send = None;
        for worker in self.workers.drain(..) {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
        Some(self.first_bad.load(Ordering::Relaxed)).filter(|sequence| *sequence != u64::MAX)
    }

    fn hand_over(&mut self) {
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        if let Some(send) = &self.send {
            // Nobody receives only if all threads have panicked, which `finish` tells.
            let _ = send.send(batch);
        }
    }
}

fn next<T>(receive: &Mutex<Receiver<T>>) -> Option<T> {
    receive.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// A line that was read, and where the ledger goes on after it.
pub(super) struct ReadLine {
    /// The line and where it begins.
    pub(super) placed: log::Placed,
    /// The position after it.
    pub(super) after: LogPosition,
}

/// The lines of a ledger, read ahead by a thread of their own.
pub(super) struct Lines {
    receive: Receiver<Result<Vec<ReadLine>, LedgerError>>,
    batch: std::vec::IntoIter<ReadLine>,
    torn: Arc<AtomicU64>,
}

impl Lines {
    /// Starts reading.
    pub(super) fn start<'scope>(scope: &'scope Scope<'scope, '_>, mut reader: log::Reader) -> Lines {
        let (send, receive) = sync_channel(WAITING);
        let torn = Arc::new(AtomicU64::new(0));
        let torn_lines = torn.clone();
        scope.spawn(move || {
            loop {
                let mut batch = Vec::with_capacity(BATCH);
                let mut failed = None;
                while batch.len() < BATCH {
                    match reader.next_line() {
                        Ok(Some(placed)) => batch.push(ReadLine { placed, after: reader.position() }),
                        Ok(None) => break,
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    }
                }
                torn_lines.store(reader.torn_lines(), Ordering::Relaxed);
                let last = batch.len() < BATCH;
                // Nobody listens any more: something else was found wrong.
                if send.send(Ok(batch)).is_err() {
                    return;
                }
                if let Some(error) = failed {
                    let _ = send.send(Err(error));
                }
                if last {
                    return;
                }
            }
        });
        Lines { receive, batch: Vec::new().into_iter(), torn }
    }

    /// The next line; `None` at the end.
    pub(super) fn next_line(&mut self) -> Result<Option<ReadLine>, LedgerError> {
        loop {
            if let Some(line) = self.batch.next() {
                return Ok(Some(line));
            }
            match self.receive.recv() {
                Ok(batch) => self.batch = batch?.into_iter(),
                Err(_) => return Ok(None),
            }
        }
    }

    /// How many torn lines were passed over, at the end.
    pub(super) fn torn_lines(&self) -> u64 {
        self.torn.load(Ordering::Relaxed)
    }
}
