# What the terminal says beside errors. Help stands in the code, see src/cli/help.rs.

label-error = error
label-hint = hint
label-warning = warning
not-hardened = the system does not let amanah protect its memory ({ $what }); use a computer that nobody else is logged in to

heading-usage = Usage
heading-commands = Commands
heading-arguments = Arguments
heading-options = Options
heading-globals = Options of all commands
usage-options = [OPTIONS]
usage-command = COMMAND
argument-default = [default: { $value }]
argument-one-of = [one of: { $value }]
argument-environment = [environment: { $value }]

passphrase-again = the same passphrase again

form-how = Enter accepts an answer, Esc stops and keeps what was typed; * must be answered
form-label = ({ $number }/{ $count }) { $label }
form-yes = yes
form-no = no
form-stopped = <stopped>
form-empty = (leave empty)
form-required = this must be answered
form-bad-integer = a whole number is wanted, as in 12
form-bad-date = a date is wanted, as in 2016-03-01 or 01/03/2016
form-too-many = there can be no more than { $most }
form-help-date = year-month-day, or day/month/year
form-help-integer = a whole number
form-help-long-text = line by line; an empty line ends it
form-help-list = one at a time; an empty line ends it
form-help-choice = choose with the arrow keys, or type to find
form-help-choices = mark with the space bar, then Enter; type to find

io-not-found = there is no such file or folder
io-permission-denied = permission denied
io-already-exists = it exists already
io-storage-full = no space is left on the disk
io-read-only = the disk can only be read
io-is-a-folder = it is a folder
io-not-a-folder = a file stands where a folder should be

passphrase-of = passphrase of { $file }
passphrase-new = a new passphrase

store-rebuilt = the store was made anew from journal and ledger; nothing is lost
not-closed = what was done is in the ledger and safe, do not repeat it; but the vault could not be closed: { $why }
lock-waiting = waiting: another process ({ $holder }) has the vault open
task-rebuild = making the store anew
task-write = sealing and writing
task-read = opening
task-verify = verifying
task-rotate = handing on to the new key
task-index = indexing
task-table = reading the table

field-action = action
field-actor = who
field-body = body
field-card = card
field-class = class
field-count = records
field-created = made
field-entry = entry
field-field = field
field-fields = fields
field-file = file
field-fingerprint = fingerprint
field-folder = folder
field-group = group
field-identity = identity file
field-is = is
field-kind = kind
field-label = label
field-may = may
field-meaning = meaning
field-member = member
field-members = members
field-name = name
field-of = of
field-opened-by = opened by
field-outcome = outcome
field-purpose = purpose
field-reason = reason
field-recipient = recipient
field-record = record
field-rules = rules
field-post-quantum = post-quantum
field-signing = signing key
field-subjects = what
field-time = when
field-time-zone = time zone
field-type = type
field-vault = vault
field-version = version

is-card = a card
is-group-key = a group key
is-identity = an identity
role-centre = centre
role-oversight = oversight
reason-wanted = wanted
rule-required = required
rule-unique = unique
rule-searchable = searchable
rule-parent = says to whom it belongs

outcome-ok = ok
outcome-refused = refused
outcome-failed = failed

post-quantum-yes = yes
post-quantum-no = no: a large quantum computer could open what is recorded today
post-quantum-unknown = that depends on the plugin
keys-new-next = keep the identity file to yourself and a copy of it in a safe; give the card to others and compare its fingerprint by voice
keys-show-next = compare the fingerprint by voice with the person whose card it is
keys-passphrase-done = the passphrase is changed; copies of the old file still open with the old one
keys-group-next = give this file to whoever makes the vault, whose charter names it as the group's key; or to whoever proposes an amendment, who gives it with --key
charter-amended-by = amended by
charter-sound = the draft is sound
field-changes = what changes
field-before = before
field-after = after
field-signed = signed by
reason-not-wanted = no reason wanted
opened-by-nobody = nobody
amend-proposed = proposed and signed by you: { $file }; give it to the others who must sign (`amanah charter amend sign`), then `amanah charter amend apply`
amend-signed = signed: { $file }; send it back to the one who proposed it
amend-suffices = the signatures suffice: `amanah charter amend apply` puts it into force
amend-lowers = it makes something easier than before: look at the marked lines
amend-sign-ask = Sign this amendment ({ $digest })?
amend-applied = version { $version } of the charter is in force
rotate-done = { $count ->
    [one] { $group }: one sealing session is handed on to the new key
   *[other] { $group }: { $count } sealing sessions are handed on to the new key
}
rotate-left = { $count ->
    [one] { $group }: one session is left, from before you were in the group; a member who was must run `amanah group rotate { $group } --resume`
   *[other] { $group }: { $count } sessions are left, from before you were in the group; a member who was must run `amanah group rotate { $group } --resume`
}
rotate-waiting = { $group } has a new key: a member who was in the group before must run `amanah group rotate { $group } --resume`, so that new members can open what was sealed before
enroll-ask = Does { $member }, asked by voice, read out { $fingerprint }?
change-body-in = body { $body }: new
change-body-out = body { $body }: leaves
change-body-other = body { $body }: name or role
change-member-in = member { $member }: new
change-member-out = member { $member }: leaves
change-member-card = member { $member }: another card
change-group-in = group { $group }: new
change-group-out = group { $group }: no more
change-group-members = group { $group }: members who leave, members who join
change-group-key = group { $group }: a new key
change-group-rights = group { $group }: rights
change-class = class { $class }: opened by
change-class-reason = class { $class }: reason
change-amendment = charter: amended by
change-purpose-in = purpose { $purpose }: new
change-purpose-out = purpose { $purpose }: no more
change-purpose-other = purpose { $purpose }: words, reason or restricted records
restricted-used = also for records whose use is restricted
change-log = log: a new key
change-section = [{ $section }]: changes
change-lowers = EASIER THAN BEFORE
init-ready-charter = no charter was given: the ready one is used, with the cards and group keys in ./cards (`amanah charter template` writes it out, to be changed)
init-next = made; next: `amanah import FILE --kind child --vault { $dir }`, or `amanah record add child --vault { $dir }`
schema-sound = the schema is sound
schema-follows = the schema is sound and can follow that of the vault
schema-amended = version { $version } of the schema is in force

form-class = class { $class }
draft-beside = { $label }: the record has "{ $now }"; typed before: "{ $typed }"
draft-continue = something was typed before and not written; go on with it?
record-version = version { $version }
record-written = written as version { $version }
record-linked = { $record } belongs to { $of } now
record-sealed = [sealed: { $class }; opened by { $who }]
record-sealed-short = [sealed: { $class }]
record-count = { $count ->
    [one] 1 record
   *[other] { $count } records
}
history-next = `amanah record show RECORD --at VERSION` shows an older version
unique-unchecked = { $field } should be unique, but you cannot open it: whether the value is there already was not checked
case-no-events = nothing in this case has a date yet

import-row = row { $row }: { $why }
import-cell = column { $column }: { $problem }
import-twice = { $field }: row { $row } has the same value
import-more = and { $count } more; --report FILE writes all of them down
import-checked = rows that are right: { $rows }; nothing was written
import-begun = rows that are in the vault all the same: { $count }, the first of the table that are sound; import only the others
import-written = records written: { $written }; rows left out: { $wrong }

verify-entries = entries
verify-payloads = payloads
verify-versions = versions of records
verify-checkpoint = checkpoint at
verify-remembered = this machine has seen
verify-rows = rows of the store
verify-none = none
verify-torn = { $count } torn lines from interrupted appends were passed over; they are harmless
verify-backwards = the clock was set back before entry { $entry }
verify-no-store = the store was not closed and was not compared; the next command makes it anew
verify-sound = everything fits: signatures, members and rights, the tree, payloads, checkpoint and store

demo-begin = A demonstration with invented people, in the folder { $dir }. Nobody in it exists.
demo-people = Six people of four institutions make their keys
demo-people-how = Each makes an identity and a card; each overseer makes the key of its own group, which the centre never holds.
demo-vault = The registry officer makes the vault with its charter
demo-vault-how = The charter says which groups open which class of fields. One line is one way; groups joined by + must agree.
demo-import = The officer takes in the register
demo-import-how = 263 children and families since 2016 and what was done for them. Every field is sealed by itself, for its class; the officer can write fields that only others can read.
demo-case = The officer reads a case and corrects it
demo-case-how = The ledger has the entry before anything is shown. Fields of other classes stay sealed.
demo-case-more = { $count } more records belong to this case.
demo-all-fields = all
demo-refused = The clinician is refused a field of the registry, and the other way round
demo-refused-how = The keys decide, not a setting: without its key a field cannot be opened. The refusal is in the ledger too.
demo-sealed = The head alone cannot open a sealed field
demo-sealed-how = It takes the centre and an overseer together, or two overseers.
demo-ledger = What the ledger says
demo-ledger-how = The newest entries. No name, number or value of a child is in it.
demo-tamper = Somebody changes a copy of the ledger
demo-tamper-how = First the vault is verified, then a copy in which one entry was given to somebody else.
demo-sound = the vault is sound: { $entries } entries
demo-next = What to try next
demo-next-how = The identities in the folder `keys` have the passphrase in the file `passphrase`. RECORD is an id from the list, or a code.

find-what = name, number or code
find-count = shown: { $shown } of { $total } found
find-left-out = not searched: { $classes }; these are sealed against you, or opened only with a reason (--reason)
find-titles = what you typed are titles: names with other words are not searched by them; type another word of the name
find-by-way-of = found by { $record }, which was merged into it
match-exact = exact
match-similar = similar ({ $score })
match-same = same { $field }
duplicates-count = pairs that may be the same: { $count }
duplicates-not-compared = { $count } records have a date of birth that more than 500 others have: they were compared by number, not by name
duplicates-closed = { $count } records were not compared, or not by all that is compared: it is sealed against you, or their use is restricted
record-merged = { $record } is merged into { $survivor }; both keep their histories
record-was-merged = { $record } was merged into { $survivor }, which is shown; `amanah record show --at` shows what it said itself
index-rebuilt = index made anew; classes: { $classes }, records: { $records }
field-match = match
field-found = found

task-publish = laying out the ledger
field-cosigned = cosigned at
field-entries = entries
field-files-written = files written
field-fresh = recent
field-log = log
field-log-key = key of the log
field-new = new
field-witness = witness
field-witness-key = key of the witness
prove-next = give the key of the log by another way than the proof; `amanah audit check-proof` checks it
proof-cosigned = cosigned by { $witness } at { $time }
proof-sound = the entry is one of the first { $size } of { $origin }
witness-init-next = give the key to the centre, for its charter; then `amanah witness trust` with the key of its log
witness-cosigned = the first { $size } entries of { $origin } continue what was seen before; cosigned
witness-serving = listening at { $address }
witness-ask-next = take this file to the witness: `amanah witness cosign FILE -o NOTE`; bring the note back: `amanah witness take NOTE`
witness-never = never
verify-cosigned = cosigned at
verify-no-signatures = the signatures of entries were not checked
