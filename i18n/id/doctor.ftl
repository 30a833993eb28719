# Apa yang tidak sebagaimana mestinya, dan apa yang harus dilakukan.

err-doctor-findings = hal yang perlu diperhatikan: { $count }
hint-doctor-findings = lakukan apa yang tertulis di bawah setiap peringatan
err-doctor-damage = hal yang rusak atau hampir rusak: { $count }
hint-doctor-damage = mulailah dengan apa yang tertulis di bawah setiap baris bertanda buruk

task-compact = menulis ulang penyimpanan
rebuild-done = penyimpanan dibuat ulang dari { $count } entri
compact-done = penyimpanan tadinya { $before } kB dan sekarang { $after } kB

doctor-level-good = baik
doctor-level-warning = awas
doctor-level-bad = buruk

doctor-version = ini amanah { $version }, dan format brankas ini dikenalnya
doctor-locked = proses { $holder } sedang membuka brankas: isinya tidak diperiksa
doctor-locked-do = tunggu proses itu, atau hentikan jika macet; kunci dari proses yang sudah mati terlepas sendiri
doctor-unlocked = tidak ada yang memegang kunci brankas
doctor-core-off = core dump dimatikan, dan memori tersembunyi dari proses lain
doctor-core-on = core dump tidak dapat dimatikan: kerusakan program dapat menuliskan kunci ke disk
doctor-core-do = jalankan amanah di tempat yang mengizinkan `ulimit -c 0`
doctor-mlock-all = tidak ada halaman memori perintah apa pun yang tertulis ke ruang swap
doctor-mlock-good = `amanah unlock` tidak tertulis ke ruang swap; perintah lain hanya dijaga dari ruang swap jika tanpa batas (`ulimit -l unlimited`)
doctor-mlock-small = terlalu sedikit memori yang boleh dikunci: `amanah unlock` dapat tertulis ke ruang swap
doctor-mlock-do = naikkan batasnya (`ulimit -l`), atau jangan memakai `amanah unlock`
doctor-swap-good = tidak ada ruang swap yang tidak terenkripsi
doctor-swap-open = ruang swap yang tidak diketahui terenkripsi: { $devices }
doctor-swap-do = enkripsikan (dm-crypt dengan kunci acak setiap kali mulai), pakai zram, atau matikan dengan `swapoff`
doctor-private = orang lain tidak dapat membaca { $path }
doctor-not-private = orang lain dapat membaca { $path }, atau bukan milik Anda (jumlah berkas: { $count })
doctor-not-private-do = cabut izinnya: `chmod -R go-rwx { $path }`, dan lihat pemiliknya dengan `ls -l`
doctor-room-unknown = sisa ruang pada disk tidak diketahui
doctor-room-none = hanya tersisa { $free } MB pada disk
doctor-room-small = tersisa { $free } MB pada disk; brankas berukuran { $size } MB, dan penghapusan atau pembuatan ulang memerlukan sebanyak itu lagi
doctor-room-good = tersisa { $free } MB pada disk; brankas berukuran { $size } MB
doctor-room-do = sediakan ruang pada disk ini, atau pindahkan brankas ke disk yang lebih besar
doctor-verified = buku besar, jurnal, dan penyimpanan sesuai: { $count } entri, tanpa memeriksa tanda tangan
doctor-store-open = penyimpanan tidak ditutup; buku besar dan jurnal baik
doctor-store-open-do = tidak ada yang hilang: perintah berikutnya membuatnya ulang, atau lakukan sekarang dengan `amanah rebuild`
doctor-unindexed = { $count } versi catatan belum ada dalam indeks dan tidak ditemukan oleh pencarian
doctor-unindexed-do = anggota yang membuka kelasnya menjalankan `amanah index rebuild`
doctor-clock = jam pernah dimundurkan di antara entri, berapa kali: { $count }
doctor-clock-do = pastikan jam komputer ini benar
doctor-key-good = kunci { $group } berumur { $days } hari
doctor-key-old = kunci { $group } berumur { $days } hari
doctor-key-do = gantilah setiap { $limit } hari: `amanah group rotate { $group }`
doctor-left = { $group }: sesi dari sebelum kuncinya yang sekarang yang belum diteruskan: { $count }
doctor-left-do = anggota yang sudah ada waktu itu menjalankan `amanah group rotate { $group } --resume`
doctor-backup-good = cadangan belum waktunya
doctor-backup-old = sudah { $days } hari tidak dibuat cadangan
doctor-backup-do = buatlah sedikitnya setiap { $limit } hari, di komputer atau media lain
doctor-backup-drill-good = mencoba cadangan belum waktunya
doctor-backup-drill-old = sudah { $days } hari tidak ada cadangan yang dicoba
doctor-backup-drill-do = pulihkan satu di tempat lain setiap { $limit } hari dan periksa di sana
doctor-witness-none = piagam tidak menyebut saksi: tidak ada pihak luar yang akan melihat buku besar ditulis ulang
doctor-witness-none-do = mintalah lembaga pengawas membuatnya (`amanah witness init`), dan sebutkan dalam piagam
doctor-witness-good = para saksi telah ikut menandatangani sebaru yang diminta piagam
doctor-paper-none = kunci { $group } tidak ada di atas kertas: jika semua anggotanya kehilangan kunci, hilanglah apa yang hanya dibuka kelompok itu
doctor-paper-stale = kertas { $group } adalah untuk kunci nomor { $epoch }; yang sekarang nomor { $present }
doctor-paper-do = anggota kelompok itu menjalankan `amanah recovery split { $group } --threshold 3 --of 5`
doctor-paper-old = kertas { $group } tidak dicoba selama { $days } hari
doctor-paper-drill-do = cobalah setiap { $limit } hari: `amanah recovery drill { $group }`
doctor-paper-good = kunci { $group } yang sekarang ada di atas kertas

help-doctor = Periksa apakah semuanya sebagaimana mestinya, dan katakan apa yang harus dilakukan jika tidak
help-rebuild = Buat ulang penyimpanan dari jurnal dan buku besar
help-compact = Tulis ulang penyimpanan agar kecil
