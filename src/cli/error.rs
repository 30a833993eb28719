//! What can go wrong at the terminal itself, and on the command line.

use crate::problem::{Problem, problems};

/// What a command gives back. Any enum made with `problems!` turns into the box by `?`.
pub type CliResult<T = ()> = Result<T, Box<dyn Problem>>;

impl<P: Problem> From<P> for Box<dyn Problem> {
    fn from(problem: P) -> Self {
        Box::new(problem)
    }
}

problems! {
    /// What can be wrong on the command line, and at the terminal.
    pub enum CliError {
        UnknownArgument { argument: String, suggestion: String, command: String } = Usage, "usage-unknown-argument",
            "there is no argument {argument}";
        UnknownCommand { name: String, suggestion: String, command: String } = Usage, "usage-unknown-command",
            "there is no command {name}";
        MissingArgument { arguments: String, command: String } = Usage, "usage-missing-argument",
            "this must be given: {arguments}";
        MissingCommand { command: String } = Usage, "usage-missing-command",
            "say what to do: {command} wants a command";
        MissingValue { argument: String, allowed: String, command: String } = Usage, "usage-missing-value",
            "{argument} wants a value";
        InvalidChoice { argument: String, value: String, allowed: String, command: String } = Usage, "usage-invalid-choice",
            "{value} is not a choice for {argument}";
        InvalidValue { argument: String, value: String, command: String } = Usage, "usage-invalid-value",
            "{value} is not a value for {argument}";
        Conflict { argument: String, other: String, command: String } = Usage, "usage-conflict",
            "{argument} cannot be given together with {other}";
        Repeated { argument: String, command: String } = Usage, "usage-repeated",
            "{argument} can be given only once";
        TooMany { argument: String, value: String, command: String } = Usage, "usage-too-many",
            "{value} is too much: {argument} takes no more values";
        NotText { command: String } = Usage, "usage-not-text",
            "the command line holds bytes that are not UTF-8 text";
        Misread { command: String } = Usage, "usage-misread",
            "the command line was not understood";
        RecordReference = Usage, "usage-record",
            "a record should be named, and the name is empty";
        Assignment { value: String } = Usage, "usage-assignment",
            "{value} does not have the form FIELD=VALUE";
        UnlockTime { value: String } = Usage, "agent-time",
            "{value} is not a time between 1s and 12h, as in 15m";
        Moment { value: String } = Usage, "usage-moment",
            "{value} is not a date or a time";

        NoVault = Usage, "cli-no-vault",
            "it is not said which vault";
        NoIdentity = Usage, "cli-no-identity",
            "it is not said whose identity file";
        NoPurpose = Usage, "cli-no-purpose",
            "it is not said for what purpose";
        WholeId { reference: String } = Input, "request-whole-id",
            "without the vault a record is named by its whole id, and {reference} is none";
        NoTerminal = Usage, "cli-no-terminal",
            "something has to be asked, and there is no terminal to ask on";
        Stopped = Interrupted, "cli-stopped",
            "stopped";
        Output { source: std::io::Error } = Storage, "cli-output",
            "the answer could not be written";
        Prompt { source: std::io::Error } = Storage, "cli-prompt",
            "the terminal could not be used to ask";

        PassphraseSource { from: String, source: std::io::Error } = Key, "passphrase-source",
            "the passphrase could not be read from {from}";
        PassphraseMissing { from: String } = Key, "passphrase-missing",
            "{from} holds no passphrase, or fewer of them than are needed";
        PassphraseNotText { from: String } = Key, "passphrase-not-text",
            "the passphrase from {from} is not UTF-8 text";
        PassphraseLong { most: usize } = Key, "passphrase-long",
            "the passphrase is longer than {most} bytes";
        PassphraseShort { least: usize } = Key, "passphrase-short",
            "the passphrase is shorter than {least} characters";
        PassphraseMismatch = Key, "passphrase-mismatch",
            "the two passphrases are not the same";

        FileUnreadable { path: String, source: std::io::Error } = Input, "file-unreadable",
            "{path} cannot be read";
        FileTooLarge { path: String, most: u64 } = Input, "file-too-large",
            "{path} is larger than {most} bytes";
        FileNotText { path: String } = Input, "file-not-text",
            "{path} is not UTF-8 text";
        FileExists { path: String } = Input, "file-exists",
            "{path} exists already";
        FileUnwritable { path: String, source: std::io::Error } = Storage, "file-unwritable",
            "{path} cannot be written";
        DoctorFindings { count: usize } = Refused, "doctor-findings",
            "things that need attention: {count}";
        DoctorDamage { count: usize } = Integrity, "doctor-damage",
            "things that are damaged or about to be: {count}";
        Agent { source: std::io::Error } = Storage, "agent-failed",
            "the process that would keep the identity could not be started";
        AgentSilent = Busy, "agent-silent",
            "the process that keeps the identity does not answer; it ends as soon as it can";
        AgentFolder { path: String } = Key, "agent-folder",
            "{path} is not a folder of yours alone, or its path is too long: no identity is kept there";
        NoRecipient { path: String } = Key, "keys-no-recipient",
            "{path} does not name an age plugin's identity and its recipient";
        NotOneRecipient { path: String } = Input, "export-recipient",
            "{path} does not name one recipient: it is no card, and holds no age recipient or ssh-ed25519 key, or several";
        NoPassphraseHere { path: String } = Key, "keys-no-passphrase",
            "{path} is guarded by an age plugin or an SSH key and has no passphrase of its own";
        CardDiffers { path: String, card: String } = Key, "keys-card-differs",
            "{card} is not the card of {path}";
        FingerprintDiffers { member: String, given: String, found: String } = Key, "member-fingerprint",
            "the card of {member} has the fingerprint {found}, not {given}";
        CharterFingerprint { name: String, given: String, found: String } = Key, "charter-fingerprint",
            "the charters of {name} have the fingerprint {found}, not {given}";
        NotOfTheBody { member: String, group: String } = Input, "keys-not-of-the-body",
            "{member} is not of the body whose group is {group}";
        NoTime = Usage, "cli-no-time", "the time until which is asked ends before the one from which on";
        BadJson { path: String, why: String } = Input, "values-bad-json",
            "{path} is not a JSON object of fields and values: {why}";
        UnknownClass { class: String, known: String } = Input, "values-unknown-class",
            "the charter has no class {class}; it has {known}";
        TwiceGiven { field: String } = Input, "values-twice",
            "the value of {field} is given twice";
        BadShare { line: usize, why: String } = Input, "recovery-bad-share",
            "line {line} is not a share: {why}";
        BadRows { count: usize } = Input, "import-bad-rows",
            "wrong rows: {count}; nothing was written";
        DraftKept { path: String } = Interrupted, "draft-kept",
            "stopped; what was typed is kept, sealed to you, in {path}";
        SchemaUnknown { name: String } = NotFound, "schema-no-template",
            "there is no template {name}; there is sentra";
        DemoExists { path: String } = Input, "demo-exists",
            "{path} exists already, and the demonstration makes everything anew";
        DemoWent { what: String } = Internal, "demo-went-wrong",
            "the demonstration went otherwise than it should: {what}";

        ProofNoEntry = Input, "proof-no-entry",
            "the file does not hold the entry that it proves";
        ProofNoKey = Usage, "proof-no-key",
            "it is not said which log to believe";
        ProofOtherCharter { sequence: u64, charter: u64 } = Input, "proof-other-charter",
            "entry {sequence} was written under version {charter} of the charter, which the file does not hold: who signed it cannot be told";
        WitnessExists { path: String } = Input, "witness-exists",
            "{path} holds a witness already";

        RunGoesOn = Busy, "run-goes-on",
            "a nightly run on this vault goes on already";
        RunCutOff = Unattended, "run-cut-off",
            "it did not end: it was killed, or the machine went down";
        RunFailed { time: String, what: String } = Unattended, "run-failed",
            "the nightly run of {time} failed: {what}";
        RunOverdue { time: String, hours: u32 } = Unattended, "run-overdue",
            "the last nightly run that went well ended at {time}, more than {hours} hours ago";
        RunNever = Unattended, "run-never",
            "no nightly run on this vault has ever gone well, as far as this state folder knows";

        Defect { place: String } = Internal, "cli-defect",
            "amanah has a defect, and stopped at {place}";
    }
}
