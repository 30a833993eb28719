//! Sealing, sharing, wrapping and signing: everything that touches a key.
//!
//! Knows nothing of vaults, charters or records. The primitives are those of `ring` (AES-256-GCM,
//! HKDF, SHA-256, Ed25519, randomness), `age` (public-key wrapping, passphrases) and `vsss-rs`
//! (Shamir); this folder puts them together as `docs/FORMAT.md` says, and writes none itself.
//!
//! | file | holds |
//! |---|---|
//! | `random`, `digest` | where randomness comes from; SHA-256 |
//! | `locked` | a secret on a page of its own, out of swap |
//! | `sign`, `note`, `vkey` | Ed25519 keys; C2SP signed notes, and keys as others write them |
//! | `age_wrap`, `identity` | wrapping to a recipient; a member's key file |
//! | `hybrid`, `xwing` | age's post-quantum keys, and the key encapsulation in them |
//! | `pad` | hiding lengths |
//! | `sharing` | a secret dealt along a tree of thresholds |
//! | `session`, `envelope` | session secrets and share keys; one sealed class of one record |
//! | `index` | labels and postings of a search index |
//! | `age_secret`, `slip39` | the secret inside an age key; a secret on paper, as words |
//! | `pseudonym` | other ids in place of those of records |
//! | `cbor` | canonical encoding |

pub mod age_file;
pub mod age_secret;
pub mod age_wrap;
pub mod cbor;
pub mod digest;
pub mod envelope;
pub mod hybrid;
pub mod identity;
pub mod index;
mod locked;
pub mod note;
pub mod pad;
pub mod pseudonym;
pub mod random;
pub mod session;
pub mod sharing;
pub mod sign;
pub mod slip39;
pub mod vkey;
mod xwing;

use crate::problem::problems;

problems! {
    /// What can go wrong below the level of files and vaults.
    pub enum CryptoError {
        /// The operating system gave no randomness.
        NoRandomness = Internal, "crypto-no-randomness", "the operating system gave no randomness";
        /// Bytes that should be a key are not.
        BadKey = Key, "crypto-bad-key", "this is not a usable key";
        /// A sealed value did not authenticate: wrong key, wrong place, or altered.
        DoesNotOpen = Integrity, "crypto-does-not-open", "a sealed value does not open: it was altered, moved, or belongs to another key";
        /// The key does not match the envelope's commitment.
        CommitmentMismatch = Integrity, "crypto-commitment", "a content key does not match the commitment of its envelope";
        /// The shares at hand meet no quorum.
        QuorumNotMet = Refused, "crypto-quorum", "the shares at hand meet no quorum";
        /// A tree of thresholds that cannot be dealt.
        BadTree = Input, "crypto-bad-tree", "a quorum cannot be dealt: it wants no one, or more than it names";
        /// Bytes that are not what the writer would have written.
        Malformed { what: &'static str } = Integrity, "crypto-malformed", "malformed {what}";
        /// More than the format allows.
        TooLarge { what: &'static str } = Input, "crypto-too-large", "{what} is larger than the format allows";
    }
}
