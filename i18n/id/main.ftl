# Yang dikatakan terminal selain kesalahan. Bantuan ada di help.ftl.

label-error = kesalahan
label-hint = petunjuk
label-warning = peringatan
not-hardened = sistem tidak mengizinkan amanah melindungi memorinya ({ $what }); gunakan komputer yang tidak sedang dipakai orang lain

heading-usage = Penggunaan
heading-commands = Perintah
heading-arguments = Argumen
heading-options = Opsi
heading-globals = Opsi untuk semua perintah
usage-options = [OPSI]
usage-command = PERINTAH
argument-default = [bawaan: { $value }]
argument-one-of = [salah satu dari: { $value }]
argument-environment = [variabel lingkungan: { $value }]

passphrase-again = kata sandi yang sama sekali lagi

form-how = Enter menerima jawaban, Esc berhenti dan menyimpan yang sudah diketik; * wajib diisi
form-label = ({ $number }/{ $count }) { $label }
form-yes = ya
form-no = tidak
form-empty = (kosongkan)
form-required = isian ini wajib diisi
form-bad-integer = isilah dengan bilangan bulat, misalnya 12
form-bad-date = isilah dengan tanggal, misalnya 2016-03-01 atau 01/03/2016
form-too-many = paling banyak { $most }
form-help-date = tahun-bulan-hari, atau hari/bulan/tahun
form-help-integer = bilangan bulat
form-help-long-text = baris demi baris; baris kosong mengakhiri
form-help-list = satu per satu; baris kosong mengakhiri
form-help-choice = pilih dengan tombol panah, atau ketik untuk mencari
form-help-choices = tandai dengan tombol spasi, lalu Enter; ketik untuk mencari

io-not-found = berkas atau folder tidak ditemukan
io-permission-denied = tidak ada izin
io-already-exists = sudah ada
io-storage-full = ruang disk habis
io-read-only = disk hanya dapat dibaca
io-is-a-folder = itu sebuah folder
io-not-a-folder = itu bukan folder
