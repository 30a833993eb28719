//! Amanah: a vault for the records of children and families.
//!
//! Every field is sealed by itself. The keys are split between the centre that keeps the records
//! and the bodies that watch over it. Nothing is revealed before an append-only ledger says so.
//!
//! ```text
//! write:  values -- seal --> payload -- journal, fdatasync --> entry -- ledger, fdatasync --> store --> acknowledged
//! read:   entry{who, what, why} -- ledger, fdatasync --> store --> shares --> content key --> fields --> shown
//! ```
//!
//! Imports run downwards only:
//!
//! | folder | is |
//! |---|---|
//! | [`cli`] | the command line: one file per command; the only part that prints |
//! | [`audit`] | questions to the ledger, and exports of it; never touches a key |
//! | [`vault`] | the only place where the parts meet: open, write, read, verify |
//! | [`records`] | schema, values, what people type, tables to import |
//! | [`custody`] | bodies, members, groups, classes, quorums, the charter |
//! | [`ledger`] | entries, lines, tree, checkpoints; does not know what a record is |
//! | [`store`] | the journal, and the key-value view that reads are served from |
//! | [`crypto`] | sealing, sharing, wrapping, signing; knows nothing of vaults |
//! | [`disk`], [`clock`], [`id`], [`problem`] | files that must last, the time, identifiers, what can go wrong |
//!
//! A program that wants a vault uses [`vault::create`], [`vault::Vault::open`],
//! [`vault::Vault::admit`] and the methods of [`vault::Vault`]; everything else is there to be read
//! and tested. The formats on disk are promised (`docs/FORMAT.md`): a vault written by a released
//! version is opened by every later one. The Rust interface is not promised.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod crypto;
pub mod custody;
pub mod disk;
pub mod id;
pub mod ledger;
pub mod problem;
pub mod records;
pub mod store;
mod texts;
pub mod vault;
