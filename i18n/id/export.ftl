# `amanah record export`.
help-record-export = Tulis isian satu kelas sebagai berkas age, untuk orang yang memakai kuncinya sendiri
help-record-export--records = Catatan: id-nya, sedikitnya 6 huruf pertamanya, atau kodenya
help-record-export--class = Kelas yang isiannya ditulis
help-record-export--to = Siapa yang dapat membuka berkas itu: sebuah kartu, penerima age, kunci SSH, atau berkas yang memuat salah satunya
help-record-export--output = Tempat menulis berkas age
field-to = untuk
field-records = catatan
export-next = hanya penerimanya yang dapat membuka berkas ini; entri dalam buku besar menyebut apa isinya, dan alasannya yang tersegel menyebut kepada siapa berkas itu diberikan
err-export-recipient = { $path } tidak menyebut satu penerima: bukan kartu, dan tidak memuat penerima age atau kunci ssh-ed25519, atau memuat beberapa
hint-export-recipient = sebutkan sebuah kartu, penerima age (age1...), atau berkas yang memuat satu penerima atau satu kunci publik ssh-ed25519
err-vault-nothing-of-class = catatan { $record } tidak memiliki isian dari kelas { $class }
hint-vault-nothing-of-class = `amanah schema show` menunjukkan isian mana termasuk kelas mana
err-age-no-ssh-key = kunci privat SSH dari { $public } tidak ditemukan
hint-age-no-ssh-key = isi variabel AMANAH_SSH_KEY dengan berkas kunci privatnya; tanpa itu dipakai ~/.ssh/id_ed25519
err-age-bad-ssh-key = ini bukan kunci privat ssh-ed25519
hint-age-bad-ssh-key = sebutkan berkas kunci privat seperti yang dibuat ssh-keygen -t ed25519; RSA dan jenis lain tidak diterima
