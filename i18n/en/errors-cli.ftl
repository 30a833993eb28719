# Hints for problems on the command line and at the terminal. The value `none` is an absent one.

hint-usage-unknown-argument = { $suggestion ->
    [none] see `{ $command } --help`
   *[other] did you mean { $suggestion }? See `{ $command } --help`
}
hint-usage-unknown-command = { $suggestion ->
    [none] see `{ $command } --help`
   *[other] did you mean { $suggestion }? See `{ $command } --help`
}
hint-usage-missing-argument = see `{ $command } --help`
hint-usage-missing-command = `{ $command } --help` lists the commands
hint-usage-missing-value = { $allowed ->
    [none] see `{ $command } --help`
   *[other] give one of: { $allowed }
}
hint-usage-invalid-choice = give one of: { $allowed }
hint-usage-invalid-value = see `{ $command } --help`
hint-usage-conflict = leave one of them out
hint-usage-repeated = leave all but one of them out
hint-usage-too-many = put a value with spaces in it between quotation marks
hint-usage-not-text = type the command again instead of pasting it
hint-usage-misread = see `{ $command } --help`
hint-usage-record = give the id as `amanah record list` shows it, its first 6 or more characters, or the record's code
hint-usage-assignment = write the name of the field, = and the value: alias=Ani
hint-usage-moment = write a date, 2026-11-24, or a time with its offset, 2026-11-24T10:00:00+07:00

hint-cli-no-vault = give --vault DIR, or set AMANAH_VAULT; `amanah init DIR` makes a vault
hint-cli-no-identity = give --identity FILE, or set AMANAH_IDENTITY; `amanah keys new` makes an identity
hint-cli-no-purpose = give --purpose CODE; `amanah charter show` lists the codes
hint-request-whole-id = an id has 26 characters and stands in the ledger: ask who has the vault, or look into an export
hint-cli-no-terminal = run it in a terminal, or give what it needs beforehand: values as FIELD=VALUE or with --from, an answer that is otherwise confirmed with --yes or --fingerprint, passphrases with --passphrase-file or --passphrase-fd
hint-cli-stopped = nothing further was done
hint-cli-output = free space, or send the answer elsewhere; what the ledger says was shown counts as shown
hint-cli-prompt = run it in another terminal, or give what it needs as options

hint-passphrase-source = check the name and who may read it
hint-passphrase-missing = put one passphrase on each line, in the order in which they are asked for
hint-passphrase-not-text = check that this is the file with the passphrase
hint-passphrase-long = check that this is the file with the passphrase
hint-passphrase-short = take five or more words that do not belong together
hint-passphrase-mismatch = type it again, slowly

hint-cli-defect = what was confirmed is safe; run `amanah audit verify`, and report this to who keeps amanah for you

hint-file-unreadable = check the name and who may read it
hint-file-too-large = check that this is the right file
hint-file-not-text = save it as UTF-8; spreadsheets call it "CSV UTF-8"
hint-file-exists = nothing is overwritten: move it away, or name another file
hint-file-unwritable = free space, or choose another folder
hint-keys-no-recipient = give the identity file as the plugin wrote it, with its AGE-PLUGIN line and the comment that names the recipient
hint-keys-no-passphrase = change the plugin's own PIN or passphrase with the plugin's program, or that of an SSH key with ssh-keygen -p
hint-keys-card-differs = find the card that was made with this identity; a card cannot be made again for it
hint-keys-not-of-the-body = a group's members, and who makes its key, belong to the group's body: body/name
hint-cli-no-time = give the earlier day to --since, and the later one to --until
hint-values-bad-json = write it like {"{"}"full_name": "...", "birth_date": "2016-03-01"{"}"}
hint-values-unknown-class = `amanah schema show` says which field is of which class
hint-values-twice = leave one of them out
hint-import-bad-rows = put the rows right and import again; or `--skip-invalid --report FILE` to write the others
hint-draft-kept = run the same command again to go on
hint-schema-no-template = `amanah schema template sentra` writes it
hint-demo-exists = name a folder that does not exist yet, or none
hint-demo-went-wrong = report this to who keeps amanah for you
hint-member-fingerprint = ask the owner again; if it still differs, have them send the card again, and do not use this one
hint-proof-no-entry = give the entry's line with --entry FILE
hint-proof-no-key = give the log's key with --key, or the charter with --charter; not one that came with the proof
hint-proof-other-charter = give all charters of the vault with --charter, as `amanah charter export` writes them
hint-witness-exists = choose another folder with --dir
