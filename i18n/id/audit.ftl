# Pertanyaan kepada buku besar, dan ekspornya.

err-audit-unknown-member = tidak ada anggota { $member } dalam piagam mana pun brankas ini
hint-audit-unknown-member = `amanah charter show` menampilkan para anggota; tulis lembaga dan namanya, misalnya handayani/siti

field-records-opened = catatan dibuka
reason-sealed = (disegel terhadap Anda)
who-opener = { $opener }, tanpa sentra; diterima oleh { $actor }
who-next = entri: { $count }; termasuk yang ditolak, dan yang menyangkut isi di bawah catatan itu
member-sum = entri: { $entries }, di antaranya ditolak: { $refused }; catatan dibuka: { $records }

help--since = Hanya sejak hari atau waktu ini
help--until = Hanya sampai hari atau waktu ini, hari itu termasuk
help-audit-log--reasons = Beserta alasan yang diberikan, sejauh dapat dibaca kelompok Anda; memerlukan kunci Anda dan sebuah tujuan
help-audit-who = Tampilkan siapa melihat sebuah catatan dan isi di bawahnya, apa darinya, dan mengapa
help-audit-who--record = Catatan: ID-nya, sedikitnya 6 karakter pertamanya, atau kodenya

    Kode dicari seperti biasa, sehingga memerlukan kunci Anda dan sebuah tujuan. Untuk ID tidak ada yang dibuka dan tidak diperlukan kunci.
help-audit-who--reasons = Beserta alasan yang diberikan, sejauh dapat dibaca kelompok Anda; memerlukan kunci Anda dan sebuah tujuan
help-audit-member = Tampilkan apa yang dilakukan seorang anggota, dan apa yang dibuka untuknya
help-audit-member--member = Anggota, misalnya handayani/siti

exposure-did = yang dibuka untuknya:
exposure-could = yang dapat dibuka dengan kuncinya, dibuka atau tidak:
exposure-next = kunci yang pernah dipegang: { $groups }; yang dilepaskan pihak lain kepadanya ikut dihitung, begitu pula yang dapat dibuka dalam keadaan darurat

help-audit-exposure = Tampilkan apa yang dapat dibuka dengan kunci seorang anggota, dan apa yang dibuka
help-audit-exposure--member = Anggota yang kuncinya mungkin jatuh ke tangan orang lain
help-audit-exposure--each = Setiap catatan tersendiri, bukan jumlah per kelas

err-audit-bad-rules = ini bukan aturan tentang yang tidak biasa: "{ $why }"
hint-audit-bad-rules = `amanah audit rules` menulis aturan yang salinannya dapat diubah

field-unusual = yang tidak biasa
unusual-next = ditemukan: { $count }; aturan dan batasnya: `amanah audit rules`
unusual-glass = akses darurat dipakai, dan belum ada lembaga pengawas yang mengakuinya
unusual-glass-acknowledged = akses darurat dipakai; sudah diakui lembaga pengawas
unusual-refused = upaya ditolak: { $count }, padahal biasanya paling banyak { $limit } dalam { $hours } jam
unusual-bulk = catatan dibuka: { $count }, padahal biasanya paling banyak { $limit } dalam { $minutes } menit
unusual-rise = catatan dibuka dalam sehari: { $count }, lebih dari { $limit }; pada hari biasa anggota ini { $usual }
unusual-cases = kasus yang dibaca dalam sehari, yang selama { $days } hari tidak pernah ditulisi anggota ini: { $count }, lebih dari { $limit }
unusual-hours = di luar jam kerja; entri dalam sehari: { $count }

help-audit-unusual = Tunjukkan yang tidak biasa, dan mengapa
help-audit-unusual--rules = Aturan lain daripada yang biasa, dari berkas seperti yang ditulis `amanah audit rules`
help-audit-rules = Tulis aturan tentang yang tidak biasa, untuk diubah salinannya

err-export-io = { $path }: { $source }
hint-export-io = periksa letak berkas, disk, dan ruang kosongnya; folder yang berakhiran .partial adalah ekspor yang belum selesai, dan boleh dihapus
err-export-exists = { $path } sudah ada
hint-export-exists = pilih folder yang belum ada
err-export-bad-manifest = ini bukan manifes sebuah ekspor: "{ $why }"
hint-export-bad-manifest = minta ekspornya sekali lagi; jika tetap begitu, ekspor itu bukan buatan amanah, atau telah diubah
err-export-other-log = titik periksa { $origin } tidak ditandatangani buku besar yang disebutkan
hint-export-other-log = cocokkan kuncinya dengan sentra melalui jalur lain; jika benar, jangan percayai ekspornya
err-export-not-cosigned = { $witness } tidak menandatangani titik periksa itu maupun yang sebelumnya
hint-export-not-cosigned = tanpa kunci saksi, selebihnya dapat diperiksa; tanyakan kepada sentra mengapa saksi tidak diminta
err-export-not-compared = entrinya utuh dan lengkap, tetapi apakah peristiwanya mengatakan hal yang sama tidak diketahui: peristiwa itu dibuat versi lain
hint-export-not-compared = periksa dengan versi amanah yang membuatnya; sampai itu, percayai entrinya, bukan peristiwanya
err-export-file-changed = { $path } tidak seperti kata manifesnya
hint-export-file-changed = minta ekspornya sekali lagi, dan simpan yang ini; berkas yang bukan bagiannya tidak boleh ada di foldernya
err-export-incomplete = entrinya bukan seluruh entri dari { $first } sampai sebelum { $next } dalam buku besar yang ditandatangani
hint-export-incomplete = simpan ekspornya sebagai bukti; minta sekali lagi, dan beri tahu lembaga pengawas
err-export-events-differ = { $path } tidak mengatakan hal yang sama dengan entri di sampingnya
hint-export-events-differ = simpan ekspornya sebagai bukti; entri di sampingnya adalah entri buku besar
err-export-bad-state = { $path } tidak memuat sampai di mana ekspor berjalan
hint-export-bad-state = sebutkan berkas yang benar, atau hapus berkas itu untuk mulai lagi dari entri pertama
err-export-other-state = { $path } milik brankas, format, atau penerima lain
hint-export-other-state = gunakan berkas keadaan dan folder tersendiri untuk setiap format dan penerima
err-export-other-past = { $next } entri pertama buku besar bukan yang dahulu diekspor menurut { $path }
hint-export-other-past = simpan ekspornya sebagai bukti; jalankan `amanah audit verify`, dan beri tahu lembaga pengawas
err-export-nothing = buku besar tidak memuat entri dari waktu itu di bawah titik periksanya
hint-export-nothing = `amanah audit log` menampilkan entri yang ada
err-export-bad-recipient = { $name } tidak dapat dipakai sebagai nama penerima: huruf kecil, angka, dan tanda hubung, dimulai dengan huruf
hint-export-bad-recipient = tulis nama pendek, misalnya bssn
err-export-no-pseudonym = tidak ada catatan dalam buku besar ini yang bernama samaran { $pseudonym } untuk { $recipient }
hint-export-no-pseudonym = periksa nama samaran, penerima, dan kuncinya; manifes ekspor mengatakan kunci yang mana

field-events = peristiwa
field-format = format
audit-export-next = berikan kunci buku besar melalui jalur lain daripada ekspornya; `amanah audit check-export` memeriksanya
audit-export-nothing-new = tidak ada yang baru sejak ekspor terakhir
audit-export-cosigned = { $witness } menandatangani { $size } entri pertama pada { $time }
audit-export-pseudonyms = catatan memakai nama samaran; terbukti bahwa entrinya lengkap, bukan apa yang dikatakannya
audit-export-sound = ekspornya utuh dan lengkap
pseudonym-key-next = simpan berkas ini: tanpanya tidak ada yang dapat mengatakan lagi catatan mana yang dimaksud nama samaran

help-audit-export = Tulis entri dalam format yang diterima pihak lain, dengan bukti bahwa semuanya ada
help-audit-export--format = Formatnya
help-audit-export--output = Folder yang ditulis: yang baru, atau dengan --incremental folder tempat setiap ekspor mendapat foldernya sendiri
help-audit-export--incremental = Lanjutkan dari ekspor terakhir; berkas ini mengatakan sampai di mana
help-audit-export--recipient = Untuk siapa: catatan mendapat nama samaran yang hanya diberikan kepada penerima ini
help--pseudonym-key = Kunci nama samaran, seperti yang dibuat `amanah audit pseudonym-key`
help-audit-check-export = Periksa ekspor yang diberikan seseorang kepada Anda
help-audit-check-export--dir = Folder ekspornya
help-audit-check-export--key = Kunci buku besar yang Anda percayai, atau kunci saksi yang harus sudah menandatangani; boleh diulang
help-audit-pseudonym-key = Buat kunci nama samaran
help-audit-pseudonym-key--file = Berkas yang ditulis
help-audit-resolve = Katakan catatan mana yang dimaksud sebuah nama samaran
help-audit-resolve--pseudonym = Nama samarannya
help-audit-resolve--recipient = Penerima yang diberi nama samaran itu
value-FORMAT = FORMAT
value-PSEUDONYM = SAMARAN
