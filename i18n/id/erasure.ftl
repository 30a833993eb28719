# Penghapusan, pembatasan, masa simpan.

erase-ask = hapus { $count } catatan untuk selamanya? catatan itu tidak dapat dikembalikan
record-erased = catatan yang dihapus: { $count }; entri { $entry } membuktikannya, dan tetap ada
record-erased-elsewhere = salinan brankas yang dibuat sebelumnya masih memuatnya: cadangan, dan berkas yang diberikan kepada pihak lain
task-erase = menghapus
err-vault-was-erased = catatan { $record } dihapus pada { $when } oleh { $member } (dasar: { $ground }, entri { $sequence })
hint-vault-was-erased = isinya hilang untuk selamanya; `amanah audit log --record CATATAN` menampilkan apa yang masih dikatakan buku besar tentangnya
err-vault-has-related = ada { $count } catatan lain yang berinduk pada { $record }, atau digabungkan ke dalamnya
hint-vault-has-related = hapus bersama-sama dengan --with-related, atau kaitkan dahulu ke catatan lain
err-vault-unknown-ground = tidak ada dasar { $ground }; yang ada: { $known }
hint-vault-unknown-ground = pilih dasar yang paling mendekati, dan jelaskan selebihnya dengan --reason
err-vault-not-erased = entri { $sequence } menghapus sebuah catatan, tetapi muatan entri { $of } masih memuatnya
hint-vault-not-erased = perintah apa pun yang membuka brankas menyelesaikan penghapusan yang terhenti; kalau tetap begini, jurnal telah dikembalikan dari salinan
verify-erased = butir terhapus
help-record-erase = Hapus catatan untuk selamanya; bukti penghapusannya tetap ada
help-record-erase--records = Catatan-catatannya; banyak sekaligus tidak lebih mahal daripada satu
help-record-erase--ground = Atas dasar apa: retention, request, consent-withdrawn, unlawful, order, mistake, disputed

    Dasar itu tampak dalam buku besar bagi semua pembacanya. Penjelasan dengan kata-kata diberikan lewat --reason, dan disegel.
help-record-erase--with-related = Beserta semua yang berinduk pada catatan itu atau digabungkan ke dalamnya
help-record-erase--yes = Hapus tanpa ditanya

erase-asked = penghapusan { $count } catatan sudah diminta; tidak ada yang dihapus sampai anggota lain yang berhak menjalankan `amanah record erase{ $confirm }`
record-restricted = catatan yang kini dibatasi penggunaannya: { $count }
record-unrestricted = catatan yang dapat digunakan lagi: { $count }
record-restricted-short = [dibatasi]
retention-no-rules = piagam tidak memuat aturan masa simpan: tidak ada yang akan jatuh tempo
retention-written = terakhir ditulis
retention-count = catatan yang masa simpannya habis: { $count }
field-due = jatuh tempo
field-counted-from = menurut
err-vault-restricted = penggunaan catatan { $record } dibatasi sejak { $when } oleh { $member } (dasar: { $ground })
hint-vault-restricted = catatan ini dibaca untuk tujuan yang disebut piagam untuk itu (`amanah charter show --toml`); `amanah record unrestrict` membuatnya dapat digunakan lagi
err-vault-not-restricted = penggunaan catatan { $record } tidak dibatasi
hint-vault-not-restricted = `amanah audit log --record CATATAN` menampilkan apa yang sudah dilakukan
err-vault-wants-second = piagam meminta anggota kedua untuk mengesahkan penghapusan
hint-vault-wants-second = `amanah record erase` memintanya; anggota lain mengesahkannya dengan --confirm; `amanah backup restore` menerima identitas anggota kedua dengan --second
err-vault-erasure-charter = entri { $sequence } menghapus catatan berdasarkan piagam versi { $charter }, yang tidak dikenal cadangan ini
hint-vault-erasure-charter = berikan dengan --erasures sebuah folder yang berisi erasures.charters di samping erasures: folder cadangan lain, atau milik komputer lain yang pernah mengerjakan brankas ini
err-vault-erasure-changed = catatan { $record } ditulis lagi sejak entri { $sequence } meminta penghapusannya
hint-vault-erasure-changed = lihat apa yang ditulis; jika tetap harus dihapus, mintalah lagi dengan `amanah record erase`
err-vault-erasure-twice = dua dari entri ini meminta catatan { $record }
hint-vault-erasure-twice = sahkan salah satunya; selebihnya dari entri yang lain harus diminta lagi
err-vault-no-erasure-asked = entri { $sequence } tidak meminta penghapusan
hint-vault-no-erasure-asked = `amanah audit log --action record.erase-ask` menampilkan apa yang diminta
err-vault-same-member = { $member } sendiri yang meminta penghapusan ini: anggota lain harus mengesahkannya
hint-vault-same-member = berikan nomor entri itu kepada rekan yang memiliki hak `erase`
err-charter-bad-retention = [[retention]] { $kind }: masa simpan 1 sampai 200 tahun, dan tanggalnya adalah isian jenis itu atau jenis.isian dari catatan yang berinduk padanya
hint-charter-bad-retention = misalnya: kind = "child", keep_years = 10, after = "closure.closure_date"
help-record-erase--confirm = Hapus yang diminta anggota lain dalam entri ini; boleh diulang
help-record-restrict = Simpan catatan dan jangan biarkan siapa pun menggunakannya, kecuali untuk yang disebut piagam
help-record-restrict--records = Catatan-catatannya
help-record-restrict--ground = Atas dasar apa: retention, request, consent-withdrawn, unlawful, order, mistake, disputed
help-record-unrestrict = Biarkan catatan yang dibatasi digunakan lagi
help-record-unrestrict--records = Catatan-catatannya
help-retention = Tampilkan catatan yang sudah cukup lama disimpan
help-retention-due = Tampilkan catatan yang masa simpannya habis menurut aturan piagam
help-retention-due--on = Pada hari ini; kalau tidak disebut, hari ini juga

certificate-title = Berita Acara Pemusnahan Data
certificate-intro = Catatan yang tercantum di sini telah dihapus untuk selamanya dari brankas { $name }. Tidak seorang pun dapat mengembalikannya. Buku besar brankas itu membuktikannya pula, dan `amanah audit verify` memeriksanya.
certificate-vault = Brankas
certificate-time = Tanggal dan waktu
certificate-entries = Entri buku besar
certificate-root = Akar buku besar dengan { $size } entri
certificate-records = Jumlah catatan
certificate-items = Butir yang dikeluarkan dari jurnal
certificate-asked = Diminta oleh
certificate-confirmed = Disahkan dan dihapus oleh
certificate-erased = Dihapus oleh
certificate-who = { $member } (kelompok { $group }), entri { $entry }, { $time }
certificate-ground = Dasar
certificate-list = Daftar catatan
certificate-record = Catatan
certificate-kind = Jenis
certificate-versions = Versi
certificate-backups = Cadangan
certificate-no-backup = Buku besar tidak mencatat cadangan yang masih berlaku.
certificate-limits = Pelepasan, ekspor, dan salinan lain yang diserahkan sebelumnya tidak terjangkau oleh penghapusan ini.
certificate-signed = Tanda tangan
certificate-witness = Saksi
certificate-sign-name = Nama
certificate-sign-office = Jabatan
certificate-sign-day = Tempat dan tanggal
certificate-sign-hand = Tanda tangan
certificate-not-yet = belum ada yang dihapus, jadi belum ada berita acara: yang mengesahkan menulisnya dengan --certificate
certificate-written = berita acara pemusnahan data, untuk dicetak dan ditandatangani: { $file }
ground-retention = masa simpan menurut piagam telah habis
ground-request = diminta oleh anak, atau oleh yang mewakili anak
ground-consent-withdrawn = persetujuan ditarik kembali
ground-unlawful = seharusnya tidak dikumpulkan
ground-order = diperintahkan pengadilan atau lembaga lain yang berwenang
ground-mistake = dimasukkan karena keliru
ground-disputed = kebenarannya disanggah
help-record-erase--certificate = Tulis berita acara pemusnahan data ke berkas baru ini: HTML kalau namanya berakhir .html, selain itu teks biasa

    Isinya siapa yang meminta dan mengesahkan, dasarnya, entri-entrinya, dan catatan mana menurut idnya; tidak pernah sebuah nama. Kalau penghapusan harus disahkan, yang mengesahkan menulisnya.

demo-erase = Sebuah catatan dihapus, dan buktinya tetap ada
demo-erase-how = Seorang anggota memintanya, anggota lain dengan hak yang sama mengesahkan. Yang berinduk pada catatan itu ikut dihapus.
demo-erase-asked = { $member } memintanya; catatan: { $count }
demo-erase-done = { $member } mengesahkan; butir yang dikeluarkan dari jurnal untuk selamanya: { $count }
