//! Who may open what: bodies, members, groups, classes, quorums, and the charter that binds them.
//!
//! | file | holds |
//! |---|---|
//! | `card` | the public half of a member's identity |
//! | `group_key` | a group's key pair, its private half wrapped to each member |
//! | `quorum` | which groups together suffice, and the smallest sets that do |
//! | `charter` | the signed policy, as a vault carries it |
//! | `check` | what a charter must not say |
//! | `draft` | the charter as people write it, before keys are put in |
//! | `amendment` | the next charter, its keys and signatures in one file; what makes it good |
//! | `proposal` | making the next charter from the present one |
//! | `changes` | what an amendment changes, for people who shall sign it |
//! | `request` | a member asks for named envelopes |
//! | `release` | a group's shares of them, sealed to who asked |
//! | `ending` | a request denied, or taken back |
//! | `exchange` | requests and answers as files between institutions |
//! | `chain` | the charters as somebody without the vault knows them |
//! | `statement` | what overseers opened without the centre |

pub mod amendment;
pub mod card;
pub mod chain;
pub mod changes;
pub mod charter;
pub mod check;
pub mod draft;
pub mod ending;
pub mod exchange;
pub mod group_key;
pub mod proposal;
pub mod quorum;
pub mod release;
pub mod request;
pub mod retention;
pub mod statement;

pub use amendment::{Amendment, AmendmentError};
pub use card::Card;
pub use chain::Chain;
pub use charter::{Body, Charter, Class, Group, Purpose, Role, Witnesses};
pub use draft::Draft;
pub use ending::Ending;
pub use group_key::GroupKey;
pub use proposal::Proposal;
pub use release::{Release, ReleaseError};
pub use request::Request;
pub use retention::Retention;
pub use statement::Statement;

use crate::{
    crypto::{CryptoError, age_wrap::WrapError, note::NoteError},
    problem::problems,
};

problems! {
    /// What can be wrong with a charter, a card or a group key.
    pub enum CharterError {
        /// Not a charter.
        Malformed { why: String } = Input, "charter-malformed", "this is not a charter: {why}";
        /// Not a card.
        BadCard { why: String } = Input, "card-malformed", "this is not a card: {why}";
        /// Not a group key.
        BadGroupKey { why: String } = Input, "group-key-malformed", "this is not a group key: {why}";
        /// A name that is not in the form of names.
        BadName { name: String } = Input, "charter-bad-name", "{name} is not a usable name: lower case letters, digits and hyphens, beginning with a letter";
        /// Something is there twice.
        Twice { what: String } = Input, "charter-twice", "{what} is there twice";
        /// One key under two names.
        SameKey { first: String, second: String } = Input, "charter-same-key", "{first} and {second} have the same key";
        /// A name that is reserved.
        Reserved { name: String } = Input, "charter-reserved", "{name} is a reserved name";
        /// A quorum names a group that is not there.
        UnknownGroup { place: String, group: String } = Input, "charter-unknown-group", "{place} names the group {group}, which the charter does not define";
        /// A group of a body that is not there.
        UnknownBody { name: String } = Input, "charter-unknown-body", "{name} belongs to a body that the charter does not define";
        /// A group has a member that is not there.
        UnknownMember { group: String, member: String } = Input, "charter-unknown-member", "the group {group} has the member {member}, of whom the charter has no card";
        /// A member of another body.
        ForeignMember { group: String, member: String } = Input, "charter-foreign-member", "{member} belongs to another body and cannot be in the group {group}";
        /// A group without members.
        EmptyGroup { group: String } = Input, "charter-empty-group", "the group {group} has no members";
        /// A group whose key is somebody's own.
        NotAGroupKey { group: String } = Input, "charter-not-a-group-key", "the key of {group} is a member's own key, or behind a plugin: a group's key is made for it and wrapped to its members";
        /// A quorum that wants no one, or more than it names.
        Unmeetable { place: String, any: u8, of: usize } = Input, "charter-unmeetable", "a quorum of {place} wants {any} of {of}, which nobody can meet";
        /// The group of an emergency is in another quorum too.
        EmergencyGroup { place: String, group: String } = Input, "charter-emergency-group", "break_glass of {place} names {group}, which stands in another quorum too: an emergency wants groups of its own";
        /// One group twice at one level of a quorum.
        GroupTwice { place: String, group: String } = Input, "charter-group-twice", "a quorum of {place} names {group} twice: it would count twice";
        /// A quorum too deep or too wide.
        QuorumTooLarge { place: String } = Input, "charter-quorum-too-large", "a quorum of {place} is deeper than 4 levels, or names more than 32 groups, or can be met in more than 1000 ways";
        /// A class without quorums.
        NobodyOpens { class: String } = Input, "charter-nobody-opens", "nobody can open the class {class}: it has no quorum";
        /// The class `sealed` opened by one body.
        SealedAlone { body: String, groups: String } = Input, "charter-sealed-alone", "the class sealed could be opened by {body} alone ({groups}): it wants two bodies";
        /// An amendment that one body could sign.
        AmendedAlone { body: String } = Input, "charter-amended-alone", "{body} alone could amend the charter: it wants two bodies";
        /// No body is the centre, or none is oversight.
        NoBody { role: String } = Input, "charter-no-body", "the charter has no body with the role {role}";
        /// Nobody can write.
        NobodyWrites = Input, "charter-nobody-writes", "no group of the charter may write";
        /// A right that is not known.
        UnknownRight { group: String, right: String } = Input, "charter-unknown-right", "the group {group} has the right {right}; known are write, schema, erase and ledger";
        /// A group that keeps the ledger has more than that.
        LedgerOnly { group: String } = Input, "charter-ledger-only", "the group {group} has the right ledger: it can have no other right, stand in no quorum, and have no member who is in another group";
        /// No purpose.
        NoPurpose = Input, "charter-no-purpose", "the charter has no purpose, so nothing could ever be shown";
        /// A time zone that is not known.
        UnknownTimeZone { name: String } = Input, "charter-time-zone", "{name} is not a time zone of the IANA database, such as Asia/Jakarta";
        /// More than a limit allows.
        TooMany { what: String, most: usize } = Input, "charter-too-many", "the charter has more than {most} entries of {what}";
        /// A charter that no note holds.
        TooLong { most: usize } = Input, "charter-too-long", "the signed charter, with the cards of its members and the keys of its groups, would be longer than {most} bytes";
        /// A group key that no note holds.
        GroupKeyTooLong { group: String, most: usize } = Input, "group-key-too-long", "the key of {group}, wrapped to each of its members, would be longer than {most} bytes";
        /// Witnesses that cannot be counted.
        BadWitnesses = Input, "charter-bad-witnesses", "[witness] wants different keys of witnesses, at least one and no more than all of them, and an age of 1 to 8784 hours";
        /// A rule of retention that cannot be followed.
        BadRetention { kind: String } = Input, "charter-bad-retention", "[[retention]] {kind}: it keeps for 1 to 200 years, and a date is a field of the kind or kind.field of what belongs to it";
        /// An overseer's key must not be made by the centre.
        OverseerKey { group: String } = Input, "charter-overseer-key", "the oversight group {group} has no key file: its own body makes it, so that the centre never holds it";
        /// A group key for another group, or other members.
        OtherGroupKey { group: String } = Input, "charter-other-group-key", "the key file of {group} is for another group, or for other members than the charter names";
        /// A group key by a stranger.
        GroupKeyUnsigned { group: String } = Integrity, "charter-group-key-unsigned", "the key of {group} is not signed by a member of its body";
        /// Not among those a group key is wrapped to.
        NotInGroup { group: String, member: String } = Refused, "group-key-not-for", "the key of {group} is not wrapped to {member}";
        /// What was unwrapped is not the group's key.
        WrongGroupKey { group: String } = Integrity, "group-key-wrong", "what {group}'s key file holds is not the key it names";
        /// The vault would be made by an overseer.
        Founder { member: String } = Input, "charter-founder", "{member} does not belong to the centre: one of its members makes the vault";
        /// The charter was not signed by the member who should have.
        Unsigned { member: String } = Integrity, "charter-unsigned", "the charter is not signed by {member}";
    }
    transparent {
        /// From a note.
        Note(NoteError);
        /// From age.
        Wrap(WrapError);
        /// From below.
        Crypto(CryptoError);
    }
}
