# `amanah record export`.
field-to = to
field-records = records
export-next = only the one it is for can open this file; the entry in the ledger says what is in it, and its sealed reason says to whom it went
hint-export-recipient = name a card, an age recipient (age1...), or a file that holds one recipient or one ssh-ed25519 public key
hint-vault-nothing-of-class = `amanah schema show` says which fields are of which class
hint-age-no-ssh-key = set AMANAH_SSH_KEY to the private key file; without it ~/.ssh/id_ed25519 is used
hint-age-bad-ssh-key = name the private key file, as ssh-keygen -t ed25519 makes it; RSA and other kinds are not accepted
