# Erasure, restriction, retention.

erase-ask = { $count ->
    [one] erase one record for good? it cannot be brought back
   *[other] erase { $count } records for good? they cannot be brought back
}
record-erased = records erased: { $count }; entry { $entry } says so, and stays
record-erased-elsewhere = copies of the vault made before still hold them: backups, and files given to others
task-erase = erasing
hint-vault-was-erased = what it said is gone for good; `amanah audit log --record RECORD` shows what the ledger still says of it
hint-vault-has-related = erase them together with --with-related, or link them to another record first
hint-vault-unknown-ground = choose the ground that comes nearest, and say the rest with --reason
hint-vault-not-erased = any command that opens the vault finishes an interrupted erasure; if it stays so, the journal was put back from a copy
verify-erased = erased items

erase-asked = { $count ->
    [one] asked to erase one record; nothing is erased until another member with the right runs `amanah record erase{ $confirm }`
   *[other] asked to erase { $count } records; nothing is erased until another member with the right runs `amanah record erase{ $confirm }`
}
record-restricted = records whose use is restricted now: { $count }
record-unrestricted = records that can be used again: { $count }
record-restricted-short = [restricted]
retention-no-rules = the charter has no rule of retention: nothing is ever due
retention-written = when it was last written
retention-count = records whose time is over: { $count }
field-due = due
field-counted-from = by
hint-vault-restricted = it is read for purposes that the charter names for it (`amanah charter show --toml`); `amanah record unrestrict` lets it be used again
hint-vault-not-restricted = `amanah audit log --record RECORD` shows what was done
hint-vault-wants-second = `amanah record erase` asks for it; another member confirms with --confirm; `amanah backup restore` takes the identity of the second member with --second
hint-vault-erasure-charter = give with --erasures a folder that has erasures.charters beside its erasures: that of another backup, or of another computer that worked on the vault
hint-vault-erasure-changed = look at what was written; if it is to go all the same, ask for it again with `amanah record erase`
hint-vault-erasure-twice = confirm one of them; what else the other asks for has to be asked for anew
hint-vault-no-erasure-asked = `amanah audit log --action record.erase-ask` lists what was asked for
hint-vault-same-member = give the number of the entry to a colleague who has the right `erase`
hint-charter-bad-retention = for example: kind = "child", keep_years = 10, after = "closure.closure_date"

certificate-title = Record of destruction of data
certificate-intro = The records listed here were erased for good from the vault of { $name }. Nobody can bring them back. The ledger of the vault says so too, and `amanah audit verify` checks it.
certificate-vault = Vault
certificate-time = Date and time
certificate-entries = Entries of the ledger
certificate-root = Root of the ledger with { $size } entries
certificate-records = Number of records
certificate-items = Items taken out of the journal
certificate-asked = Asked for by
certificate-confirmed = Confirmed and erased by
certificate-erased = Erased by
certificate-who = { $member } (group { $group }), entry { $entry }, { $time }
certificate-ground = Ground
certificate-list = The records
certificate-record = Record
certificate-kind = Kind
certificate-versions = Versions
certificate-backups = Backups
certificate-no-backup = The ledger knows of no backup whose time is not over.
certificate-limits = Releases, exports and other copies that were given away before are not reached by this.
certificate-signed = Signatures
certificate-witness = Witness
certificate-sign-name = Name
certificate-sign-office = Position
certificate-sign-day = Place and date
certificate-sign-hand = Signature
certificate-not-yet = nothing is erased yet, so there is no record of destruction: who confirms writes it with --certificate
certificate-written = the record of destruction, to be printed and signed: { $file }
ground-retention = the time for which the charter has it kept is over
ground-request = the child, or who speaks for the child, asked for it
ground-consent-withdrawn = consent was withdrawn
ground-unlawful = it should not have been collected
ground-order = a court or another authority ordered it
ground-mistake = it was entered by mistake
ground-disputed = somebody contests that it is right

demo-erase = A record is erased, and the proof of it stays
demo-erase-how = One member asks for it, another with the same right confirms. What belongs to the record goes with it.
demo-erase-asked = { $member } asked for it; records: { $count }
demo-erase-done = { $member } confirmed; items taken out of the journal for good: { $count }
