//! Checkpoints: nothing that a stranger writes is taken for one of this log.
#![no_main]
use amanah::{crypto::sign::PublicKey, id::Id, ledger::Checkpoint};
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    assert!(Checkpoint::parse(data, &Id([1; 16]), &PublicKey([7; 32])).is_err());
});
