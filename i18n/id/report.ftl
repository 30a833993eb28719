# Laporan buku besar sebagai halaman.

report-title = Siapa melihat apa: { $vault }
report-stretch = Dari { $from } sampai { $to } ({ $zone })
report-beginning = awal
report-glass-open = { $count ->
    [1] Akses darurat telah digunakan, dan belum diakui oleh pengawas mana pun
   *[other] Akses darurat telah digunakan { $count } kali, dan belum diakui oleh pengawas mana pun
}
report-glass-caption = Berada paling depan dalam setiap laporan sampai diakui, seberapa lama pun telah terjadi
report-sums = Ringkasan
report-words = “Isian dibuka” menghitung entri yang membuka isian catatan bagi seseorang; “catatan”, jumlah catatan berbeda di antaranya. Entri membuktikan bahwa kunci diberikan, bukan bahwa seseorang membaca yang dilihatnya.
report-opened = isian dibuka
report-records = catatan
report-written = catatan ditulis
report-refused = ditolak
report-failed = tidak terbuka
report-by-day = Per hari
report-by-week = Per minggu, mulai hari Senin
report-by-month = Per bulan
report-by-year = Per tahun
report-by-purpose = Menurut tujuan
report-by-member = Menurut anggota
report-by-class = Menurut kelas isian
report-no-purpose = (tanpa tujuan)
report-about = { $rows } batang; isian paling sering dibuka untuk { $name }: { $most } kali. Tabel di bawah memuat semua angka.
report-table = { $title }: jumlah entri, dan jumlah catatan yang berbeda
report-nothing = Tidak ada apa pun dalam kurun waktu ini.
report-refusals = Yang ditolak
report-refusals-all = { $count ->
    [0] Tidak ada yang ditolak dalam kurun waktu ini.
   *[other] { $count } entri, yang terbaru lebih dahulu
}
report-refusals-newest = { $listed } entri terbaru dari { $count }
report-because = sebab
report-classes = kelas
report-unusual = Yang tidak biasa
report-unusual-about = Menurut aturan yang dapat diubah oleh sentra (amanah audit rules). Yang ditunjukkan di sini perlu ditanyakan; ini bukan tuduhan.
report-unusual-all = { $count ->
    [0] Tidak ada yang tidak biasa dalam kurun waktu ini.
   *[other] { $count } temuan
}
report-unusual-newest = { $listed } temuan terbaru dari { $count }
report-releases = Yang dilepas satu lembaga kepada lembaga lain
report-release-asked = diminta
report-release-asker = oleh
report-release-by = diberikan oleh
report-release-state = keadaan
report-release-records = catatan
report-release-answer = sampai dijawab
report-release-opening = sampai dibuka
report-release-caption = { $count ->
    [0] Tidak ada permintaan dalam kurun waktu ini.
    [1] Satu permintaan; belum dijawab: { $waiting }; waktu sampai jawaban terakhir: { $median }
   *[other] { $count } permintaan; belum dijawab: { $waiting }; median waktu sampai jawaban terakhir: { $median }
}
report-release-opened = dibuka { $time }
report-release-withdrawn = ditarik kembali
report-release-denied = ditolak oleh { $members }
report-release-waits = menunggu jawaban
report-release-given = sudah diberikan, belum dibuka
report-minutes = { $minutes } mnt
report-hours = { $hours } jam { $minutes } mnt
report-days = { $days } hari { $hours } jam
report-witnesses = Yang mengawasi buku besar dari luar
report-witnesses-rule = Piagam menghendaki { $any } di antaranya telah menandatangani dalam { $hours } jam terakhir
report-witnesses-none = Piagam tidak menyebut saksi.
report-made = Dibuat pada { $time } ({ $zone }).
report-from-entries = Dari entri { $from } sampai { $to } dalam buku besar.
report-no-names = Buku besar tidak memuat nama, nomor, atau nilai apa pun tentang anak, dan halaman ini juga tidak memuat ID catatan: nomor entri menunjuk kembali ke buku besar.
report-checkpoint = Titik periksa terbaru mencakup { $size } entri. Akarnya
report-check = Siapa pun yang memiliki salinan buku besar yang diterbitkan dapat menghitung semuanya kembali. Kunci buku besarnya
report-vault = Brankasnya

help-audit-report = Tulis satu halaman untuk dibaca atau dicetak: akses, penolakan, yang tidak biasa, pelepasan antarlembaga, saksi
help-audit-report--html = Tempat menulis halamannya: satu berkas, tanpa jaringan dan tanpa skrip
help-audit-report--since = Hanya sejak hari atau waktu ini
help-audit-report--until = Hanya sampai hari atau waktu ini, hari itu termasuk
help-audit-report--rules = Aturan lain tentang yang tidak biasa, dari berkas seperti yang ditulis `amanah audit rules`
