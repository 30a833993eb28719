# Keys, passphrases, signed files and sealed values: what to do next.

hint-crypto-no-randomness = restart the machine; if it happens again, do not make keys on it
hint-crypto-bad-key = check the file with `amanah keys check`
hint-crypto-does-not-open = keep the vault as it is, run `amanah audit verify`, and tell an oversight body
hint-crypto-commitment = keep the vault as it is, run `amanah audit verify`, and tell an oversight body
hint-crypto-quorum = `amanah charter show` lists who can open what, and with whom
hint-crypto-bad-tree = check the quorums with `amanah charter check`
hint-crypto-malformed = keep the vault as it is and run `amanah audit verify`
hint-crypto-too-large = write it in several smaller parts
hint-identity-malformed = name the key file that `amanah keys new` made, with --identity
hint-identity-bad-name = write it like this: handayani/siti
hint-note-malformed = get the file again, as a file and not pasted into a message
hint-note-text = this is a defect of amanah: please report it
hint-note-not-signed = do not use this file; ask the one who sent it, by another way than the one it came
hint-note-bad-signature = do not use this file; ask the one who sent it, by another way than the one it came
hint-age-bad-recipient = copy it from a card; it begins with age1
hint-age-mixed-recipients = name recipients of one kind only: all post-quantum (age1pq1..., as cards have them), or none
hint-age-bad-identity = name the file with the private key, as `amanah keys new`, `age-keygen` or an age plugin made it
hint-age-plugin-missing = install the plugin, or put its folder into PATH
hint-age-plugin-failed = check that the token is plugged in, and do it again
hint-age-not-for-this-key = check with `amanah keys check` that this is your key file, and with `amanah charter show` that you are in the group
hint-age-wrong-passphrase = type it again; look at Caps Lock and the layout of the keyboard
hint-age-too-much-work = do not use this file: amanah did not make it
hint-age-malformed = use the copy of the file; for a key file, check it with `amanah keys check`
hint-age-no-passphrase = run it at a terminal, or give --passphrase-file or --passphrase-fd
hint-note-bad-key = copy the whole key, as `amanah audit publish` or `amanah witness init` shows it
