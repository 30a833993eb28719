# Bantuan untuk setiap perintah dan argumen. Paragraf pertama adalah bantuan singkat.

help-amanah = Brankas catatan yang tidak dapat dibuka oleh satu lembaga saja bila piagam menentukan demikian, dan yang kemudian dapat membuktikan siapa melihat apa

help--vault = Folder brankas
help--identity = Berkas identitas Anda
help--lang = Bahasa terminal; jika tidak disebutkan, mengikuti bahasa sistem
help--json = Jawab dalam JSON, untuk dibaca program lain
help--quiet = Tampilkan hanya jawaban, peringatan, dan kesalahan
help--lock-timeout = Berapa lama menunggu brankas yang sedang dibuka orang lain
help--passphrase-fd = Baca kata sandi dari deskriptor berkas yang terbuka ini, satu per baris
help--passphrase-file = Baca kata sandi dari berkas ini, satu per baris
help--help = Tampilkan bantuan ini; --help lebih lengkap daripada -h
help--version = Tampilkan versi

help--purpose = Tujuan: salah satu kode dalam piagam
help--reason = Alasan dengan kata-kata Anda sendiri; disegel untuk lembaga Anda sendiri dan lembaga pengawas, alasan sebuah permintaan untuk kelompok yang memegang bagian kunci dari yang diminta
help--values = Isian dan nilainya

    Pengguna lain di komputer ini dapat melihat baris perintah yang sedang berjalan. Berikan yang bersifat rahasia melalui formulir atau --from.
help--from = Berkas berisi objek JSON dengan isian dan nilainya; - berarti masukan standar
help--field = Hanya isian ini; boleh diulang
help--class = Hanya isian dalam kelas ini; boleh diulang
help--record = Catatan: ID-nya, sedikitnya 6 karakter pertamanya, atau kodenya
help--kind = Jenis catatan

help-demo = Buat brankas berisi catatan rekaan, untuk mencoba semuanya
help-demo--dir = Folder tempat brankas dibuat; jika tidak disebutkan, folder baru amanah-demo
help-demo--seed = Catatan rekaan yang lain: bilangan yang sama menghasilkan catatan yang sama

help-keys = Buat dan periksa kunci orang dan kelompok
help-keys-new = Buat identitas Anda, beserta kartu yang diperlukan orang lain
help-keys-new--member = Siapa Anda: lembaga/nama, misalnya handayani/siti
help-keys-new--output = Tempat menulis berkas identitas; jika tidak disebutkan, NAMA.key di folder ini
help-keys-new--card = Tempat menulis kartu; jika tidak disebutkan, di sebelah berkas identitas sebagai NAMA.card
help-keys-new--plugin = Berkas identitas dari plugin age, yang menjaga kunci sebagai ganti kata sandi
help-keys-new--classic = Kunci X25519 klasik, untuk program age yang tidak mengenal kunci pascakuantum
help-keys-new--ssh = Kunci privat SSH Anda (ed25519), yang menjaga kunci sebagai ganti kata sandi
help-keys-show = Tampilkan sebuah kartu beserta sidik jarinya
help-keys-show--file = Sebuah kartu; jika tidak disebutkan, kartu di sebelah berkas identitas Anda
help-keys-passphrase = Ganti kata sandi identitas Anda
help-keys-check = Periksa identitas, kartu, dan kunci kelompok
help-keys-check--files = Berkas identitas, kartu, dan kunci kelompok; jika tidak disebutkan, identitas Anda
help-keys-group = Buat kunci sebuah kelompok di lembaga Anda untuk para anggotanya
help-keys-group--group = Kelompok: lembaga/nama, misalnya kpai/reviewers
help-keys-group--cards = Kartu para anggotanya
help-keys-group--epoch = Nomor urut kunci kelompok: satu lebih besar daripada yang disebut piagam, bila kelompok itu sudah memilikinya
help-keys-group--classic = Kunci X25519 klasik sebagai ganti kunci pascakuantum
help-keys-group--output = Tempat menulis kunci kelompok

help-init = Buat brankas
help-init--dir = Folder tempat brankas dibuat
help-init--charter = Rancangan piagam; jika tidak disebutkan, piagam siap pakai yang disertakan amanah, dengan kartu dan kunci kelompok yang disebutnya dalam folder `cards` di sini
help-init--schema = Skema; jika tidak disebutkan, templat sentra

help-charter = Tampilkan, periksa, dan ubah piagam: siapa boleh membuka apa
help-charter-show = Tampilkan piagam brankas
help-charter-show--toml = Tulis piagam seperti saat ditandatangani
help-charter-check = Periksa rancangan piagam
help-charter-check--file = Rancangan piagam, dalam TOML
help-charter-template = Tulis piagam siap pakai, sebagai awal sebuah rancangan
help-charter-amend = Ubah piagam: usulkan, tandatangani, dan berlakukan
help-charter-amend-propose = Usulkan piagam berikutnya dari naskah piagam sekarang yang sudah disunting
help-charter-amend-propose--file = Piagam berikutnya: yang ditulis `amanah charter show --toml`, setelah disunting
help-charter-amend-propose--output = Tempat menulis perubahan piagam
help-charter-amend-show = Tampilkan apa yang diubah, dan siapa yang sudah menandatangani
help-charter-amend-show--file = Perubahan piagam
help-charter-amend-sign = Tandatangani perubahan piagam
help-charter-amend-sign--file = Perubahan piagam
help-charter-amend-sign--output = Tempat menulis perubahan piagam dengan tanda tangan Anda
help-charter-amend-sign--yes = Tandatangani tanpa ditanya: isinya sudah dibaca sebelumnya
help-charter-amend-apply = Berlakukan perubahan piagam yang sudah ditandatangani
help-charter-amend-apply--files = Perubahan piagam; beberapa salinan dengan tanda tangan orang yang berbeda dihitung bersama
help--key = Kunci baru untuk kelompok lembaga lain, yang dibuat di sana dengan `amanah keys group`; boleh diulang

help-member = Masukkan dan keluarkan anggota
help-member-enroll = Usulkan seorang anggota baru, atau kartu lain untuk seorang anggota
help-member-enroll--card = Kartu anggota itu
help-member-enroll--group = Kelompok di lembaga anggota itu; boleh diulang
help-member-enroll--fingerprint = Sidik jari kartu seperti yang disebutkan pemiliknya; jika tidak diberikan, Anda ditanya apakah cocok
help-member-enroll--output = Tempat menulis perubahan piagam
help-member-revoke = Usulkan mengeluarkan seorang anggota, dengan kunci baru untuk semua kelompoknya
help-member-revoke--member = Anggota itu
help-member-revoke--output = Tempat menulis perubahan piagam

help-group = Tambahkan kelompok, dan beri kelompok kunci baru
help-group-add = Usulkan kelompok baru
help-group-add--group = Kelompok: lembaga/nama, misalnya kpai/reviewers
help-group-add--member = Anggota kelompok itu; boleh diulang
help-group-add--may = Hak kelompok itu: write, schema, atau erase, atau ledger saja; boleh diulang
help-group-add--output = Tempat menulis perubahan piagam
help-group-rotate = Usulkan kunci baru untuk sebuah kelompok; atau teruskan ke kunci itu yang disegel sebelumnya
help-group-rotate--group = Kelompok: lembaga/nama, misalnya kpai/reviewers
help-group-rotate--resume = Teruskan ke kunci kelompok yang sekarang semua yang disegel sebelumnya, atau sisanya
help-group-rotate--output = Tempat menulis perubahan piagam

help-schema = Tampilkan, periksa, dan ubah skema: catatan dan isian apa saja yang ada
help-schema-show = Tampilkan skema brankas
help-schema-show--kind = Hanya jenis catatan ini
help-schema-show--toml = Tulis skema sebagai TOML, untuk diubah lalu diberikan kepada `schema amend`
help-schema-check = Periksa sebuah skema
help-schema-check--file = Skema, dalam TOML
help-schema-amend = Berlakukan versi baru skema
help-schema-amend--file = Skema yang baru, dalam TOML
help-schema-template = Tulis skema yang disertakan amanah, sebagai titik awal
help-schema-template--name = Namanya

help-record = Masukkan, baca, dan perbaiki catatan
help-record-add = Masukkan sebuah catatan, melalui formulir atau dari nilai yang diberikan
help-record-add--of = Catatan induknya: anak yang menerima layanan, keluarga dari anak
help-record-show = Baca sebuah catatan
help-record-show--at = Seperti dalam versi ini
help-record-edit = Perbaiki sebuah catatan; isi sebelumnya tetap ada dalam riwayatnya
help-record-edit--field = Tanyakan hanya isian ini; boleh diulang
help-record-edit--clear = Kosongkan isian ini; boleh diulang
help-record-list = Tampilkan daftar catatan dari satu jenis
help-record-list--field = Tampilkan juga isian ini; boleh diulang
help-record-list--of = Hanya yang menjadi milik catatan ini
help-record-list--limit = Paling banyak sejumlah ini
help-record-history = Tampilkan siapa menulis apa dalam sebuah catatan, dan kapan
help-record-link = Tentukan catatan induk dari sebuah catatan
help-record-link--of = Catatan yang menjadi induknya mulai sekarang

help-case = Baca semua yang berkaitan dengan seorang anak atau sebuah keluarga
help-case-show = Baca semua yang berkaitan dengan seorang anak atau sebuah keluarga
help-case-show--record = Anak atau keluarga: ID-nya, sedikitnya 6 karakter pertamanya, atau kodenya

help-import = Ambil catatan dari sebuah tabel
help-import--file = Tabel: CSV, seperti yang disimpan oleh program lembar kerja
help-import--map = Berkas TOML yang menyebutkan kolom mana menjadi isian mana: "Judul kolom" = "isian"
help-import--dry-run = Periksa tabel dan sebutkan yang keliru, tanpa menulis apa pun
help-import--skip-invalid = Tulis baris yang benar, dan lewati yang lain
help-import--report = Tempat menulis baris mana yang keliru dan apa kelirunya

help-audit = Tanyakan kepada buku besar siapa melihat apa, dan periksa keutuhannya
help-audit-log = Tampilkan siapa melakukan apa, dan kapan
help-audit-log--member = Hanya yang dilakukan anggota ini
help-audit-log--action = Hanya tindakan ini, misalnya record.read
help-audit-log--record = Hanya yang menyangkut catatan ini: ID-nya, atau sedikitnya 6 karakter pertamanya
help-audit-log--limit = Hanya sejumlah ini yang terbaru
help-audit-verify = Periksa keutuhan buku besar dan semua yang dijaminnya

help-completions = Tulis pelengkapan perintah untuk sebuah shell
help-completions--shell = Nama shell

# Nama pengganti nilai pada baris penggunaan.

value-ACTION = TINDAKAN
value-CARD = KARTU
value-CLASS = KELAS
value-CODE = KODE
value-DIR = FOLDER
value-FIELD = ISIAN
value-FIELD-VALUE = ISIAN=NILAI
value-FILE = BERKAS
value-GROUP = KELOMPOK
value-KIND = JENIS
value-LANGUAGE = BAHASA
value-MEMBER = ANGGOTA
value-NAME = NAMA
value-NUMBER = BILANGAN
value-OWNER = INDUK
value-RECORD = CATATAN
value-RIGHT = HAK
value-SECONDS = DETIK
value-SHELL = SHELL
value-TEXT = TEKS
value-TIME = WAKTU
value-VERSION = VERSI
value-WORD = KATA
value-SURVIVOR = PENGGANTI

help-record-find = Cari catatan menurut nama, nomor, tanggal, atau pilihan
help-record-find--words = Kata dari nama, nomor, atau kode; - membaca satu baris dari masukan standar

    Pengguna lain di komputer ini dapat melihat baris perintah yang sedang berjalan. Tanpa kata dan isian, Anda akan ditanyai di terminal.
help-record-find--kind = Hanya catatan dari jenis ini
help-record-find--field = Isian dan nilainya; untuk tanggal juga 2010, 2010-05, atau 2010..2012; boleh diulang
help-record-find--limit = Tampilkan paling banyak sekian; batasnya 50
help-record-duplicates = Usulkan catatan yang mungkin tentang orang yang sama
help-record-duplicates--kind = Jenis catatan
help-record-merge = Nyatakan bahwa sebuah catatan sama dengan catatan lain, yang menggantikannya
help-record-merge--record = Catatan yang digantikan
help-record-merge--survivor = Catatan yang menggantikannya
help-index = Buat ulang indeks pencarian
help-index-rebuild = Buat ulang indeks pencarian untuk semua kelas yang dapat Anda buka

help-audit-publish = Tata buku besar sebagai berkas yang dapat disajikan server web mana pun
help-audit-publish--dir = Folder yang akan disajikan; yang sudah ada di sana dilanjutkan
help-audit-prove = Buktikan bahwa sebuah entri ada dalam buku besar, dalam berkas yang tidak memerlukan brankas
help-audit-prove--entry = Nomor entri dalam buku besar
help-audit-prove--output = Tempat menulis buktinya; jika tidak disebutkan, entry-ENTRI.tlog-proof di folder ini
help-audit-check-proof = Periksa bukti yang diberikan seseorang kepada Anda
help-audit-check-proof--file = Buktinya
help-audit-check-proof--key = Kunci buku besar yang Anda percayai, atau kunci saksi yang harus sudah menandatangani; boleh diulang
help-audit-check-proof--charter = Piagam-piagam brankas, seperti yang ditulis `amanah charter export`, atau salah satunya: buku besarnya, dan tanda tangan anggotanya, dipercaya
help-audit-check-proof--entry = Entrinya, jika tidak dimuat dalam bukti
help-audit-verify--no-signatures = Lewati tanda tangan entri: beberapa kali lebih cepat, tetapi tidak mengatakan siapa yang menulis entri

help-witness = Awasi buku besar dari luar, dan minta mereka yang mengawasinya
help--dir = Folder saksi; jika tidak disebutkan, `witness` di folder ini
help-witness-init = Buat saksi dengan kuncinya sendiri
help-witness-init--name = Nama saksi: lembaga/nama, misalnya kpai/witness
help-witness-init--log = Kunci buku besar yang diawasinya; boleh diulang
help-witness-trust = Biarkan saksi mengawasi sebuah buku besar
help-witness-trust--key = Kunci buku besar, seperti yang ditampilkan `amanah audit publish`
help-witness-cosign = Periksa titik periksa terhadap yang terakhir dilihat, lalu tandatangani
help-witness-cosign--source = Permintaan dari brankas, atau folder tempat buku besarnya diterbitkan
help-witness-cosign--output = Tempat menulis titik periksa yang ditandatangani; jika tidak disebutkan, ditampilkan
help-witness-serve = Tandatangani melalui HTTP bagi siapa pun yang meminta (C2SP tlog-witness)
help-witness-serve--address = Tempat menunggu permintaan, misalnya 127.0.0.1:8080
help-witness-ask = Tulis permintaan kepada seorang saksi
help-witness-ask--witness = Saksi yang mana dalam piagam, jika ada beberapa
help-witness-ask--old = Berapa entri yang terakhir ditandatangani saksi, jika bukan seperti jawabannya di sini
help-witness-ask--output = Tempat menulisnya
help-witness-take = Terima yang telah ditandatangani seorang saksi
help-witness-take--file = Titik periksa yang ditandatangani
help-witness-status = Tampilkan yang terakhir ditandatangani: oleh para saksi brankas, atau oleh saksi ini
help-witness-status--dir = Folder seorang saksi, untuk melihat apa yang telah ditandatanganinya; jika tidak disebutkan, para saksi brankas ditampilkan
value-ADDRESS = ALAMAT
value-ENTRY = ENTRI
value-KEY = KUNCI
