# Schema, values and tables: what to do next.

hint-schema-too-long = shorten it: leave out kinds and fields that nobody fills in
hint-schema-syntax = see docs/SCHEMA.md for what a schema may say; begin with `amanah schema template`
hint-schema-version = write `version = 1` in a first schema, and one more in each amendment
hint-schema-name = use a to z, 0 to 9, - and _, a letter first, at most 40 in all
hint-schema-reserved = choose another name; the label may stay
hint-schema-label = give both languages a label: label = {"{"} en = "Full name", id = "Nama lengkap" {"}"}
hint-schema-no-kinds = add a [[kind]]; `amanah schema template` shows a whole schema
hint-schema-too-many-kinds = join kinds that have the same fields
hint-schema-no-fields = add a [[kind.field]] with a class to it
hint-schema-too-many-fields = divide it into two kinds, of which one belongs to the other
hint-schema-kind-twice = give one of them another name and labels
hint-schema-field-twice = give one of them another name and labels
hint-schema-choice-twice = give one of them another key and labels
hint-schema-choice-key = the key is for the vault; put what people read into en and id
hint-schema-no-choices = add choices = [{"{"} key = "...", en = "...", id = "..." {"}"}], or leave the empty list out
hint-schema-too-many-choices = make it a text, or divide it into two fields
hint-schema-no-meaning = leave it out, or change the type; the table in docs/SCHEMA.md says what each type takes
hint-schema-max = write the most characters that a person may type
hint-schema-no-class = add class = "...": one of the classes that `amanah charter show` lists
hint-schema-unknown-class = use one of the classes that `amanah charter show` lists
hint-schema-no-target = add to = "..." with the name of a kind
hint-schema-unknown-target = define the kind, or name another
hint-schema-two-parents = keep `parent = true` on one of the references, and give the other a class
hint-schema-parent-cycle = take `parent = true` from one of the references on the way, and give it a class
hint-schema-number-field = birth_date names a date field, sex a choice with the keys male and female, both only for a nik, and region an identity number or a text; all of the same kind
hint-schema-next-name = keep the line schema = "..." as it was
hint-schema-next-version = write that number in the line version = ...
hint-schema-next-kind-removed = put it back; people need not use it
hint-schema-next-field-removed = put it back; its label may say that it is no longer filled in
hint-schema-next-type = keep the field as it was, and add a new one of the other type
hint-schema-next-class = keep the field as it was, and add a new one of the other class
hint-schema-next-target = keep `to` and `parent` as they were, and add a new reference
hint-schema-next-max = write that number or a larger one
hint-schema-next-choice-removed = put it back; its labels may say that it is no longer used
hint-schema-next-choices = keep the list as it was, and add a new one with choices
hint-schema-next-required = leave `required` out
hint-schema-next-unique = leave `unique` out
hint-value-required = fill it in; where it is not known yet, write so in a text, and the likeliest day in a date; the record that it belongs to is given with --of
hint-value-too-long = shorten it
hint-value-character = type it anew instead of pasting it; tabs and hidden marks are not kept
hint-value-one-line = put it on one line; a comma can stand where the line ended
hint-value-integer = write digits only, without points or commas
hint-value-date = day and month have two digits, the year four
hint-value-year = check the year
hint-value-boolean = write ya or tidak
hint-value-choice = write the key or the label of one of them
hint-value-identity-number = count the digits on the card; spaces, points and hyphens do not matter
hint-value-rounded = in the spreadsheet, format the column as text, type the numbers from the cards again, and save it anew
hint-value-reference = copy the id from `amanah record list`
hint-value-items = leave out the least important
hint-value-separator = use a comma inside an item
hint-value-type = `amanah schema show` lists the fields and their types
hint-value-encoding = run `amanah audit verify`, and tell whoever looks after the software
hint-value-unfit = run `amanah audit verify`, and tell whoever looks after the software
hint-number-no-date = compare the number with the card; if they agree, leave it so
hint-number-birth-date = compare both with the card; a NIK is not reissued when a date of birth is corrected, so they may differ
hint-number-sex = compare both with the card; for women the day of birth in a NIK is 40 higher
hint-number-region = compare both with the cards; who has moved keeps the NIK and gets another family card, so they may differ
hint-table-read = check that the file exists and that you may read it
hint-table-empty = the first row must hold the headings
hint-table-workbook = open it in the spreadsheet program and save it as "CSV UTF-8"
hint-table-utf8 = in the spreadsheet program, save it as "CSV UTF-8"
hint-table-long-row = look for a quotation mark that is never closed, in that row or before it
hint-table-columns = take out the columns that no field is for
hint-table-open-quote = look for a single " in the rows after it, and write it twice or take it out
hint-table-short-row = a cell with a line break or a separator must stand in quotation marks; save it anew from the spreadsheet program
hint-table-no-heading = give the column a heading, or empty it
hint-table-heading = `amanah schema show` lists the fields; rename the heading, or name the column in a map
hint-table-column-twice = take one out, or leave it out in a map
hint-table-missing-column = add the column, or name it in a map
hint-table-map = each line is "Heading" = "field"; an empty field leaves the column out
hint-table-map-field = `amanah schema show` lists the fields
hint-table-map-twice = keep one of the lines; case and spaces make no difference
hint-table-cell = put it right in the file, and import it again
