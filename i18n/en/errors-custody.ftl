# Cards, group keys and charters: what to do next.

hint-charter-malformed = for a draft, run `amanah charter check`; a charter out of a vault must not be edited
hint-card-malformed = ask the member for the card again, as a file and not pasted into a message
hint-group-key-malformed = ask its body for the file again, as a file and not pasted into a message
hint-charter-bad-name = write members and groups as body/name, such as kpai/ani; classes and purposes may also have _
hint-charter-twice = remove one of the two, or give it another name
hint-charter-same-key = have one of the two made again, by its own owner: members with `amanah keys new`, groups with `amanah keys group`
hint-charter-reserved = choose another name
hint-charter-unknown-group = add a [[group]] with that id, or mend the name
hint-charter-unknown-body = add a [[body]] with that id, or mend the name
hint-charter-unknown-member = add a [[member]] with that member's card, or take the member out of the group
hint-charter-foreign-member = make a group of that member's own body, and name it in the quorums
hint-charter-empty-group = add a member, or remove the group
hint-charter-not-a-group-key = make the group's key with `amanah keys group`; the members' own keys may be behind plugins
hint-charter-unmeetable = write an any from 1 up to the number of entries in of
hint-charter-group-twice = name each group once in an of
hint-charter-quorum-too-large = write it with fewer levels and groups, or as several quorums of the class
hint-charter-nobody-opens = add a quorum: what is sealed in a class that nobody opens is lost
hint-charter-sealed-alone = ask for groups of two bodies in every quorum of this class, such as any = 2 of the head and an overseer
hint-charter-amended-alone = ask for groups of two bodies in [amendment]
hint-charter-no-body = give one [[body]] the role centre and another the role oversight
hint-charter-nobody-writes = add may = ["write"] to a group of the centre
hint-charter-unknown-right = write may = ["write"], may = ["write", "schema"], may = ["ledger"], or leave the line out
hint-charter-ledger-only = such a group is for services that run unattended: write may = ["ledger"], take it out of the quorums, and give the service an identity of its own
hint-charter-no-purpose = add a [[purpose]]; keys/charter.toml has several
hint-charter-time-zone = write Asia/Jakarta, Asia/Makassar or Asia/Jayapura, with these capitals
hint-charter-too-many = remove what is not needed
hint-charter-too-long = name fewer members and groups; a member with a post-quantum key takes about 2,300 bytes, one with a classic key 350
hint-group-key-too-long = divide its members into several groups and name these in the quorums; a member with a post-quantum key takes about 4,500 bytes
hint-charter-overseer-key = have a member of that body run `amanah keys group` on a machine of their own, and name the file in the line key of the group
hint-charter-other-group-key = list the members in the order of the cards the key was made with, use the same cards, or have the body make the key again
hint-charter-group-key-unsigned = add the maker's card as a [[member]], or have a member whose card is in the charter make the key again
hint-group-key-not-for = use the identity of a member of that group; `amanah charter show` lists them
hint-group-key-wrong = do not use this key; tell the body whose group it is, by another way than the one the file came
hint-charter-founder = run `amanah init` with the identity of a member of the centre
hint-charter-unsigned = when making a vault, add your card as a [[member]]; otherwise do not use this vault before the bodies have compared the fingerprints that `amanah charter show` prints
hint-draft-unreadable = check the path, and that you may read the file; paths in a charter begin at the charter's folder
hint-draft-not-a-file = name a card or a group key, not a folder, a pipe or a device
hint-draft-bad-file = ask its owner for the file again, as a file and not pasted into a message
hint-draft-malformed = mend that line; docs/CHARTER.md explains every key of a charter

# Amendments.

hint-amendment-malformed = ask for the file again, as a file and not pasted into a message
hint-amendment-other-vault = choose the vault it was made for with --vault
hint-amendment-in-force = it is in force; if applying it was interrupted, `amanah doctor` names the groups to which `amanah group rotate GROUP --resume` still has to hand on what was sealed before
hint-amendment-not-next = propose it again, from the charter in force, and have it signed again
hint-amendment-other-base = propose it again, from the charter in force, and have it signed again
hint-amendment-different = give copies of one amendment; what is in each, `amanah charter amend show` tells
hint-amendment-foreign-signer = only members of the charter in force can sign; begin again from the proposal without this signature
hint-amendment-twice-signed = begin again from the proposal, and have each member sign once
hint-amendment-quorum = have more members sign, of the groups that are missing; a member in two groups counts for one
hint-amendment-no-overseer = have a member of an oversight body sign
hint-amendment-no-consent = have a member of { $body } sign; a body that cannot sign any more is taken out of the quorums instead
hint-amendment-stale-key = make the amendment with amanah, which gives the group a new key
hint-amendment-wrong-epoch = make the key again, with --epoch { $epoch }
hint-amendment-key-reused = make a new key with `amanah keys group`
hint-amendment-name-reused = choose another name for the group
hint-amendment-no-key = make the amendment with amanah, and give the key with --key
hint-amendment-surplus-key = leave that key out
hint-amendment-log-key = make the amendment with amanah, which makes the log's key
hint-amendment-other-keys = the file was changed after it was signed: ask for it again, and tell the signers
hint-amendment-nothing = change something in it first
hint-amendment-unknown-member = `amanah charter show` lists the members
hint-amendment-unknown-group = `amanah charter show` lists the groups; `amanah group add` proposes a new one
hint-amendment-group-exists = choose another name; members join a group with `amanah member enroll`
hint-amendment-own-key = have a member of that body run `amanah keys group { $group } CARD... --epoch { $epoch } -o FILE` on a machine of their own, and give the file with --key
hint-amendment-not-this-key = have it made again: `amanah keys group { $group } CARD... --epoch { $epoch }`, with the cards in the order of { $members }
hint-amendment-key-not-wanted = leave out --key, or propose `amanah group rotate { $group }`
hint-charter-bad-witnesses = `amanah witness init` shows the key of a witness; see docs/CHARTER.md
