# `amanah record export`.
field-to = to
field-records = records
export-next = only the one it is for can open this file; the entry in the ledger says what is in it, and its sealed reason says to whom it went
hint-export-recipient = name a card, an age recipient (age1...), or a file that holds one recipient or one ssh-ed25519 public key
hint-vault-nothing-of-class = `amanah schema show` says which fields are of which class
