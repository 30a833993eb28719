# Yang dilakukan layanan setiap malam.

run-failed = proses malam pada { $time } gagal: { $message } ({ $count ->
    [1] satu kali
   *[other] { $count } kali berturut-turut
} sejak { $since })
run-well = proses malam berhasil
field-entries-verified = entri yang diperiksa
field-entries-exported = entri yang diekspor
field-run-well = proses terakhir yang berhasil

err-run-goes-on = proses malam pada brankas ini sedang berjalan
hint-run-goes-on = tunggu sampai selesai; jika macet, hentikan proses itu
err-run-cut-off = proses itu tidak selesai: dihentikan, atau komputernya mati
hint-run-cut-off = jalankan lagi, dan lihat jurnal sistem jika terulang
err-run-failed = proses malam pada { $time } gagal: { $what }
hint-run-failed = perbaiki yang disebutkan, lalu jalankan lagi `amanah audit nightly`
err-run-overdue = proses malam terakhir yang berhasil selesai pada { $time }, lebih dari { $hours } jam yang lalu
hint-run-overdue = periksa apakah pewaktunya menyala: `systemctl list-timers amanah-nightly.timer`
err-run-never = belum pernah ada proses malam yang berhasil pada brankas ini, sejauh diketahui folder keadaan ini
hint-run-never = jalankan `amanah audit nightly` sekali dengan tangan, dengan folder keadaan yang sama (AMANAH_STATE)

help-audit-nightly = Lakukan yang dilakukan layanan setiap malam: terbitkan buku besar, dan ingat hasilnya
help-audit-nightly--verify = Periksa semuanya lebih dahulu: yang tidak utuh tidak diterbitkan
help-audit-nightly--publish = Terbitkan buku besar ke folder ini, seperti `amanah audit publish`
help-audit-nightly--export = Ekspor yang baru ke folder ini, seperti `amanah audit export --incremental FOLDER/state`
help-audit-nightly--format = Format ekspornya
help-audit-nightly--recipient = Untuk siapa ekspornya: catatan diberi nama samaran yang hanya diberikan kepada penerima ini
help-audit-nightly--pseudonym-key = Kunci nama samaran, seperti yang dibuat `amanah audit pseudonym-key`
help-audit-nightly--check = Jangan lakukan apa pun, hanya katakan hasil proses terakhir: kode keluar 11 jika gagal, atau sudah terlalu lama
help-audit-nightly--max-age = Dengan --check: berapa lama yang lalu proses terakhir yang berhasil boleh terjadi
value-HOURS = JAM
