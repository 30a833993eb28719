//! What can go wrong with a vault.

use crate::{
    crypto::{CryptoError, age_wrap::WrapError, identity::IdentityError, note::NoteError, slip39::Slip39Error},
    custody::{AmendmentError, CharterError, ReleaseError, draft::DraftError},
    ledger::LedgerError,
    problem::problems,
    records::{schema::SchemaError, succession::SuccessionError, value::ValueError},
    store::StoreError,
};

problems! {
    /// What can go wrong with a vault.
    pub enum VaultError {
        /// There is no vault in that folder.
        NoVault { path: String } = NotFound, "vault-none", "there is no vault in {path}";
        /// The folder where a vault should be made is not empty.
        NotEmpty { path: String } = Input, "vault-not-empty", "{path} exists already and is not an empty folder";
        /// A vault of a newer format.
        Newer { found: String } = Newer, "vault-newer", "this vault was written by a newer version of amanah (format {found})";
        /// `vault.json` is not readable.
        BadMarker { path: String } = Integrity, "vault-bad-marker", "{path} does not say which vault this is";
        /// Something in the vault's folder is not its own.
        Foreign { path: String } = Integrity, "vault-link", "{path} is a link or another special file, or has a second name: a vault holds only files of its own";
        /// Another process has the vault open.
        Locked { holder: String, seconds: u64 } = Busy, "vault-locked", "another process ({holder}) has the vault open, and still had after {seconds} seconds";
        /// The identity does not belong to a member.
        NotAMember { member: String } = Refused, "vault-not-a-member", "{member} is not a member in the charter of this vault";
        /// The identity's keys are not those on the member's card.
        OtherKeys { member: String } = Refused, "vault-other-keys", "this identity is named {member}, but its keys are not those in the charter";
        /// A member without a group.
        NoGroup { member: String } = Refused, "vault-no-group", "{member} is in no group of the charter and can do nothing in this vault";
        /// No group of the actor may do this.
        MayNot { member: String, right: String } = Refused, "vault-may-not", "no group of {member} has the right \"{right}\" in the charter";
        /// What only members of oversight bodies do.
        OnlyOverseers { member: String } = Refused, "vault-only-overseers", "{member} is of no oversight body, and only overseers do this";
        /// What only the members of a group can do with its key.
        NotMember { member: String, group: String } = Refused, "vault-not-member", "{member} is not a member of {group}";
        /// The charter knows no such purpose.
        UnknownPurpose { purpose: String, known: String } = Refused, "vault-unknown-purpose", "the charter knows no purpose {purpose}; it knows {known}";
        /// A purpose has to be given.
        NoPurpose { known: String } = Usage, "vault-no-purpose", "nothing is shown without a purpose; the charter knows {known}";
        /// A reason has to be given for this purpose.
        NoReason { purpose: String } = Usage, "vault-no-reason", "the charter wants a reason for the purpose {purpose}";
        /// A reason has to be given for opening this class.
        ClassReason { class: String } = Usage, "vault-class-reason", "the charter wants a reason for opening fields of the class {class}";
        /// A reason that is too long.
        LongReason { most: usize } = Input, "vault-long-reason", "a reason has at most {most} characters";
        /// Fields asked for by name that the actor cannot open.
        Sealed { fields: String, coalitions: String } = Refused, "vault-sealed", "{fields}: sealed; who can open it: {coalitions}";
        /// A record without a field of the class that was named.
        NothingOfClass { record: String, class: String } = Input, "vault-nothing-of-class", "record {record} has no field of the class {class}";
        /// No such record.
        NoRecord { reference: String } = NotFound, "vault-no-record", "there is no record {reference}";
        /// The beginning of several ids.
        Ambiguous { reference: String, count: usize } = Input, "vault-ambiguous", "{reference} is the beginning of {count} record ids";
        /// A code that records of several kinds have.
        AmbiguousCode { reference: String, records: String } = Input, "vault-ambiguous-code", "{reference} is the code of several records: {records}";
        /// Not the beginning of an id.
        BadReference { reference: String, least: usize } = Input, "vault-bad-reference", "{reference} is not a record id, nor the first {least} or more characters of one, nor a code known here";
        /// The schema has no such kind.
        UnknownKind { kind: String, known: String } = Input, "vault-unknown-kind", "the schema has no kind {kind}; it has {known}";
        /// The kind has no such field.
        UnknownField { field: String, kind: String, known: String } = Input, "vault-unknown-field", "a {kind} has no field {field}; it has {known}";
        /// No such version.
        NoVersion { record: String, version: u64 } = NotFound, "vault-no-version", "record {record} has no version {version}";
        /// A record of the wrong kind.
        WrongKind { record: String, kind: String, wanted: String } = Input, "vault-wrong-kind", "record {record} is a {kind}, but a {wanted} is wanted here";
        /// Somebody else wrote the record while it was being edited.
        ChangedMeanwhile { record: String } = Input, "vault-changed-meanwhile", "record {record} was changed by somebody else in the meantime";
        /// A kind that belongs to nothing.
        NoOwner { kind: String } = Input, "vault-no-owner", "a {kind} belongs to no other record";
        /// A record cannot be merged with itself; what was merged already goes by the name of the other.
        MergeSelf { record: String } = Input, "vault-merge-self", "both names mean the same record {record}: it cannot be merged with itself";
        /// A record cannot be linked to what hangs on itself.
        LinkLoop { record: String } = Input, "vault-link-loop", "record {record} cannot belong to itself, or to what belongs to it";
        /// A value that must be unique is there already.
        Duplicate { field: String, record: String } = Input, "vault-duplicate", "{field}: another record has this value already ({record})";
        /// A field became searchable after records were written.
        IndexBehind { field: String } = Input, "vault-index-behind", "{field} became searchable after records were written: its index does not know them all";
        /// An index, or what waits for it, sealed under a charter that did not open it to the actor.
        IndexSealed { class: String, charter: u64 } = Refused, "vault-index-sealed", "fields of the class {class} were sealed under version {charter} of the charter, which did not open them to your groups: you cannot search them yet";
        /// The record was merged into another.
        WasMerged { record: String, survivor: String } = Input, "vault-was-merged", "record {record} was merged into {survivor}";
        /// The record was erased.
        WasErased { record: String, when: String, member: String, ground: String, sequence: u64 } = NotFound, "vault-was-erased", "record {record} was erased on {when} by {member} (ground: {ground}, entry {sequence})";
        /// No backup there.
        NoBackup { path: String } = NotFound, "vault-no-backup", "there is no such backup in {path}";
        /// A backup of another vault.
        OtherBackup { path: String } = Input, "vault-other-backup", "{path} holds backups of another vault";
        /// A backup of a ledger that parted from the one there is.
        PartedBackup { path: String } = Integrity, "vault-parted-backup", "the newest backup in {path} has entries that this ledger does not: one of them was continued from an older copy";
        BackupInVault { path: String } = Input, "vault-backup-in-vault", "{path} is the folder of a vault";
        PublishInVault { path: String } = Input, "vault-publish-in-vault", "{path} is the folder of a vault";
        BackupLocked { path: String, holder: String } = Busy, "vault-backup-locked", "another process ({holder}) is writing to {path}";
        /// A backup that is not what its manifest says, or not signed by a member.
        BadBackup { path: String } = Integrity, "vault-bad-backup", "{path} is missing, or is not what the backup's manifest says";
        /// Its use is restricted.
        Restricted { record: String, when: String, member: String, ground: String } = Refused, "vault-restricted", "the use of record {record} has been restricted since {when} by {member} (ground: {ground})";
        /// Its use is not restricted.
        NotRestricted { record: String } = Input, "vault-not-restricted", "the use of record {record} is not restricted";
        /// The charter wants a second member.
        WantsSecond = Refused, "vault-wants-second", "the charter wants a second member to confirm an erasure";
        /// An entry that asked for no erasure.
        NoErasureAsked { sequence: u64 } = NotFound, "vault-no-erasure-asked", "entry {sequence} does not ask for an erasure";
        /// An erasure that was noted, by a charter that is not at hand.
        ErasureCharter { sequence: u64, charter: u64 } = NotFound, "vault-erasure-charter", "entry {sequence} erased records under version {charter} of the charter, which this backup does not know";
        /// A record was written after its erasure was asked for.
        ErasureChanged { record: String, sequence: u64 } = Input, "vault-erasure-changed", "record {record} was written since entry {sequence} asked for its erasure";
        /// Two of the entries that are confirmed ask for the same record.
        ErasureTwice { record: String } = Input, "vault-erasure-twice", "two of these entries ask for record {record}";
        /// Who asked cannot confirm.
        SameMember { member: String } = Refused, "vault-same-member", "{member} has asked for this erasure: another member has to confirm it";
        /// Something belongs to a record that is to be erased.
        HasRelated { record: String, count: usize } = Input, "vault-has-related", "{count} other records belong to {record}, or were merged into it";
        /// No such ground.
        UnknownGround { ground: String, known: String } = Usage, "vault-unknown-ground", "there is no ground {ground}; there are {known}";
        /// An erased record of which something is still there.
        NotErased { sequence: u64, of: u64 } = Integrity, "vault-not-erased", "entry {sequence} erased a record, but the payload of entry {of} still holds it";
        /// A field that has no index.
        NotSearchable { field: String } = Input, "vault-not-searchable", "no field {field} can be searched in this way";
        /// A search without anything to search for.
        TurnedDays { first: String, last: String } = Input, "vault-turned-days", "no day is from {first} on and until {last}";
        NothingToFind = Usage, "vault-nothing-to-find", "a search wants a number, a code, a name, or a field and its value";
        /// A term that would match too much.
        ShortTerm { least: usize } = Input, "vault-short-term", "a name is searched by words of at least {least} letters";
        /// Nothing that the actor could search.
        NothingToSearch = Refused, "vault-nothing-to-search", "the schema has no searchable field of a class that your groups open by themselves";
        /// Nothing that records of a kind could be compared by.
        NothingToCompare { kind: String } = Refused, "vault-nothing-to-compare", "a {kind} has nothing to be compared by that your groups open by themselves: an identity number, or a name and a date of birth";
        /// Nothing was changed.
        NothingToWrite = Input, "vault-nothing-to-write", "nothing to write: no field was given, or none was changed";
        /// More belongs to a record than one command opens.
        LargeCase { record: String, most: usize } = Input, "vault-large-case", "more than {most} records belong to {record}";
        /// The vault's own memory of the ledger does not fit the ledger.
        RolledBack { size: u64, remembered: u64 } = Integrity, "vault-rolled-back", "the ledger has {size} entries, but there is a signed checkpoint or statement of {remembered}: it was cut, or the vault was replaced by an older copy";
        /// The ledger is another than the one seen before.
        Forked { size: u64 } = Integrity, "vault-forked", "the first {size} entries of the ledger are not those of an earlier signed checkpoint or statement: the ledger was rewritten";
        /// A checkpoint is not by the vault's log key.
        BadCheckpoint { path: String } = Integrity, "vault-bad-checkpoint", "{path}: the checkpoint is not signed by this vault's log, or was changed";
        /// Journal and ledger do not fit each other.
        Payload { sequence: u64 } = Integrity, "vault-payload", "the payload of entry {sequence} is missing, or is not what the entry says";
        /// Something an entry should not contain.
        BadEntry { sequence: u64, why: &'static str } = Integrity, "vault-bad-entry", "entry {sequence}: {why}";
        /// The store does not follow from journal and ledger.
        StoreDiffers { what: &'static str } = Integrity, "vault-store-differs", "the store does not agree with journal and ledger: {what}";
        /// An entry is committed, but the store could not follow.
        StoreBehind { sequence: u64, source: StoreError } = Storage, "vault-store-behind", "entry {sequence} is written and safe, but the store could not follow: {source}";
        /// A former write failed half way.
        Stopped = Storage, "vault-stopped", "a write failed before; this process does nothing more with the vault";
        /// Sealed before a group's key was changed, and not yet handed on.
        NotHandedOn { group: String } = Refused, "vault-not-handed-on", "this was sealed before {group} got its present key, and has not been handed on to it";
        /// What an envelope of a class is opened with is not there: its charter, or a quorum in it.
        NoKey { class: String } = Integrity, "vault-no-key", "the vault holds nothing with which the groups of this identity could open the class {class}";
        /// A group's key that the store should hold is not there.
        NoGroupKey { group: String } = Integrity, "vault-no-group-key", "the vault does not hold the key of {group}";
        /// A session's secret that the store should hold is not there.
        NoSession { session: String } = Integrity, "vault-no-session", "the vault does not hold the secret of session {session} for the groups of this identity";
        /// The log's key that the store should hold is not there.
        NoLogKey = Integrity, "vault-no-log-key", "the vault does not hold the key of its log for the groups of this identity";
        /// Nothing to prove or publish from: no checkpoint was ever signed.
        NoCheckpoint = NotFound, "vault-no-checkpoint", "this vault has no checkpoint yet";
        /// The newest checkpoint is signed with the key that was the log's before an amendment.
        CheckpointBehind = Refused, "vault-checkpoint-behind", "the charter was amended after the newest checkpoint: those who know the new charter would not believe it";
        /// An entry that the newest checkpoint does not cover.
        NotCovered { sequence: u64, size: u64 } = NotFound, "vault-not-covered", "the newest checkpoint covers {size} entries: entry {sequence} is not among them";
        /// A published log of another vault, or one that this ledger does not continue.
        OtherPublication { path: String } = Integrity, "vault-other-publication", "what is published in {path} is not the beginning of this ledger: it is another log, or this ledger was cut or rewritten";
        /// A cosignature that is not one, or of a checkpoint of another ledger.
        BadCosignature { why: &'static str } = Integrity, "vault-bad-cosignature", "the cosignature does not count: {why}";
        /// What was taken in from a witness is not what was written down then.
        DamagedCosignature { path: String } = Integrity, "vault-damaged-cosignature", "{path} is not what was taken in from a witness";
        /// The charter wants witnesses, and too few have cosigned lately.
        NotWitnessed { fresh: u64, any: u64, hours: u64 } = Refused, "vault-not-witnessed", "{fresh} of the {any} witnesses that the charter wants have cosigned the ledger in the last {hours} hours";
        /// Shares that give no key that the group has had.
        PaperOther { group: String } = Integrity, "paper-other-key", "these shares fit together, and give no key that {group} has ever had in this vault";
        /// Shares of a former key.
        PaperOld { group: String, epoch: u64, present: u64 } = Refused, "paper-old-key", "these shares give the key of {group} of epoch {epoch}; its present key, of epoch {present}, they do not restore";
        /// Shares of the present key.
        PaperPresent { group: String } = Input, "paper-present-key", "these shares give the present key of {group}: there is no newer one that anything could be handed on to";
        /// A witness was named, and the charter names none.
        NoWitnesses = NotFound, "vault-no-witnesses", "the charter names no witnesses";
        /// A witness that the charter does not name.
        UnknownWitness { name: String, known: String } = NotFound, "vault-unknown-witness", "the charter names no witness {name}; it names {known}";
    }
    transparent {
        /// From cryptography.
        Crypto(CryptoError);
        /// From age.
        Wrap(WrapError);
        /// From a key file.
        Identity(IdentityError);
        /// From shares on paper.
        Paper(Slip39Error);
        /// From a note.
        Note(NoteError);
        /// From the charter.
        Charter(CharterError);
        /// From an amendment.
        Amendment(AmendmentError);
        /// From a request or a release.
        Release(ReleaseError);
        /// From a draft of a charter.
        Draft(DraftError);
        /// From the ledger.
        Ledger(LedgerError);
        /// From the journal or the store.
        Store(StoreError);
        /// From the schema.
        Schema(SchemaError);
        /// From the order of schemas.
        Succession(SuccessionError);
        /// From a value.
        Value(ValueError);
    }
}
