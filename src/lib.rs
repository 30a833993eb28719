//! Amanah: a vault for the records of children and families.

pub mod cli;
pub mod crypto;
pub mod custody;
pub mod disk;
pub mod id;
pub mod ledger;
pub mod problem;
pub mod records;
pub mod store;
pub mod vault;
