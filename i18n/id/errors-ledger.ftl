# Buku besar.

err-ledger-io = { $path }: { $source }
hint-ledger-io = periksa letak berkas, disk, dan ruang kosongnya; yang sudah dikonfirmasi tetap aman
err-ledger-damaged = { $path }, baris { $line }: "{ $why }"
hint-ledger-damaged = biarkan berkas apa adanya, bandingkan dengan cadangan, dan beri tahu lembaga pengawas
err-ledger-too-long = entri akan lebih panjang dari { $most } bita
hint-ledger-too-long = lakukan dalam beberapa langkah yang lebih kecil
err-ledger-malformed = bukan entri: "{ $why }"
hint-ledger-malformed = jalankan `amanah audit verify`; baris buku besar tidak boleh disunting
err-checkpoint-malformed = ini bukan titik periksa buku besar ini
hint-checkpoint-malformed = jalankan `amanah audit verify`, dan beri tahu lembaga pengawas
err-ledger-no-hash = simpul { $index } pada pohon buku besar tidak ada dalam penyimpanan
hint-ledger-no-hash = ulangi perintahnya; jika terulang, hapus folder `store` dalam brankas: penyimpanan disusun kembali tanpa kehilangan
err-ledger-not-in-tree = pohon dengan { $size } entri tidak sampai ke nomor { $index }
hint-ledger-not-in-tree = `amanah audit log` menampilkan entri yang ada
err-ledger-bad-proof = buktinya tidak cocok: bukti itu diubah, atau milik buku besar lain
hint-ledger-bad-proof = minta berkasnya sekali lagi; jika tetap tidak cocok, simpan dan beri tahu lembaga pengawas
