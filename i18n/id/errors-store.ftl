# Jurnal dan penyimpanan.

err-store-io = { $path }: { $source }
hint-store-io = periksa letak berkas, disk, dan ruang kosongnya; yang sudah dikonfirmasi tetap aman
err-store-engine = penyimpanan gagal: { $reason }
hint-store-engine = ulangi perintahnya: penyimpanan disusun kembali dari jurnal dan buku besar, tanpa kehilangan
err-journal-damaged = { $path } rusak pada bita { $offset }: "{ $why }"
hint-journal-damaged = salin kembali berkas itu dari cadangan, lalu jalankan `amanah audit verify`
err-journal-too-large = sebuah muatan lebih besar dari { $most } bita, atau berisi lebih dari 65535 butir
hint-journal-too-large = tulis dalam beberapa bagian yang lebih kecil
