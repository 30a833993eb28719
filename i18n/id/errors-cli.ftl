# Kesalahan pada baris perintah dan di terminal. Nilai `none` berarti tidak ada.

err-usage-unknown-argument = argumen { $argument } tidak dikenal
hint-usage-unknown-argument = { $suggestion ->
    [none] lihat `{ $command } --help`
   *[other] mungkin maksud Anda { $suggestion }? Lihat `{ $command } --help`
}
err-usage-unknown-command = perintah { $name } tidak dikenal
hint-usage-unknown-command = { $suggestion ->
    [none] lihat `{ $command } --help`
   *[other] mungkin maksud Anda { $suggestion }? Lihat `{ $command } --help`
}
err-usage-missing-argument = yang berikut ini harus disebutkan: { $arguments }
hint-usage-missing-argument = lihat `{ $command } --help`
err-usage-missing-command = sebutkan apa yang harus dilakukan: { $command } memerlukan sebuah perintah
hint-usage-missing-command = `{ $command } --help` menampilkan daftar perintah
err-usage-missing-value = { $argument } memerlukan sebuah nilai
hint-usage-missing-value = { $allowed ->
    [none] lihat `{ $command } --help`
   *[other] gunakan salah satu dari: { $allowed }
}
err-usage-invalid-choice = { $value } bukan pilihan untuk { $argument }
hint-usage-invalid-choice = gunakan salah satu dari: { $allowed }
err-usage-invalid-value = { $value } tidak dapat dipakai sebagai nilai { $argument }
hint-usage-invalid-value = lihat `{ $command } --help`
err-usage-conflict = { $argument } tidak dapat dipakai bersama { $other }
hint-usage-conflict = hapus salah satunya
err-usage-repeated = { $argument } hanya boleh disebutkan satu kali
hint-usage-repeated = sisakan satu saja
err-usage-too-many = { $value } berlebih: { $argument } tidak menerima nilai lagi
hint-usage-too-many = apit nilai yang berisi spasi dengan tanda petik
err-usage-not-text = baris perintah berisi bita yang bukan teks UTF-8
hint-usage-not-text = ketik ulang perintahnya, jangan ditempel
err-usage-misread = baris perintah tidak dapat dipahami
hint-usage-misread = lihat `{ $command } --help`
err-usage-record = catatan belum disebutkan: nilainya kosong
hint-usage-record = tulis ID seperti yang ditampilkan `amanah record list`, sedikitnya 6 karakter pertamanya, atau kode catatan itu
err-usage-assignment = { $value } tidak berbentuk ISIAN=NILAI
hint-usage-assignment = tulis nama isian, tanda =, lalu nilainya: alias=Ani
err-usage-moment = { $value } bukan tanggal dan bukan pula waktu
hint-usage-moment = tulis tanggal, 2026-11-24, atau waktu beserta selisih zonanya, 2026-11-24T10:00:00+07:00

err-cli-no-vault = belum disebutkan brankas yang mana
hint-cli-no-vault = tambahkan --vault FOLDER, atau isi variabel AMANAH_VAULT; `amanah init FOLDER` membuat brankas baru
err-cli-no-identity = belum disebutkan berkas identitas siapa
hint-cli-no-identity = tambahkan --identity BERKAS, atau isi variabel AMANAH_IDENTITY; `amanah keys new` membuat identitas baru
err-cli-no-purpose = belum disebutkan untuk tujuan apa
hint-cli-no-purpose = tambahkan --purpose KODE; `amanah charter show` menampilkan kode yang ada
err-request-whole-id = tanpa brankas sebuah catatan disebut dengan id lengkapnya, dan { $reference } bukan id lengkap
hint-request-whole-id = id terdiri atas 26 karakter dan tercantum dalam buku besar: mintalah kepada pemegang brankas, atau lihat dalam ekspor
err-cli-no-terminal = ada yang harus ditanyakan, tetapi tidak ada terminal untuk bertanya
hint-cli-no-terminal = jalankan di terminal, atau berikan yang diperlukan sejak awal: nilai sebagai ISIAN=NILAI atau dengan --from, persetujuan dengan --yes atau --fingerprint, kata sandi dengan --passphrase-file atau --passphrase-fd
err-cli-stopped = dihentikan
hint-cli-stopped = tidak ada lagi yang dilakukan
err-cli-output = jawaban tidak dapat ditulis
hint-cli-output = kosongkan sebagian disk, atau kirim jawaban ke tempat lain; yang menurut buku besar telah ditampilkan tetap dianggap telah ditampilkan
err-cli-prompt = terminal tidak dapat dipakai untuk bertanya
hint-cli-prompt = jalankan di terminal lain, atau berikan yang diperlukan melalui opsi

err-passphrase-source = kata sandi tidak dapat dibaca dari { $from }
hint-passphrase-source = periksa namanya dan siapa yang boleh membacanya
err-passphrase-missing = { $from } tidak berisi kata sandi, atau lebih sedikit daripada yang diperlukan
hint-passphrase-missing = tulis satu kata sandi pada setiap baris, menurut urutan ditanyakannya
err-passphrase-not-text = kata sandi dari { $from } bukan teks UTF-8
hint-passphrase-not-text = periksa apakah ini memang berkas kata sandi
err-passphrase-long = kata sandi lebih panjang dari { $most } bita
hint-passphrase-long = periksa apakah ini memang berkas kata sandi
err-passphrase-short = kata sandi kurang dari { $least } karakter
hint-passphrase-short = gunakan lima kata atau lebih yang tidak saling berkaitan
err-passphrase-mismatch = kedua kata sandi tidak sama
hint-passphrase-mismatch = ketik sekali lagi dengan perlahan

err-cli-defect = terjadi kerusakan pada program amanah, dan program berhenti di { $place }
hint-cli-defect = yang sudah dikonfirmasi tetap aman; jalankan `amanah audit verify`, lalu laporkan kepada pengelola amanah di tempat Anda

err-file-unreadable = { $path } tidak dapat dibaca
hint-file-unreadable = periksa namanya dan siapa yang boleh membacanya
err-file-too-large = { $path } lebih besar dari { $most } bita
hint-file-too-large = periksa apakah memang berkas ini yang dimaksud
err-file-not-text = { $path } bukan teks UTF-8
hint-file-not-text = simpan sebagai UTF-8; program lembar kerja menyebutnya "CSV UTF-8"
err-file-exists = { $path } sudah ada
hint-file-exists = tidak ada yang ditimpa: pindahkan berkas itu, atau pakai nama lain
err-file-unwritable = { $path } tidak dapat ditulis
hint-file-unwritable = kosongkan sebagian disk, atau pilih folder lain
err-keys-no-recipient = { $path } tidak menyebut identitas plugin age beserta penerimanya
hint-keys-no-recipient = berikan berkas identitas seperti yang ditulis plugin, dengan baris AGE-PLUGIN dan komentar yang menyebut penerimanya
err-keys-no-passphrase = { $path } dijaga plugin age atau kunci SSH dan tidak memiliki kata sandi sendiri
hint-keys-no-passphrase = ganti PIN atau kata sandinya dengan program plugin itu sendiri, atau dengan ssh-keygen -p
err-keys-card-differs = { $card } bukan kartu untuk { $path }
hint-keys-card-differs = cari kartu yang dibuat bersama identitas ini; kartu tidak dapat dibuat lagi untuk identitas yang sama
err-keys-not-of-the-body = { $member } bukan dari lembaga pemilik kelompok { $group }
hint-keys-not-of-the-body = para anggota kelompok, dan pembuat kuncinya, berasal dari lembaga kelompok itu: lembaga/nama
err-cli-no-time = batas akhir waktu yang ditanyakan mendahului batas awalnya
hint-cli-no-time = berikan hari yang lebih awal pada --since, dan yang lebih akhir pada --until
err-values-bad-json = { $path } bukan objek JSON berisi isian dan nilai: { $why }
hint-values-bad-json = tulis seperti {"{"}"full_name": "...", "birth_date": "2016-03-01"{"}"}
err-values-unknown-class = piagam tidak memiliki kelas { $class }; yang ada: { $known }
hint-values-unknown-class = `amanah schema show` menunjukkan kelas setiap isian
err-values-twice = nilai { $field } diberikan dua kali
hint-values-twice = hapus salah satunya
err-import-bad-rows = { $count } baris keliru, dan tidak ada yang ditulis
hint-import-bad-rows = perbaiki baris itu lalu impor kembali; atau pakai `--skip-invalid --report BERKAS` untuk menulis baris yang lain
err-draft-kept = dihentikan; yang sudah diketik disimpan, disegel untuk Anda, dalam { $path }
hint-draft-kept = jalankan lagi perintah yang sama untuk melanjutkan
err-schema-no-template = tidak ada templat { $name }; yang ada sentra
hint-schema-no-template = `amanah schema template sentra` menuliskannya
err-demo-exists = { $path } sudah ada, padahal peragaan membuat semuanya dari awal
hint-demo-exists = sebutkan folder yang belum ada, atau jangan sebutkan folder
err-demo-went-wrong = peragaan berjalan tidak sebagaimana mestinya: { $what }
hint-demo-went-wrong = laporkan kepada pengelola amanah di tempat Anda
err-member-fingerprint = kartu { $member } memiliki sidik jari { $found }, bukan { $given }
hint-member-fingerprint = tanyakan lagi kepada pemiliknya; jika tetap berbeda, minta kartunya dikirim ulang, dan jangan gunakan yang ini
err-proof-no-entry = berkas ini tidak memuat entri yang dibuktikannya
hint-proof-no-entry = berikan baris entrinya dengan --entry BERKAS
err-proof-no-key = tidak disebutkan buku besar mana yang dipercaya
hint-proof-no-key = berikan kunci buku besar dengan --key, atau piagam dengan --charter; bukan yang datang bersama buktinya
err-proof-other-charter = entri { $sequence } ditulis di bawah versi { $charter } piagam, yang tidak ada dalam berkas itu: siapa yang menandatanganinya tidak dapat diketahui
hint-proof-other-charter = berikan semua piagam brankas dengan --charter, seperti yang ditulis `amanah charter export`
err-witness-exists = { $path } sudah berisi seorang saksi
hint-witness-exists = pilih folder lain dengan --dir
