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
