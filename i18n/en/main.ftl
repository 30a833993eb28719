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
io-not-a-folder = it is not a folder
