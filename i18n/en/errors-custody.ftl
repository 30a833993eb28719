# Hints for what can be wrong with cards, group keys and charters.

hint-input-unreadable = check the path, and that you may read the file
hint-input-not-a-file = name a file, not a folder, a pipe or a device
hint-input-too-large = check that this is the file you mean

hint-card-malformed = ask for the card again, as a file and not pasted into a message
hint-card-bad-name = write the name like this: handayani/siti
hint-card-not-self-signed = do not use this card; have the member make it again with: amanah keys new

hint-group-key-malformed = ask for the file again, as a file and not pasted into a message
hint-group-key-bad-name = write the name like this: kpai/reviewers
hint-group-key-members = name each member of the group once
hint-group-key-other-body = a group has members of one body only; make a group for each body
hint-group-key-not-signed = do not use this key; ask its maker, by another way than the one the file came, to make it again
hint-group-key-not-a-member = act with an identity that is in the group, or have the group's key made again with this member's card
hint-group-key-other-key = do not use this key; tell the body whose group it is
hint-group-key-plugin = make the group's key with: amanah keys group. The members' own identities may be behind plugins

hint-charter-syntax = mend that line; docs/CHARTER.md shows every key of a charter
hint-charter-bad-card = ask the member for the card again, as a file and not pasted into a message
hint-charter-bad-group-key = ask the body for the file again, as a file and not pasted into a message
hint-charter-bad-name = use lower case letters, digits and hyphens, beginning with a letter; groups are written body/name
hint-charter-bad-label = write a short text in one line
hint-charter-time-zone = write Asia/Jakarta, Asia/Makassar or Asia/Jayapura, with these capitals
hint-charter-too-many = remove what is not needed
hint-charter-nothing = add one; keys/charter.toml is an example
hint-charter-duplicate = remove one of the two, or give it another name
hint-charter-same-key = each member and each group needs a key of its own: have one of the two made again
hint-charter-one-centre = give the role centre to the body that keeps the records, and oversight to all others
hint-charter-unknown-body = add a [[body]] with that id, or mend the name
hint-charter-unknown-member = add a [[member]] with that member's card, or remove the member from the group
hint-charter-foreign-member = make a group of that member's own body, and name it in the quorums
hint-charter-empty-group = add a member, or remove the group: what is sealed to nobody is lost
hint-charter-nobody-may = add the right to the line may of a group of the centre
hint-charter-reserved = choose another name
hint-charter-nobody-opens = add a quorum: what is sealed in a class that nobody opens is lost
hint-charter-unknown-group = add a [[group]] with that id, or mend the name
hint-charter-quorum-size = write an any from 1 up to the number of entries in of
hint-charter-quorum-repeats = name each group once: named twice, it would count as two
hint-charter-quorum-deep = write the quorum with fewer levels
hint-charter-quorum-wide = split it into several quorums of the class
hint-charter-coalitions = write simpler quorums: people must be able to see who can open what
hint-charter-one-body-opens = ask for groups of two bodies in every quorum of this class, such as any = 2 of the head and an oversight body
hint-charter-one-body-amends = ask for groups of two bodies in the quorum of [amendment]
hint-charter-overseer-key = have a member of that body run amanah keys group on their own machine, and name the file in the group's line key; no other body may hold that key even for a moment
hint-charter-group-key-mismatch = list the members in the order in which the key was made for them, use the same cards, or have the body make the key again
hint-charter-group-key-signer = add the signer's card as a [[member]], or have the key made again by a member whose card is in the charter
hint-charter-group-key-plugin = have the body make the key with: amanah keys group
hint-charter-founder = add your card as a [[member]], and your name to a group of the centre
hint-charter-founder-key = put your newest card into the charter, or use the identity that belongs to the card
hint-charter-malformed = do not use this file; ask another body for its copy
hint-charter-newer = install the newest version of amanah
hint-charter-not-signed = do not use this vault before the bodies have compared the fingerprints of their charters
