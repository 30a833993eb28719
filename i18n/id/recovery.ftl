# Kunci kelompok di atas kertas.

err-slip39-unknown-word = kata ke-{ $place } tidak ada dalam daftar kata
hint-slip39-unknown-word = baca lagi pada lembarnya; empat huruf pertama setiap kata sudah cukup
err-slip39-wrong-word = kata ke-{ $place } bukan kata yang tertulis
hint-slip39-wrong-word = baca lagi kata itu pada lembarnya
err-slip39-checksum = beberapa kata salah, atau urutannya lain
hint-slip39-checksum = bandingkan kata-katanya dengan lembarnya satu per satu, menurut urutannya
err-slip39-word-count = ada { $found } kata; satu bagian kunci kelompok terdiri atas 33 kata
hint-slip39-word-count = ketik semua kata dari satu bagian, dengan spasi di antaranya
err-slip39-malformed = jumlah periksanya benar, tetapi ini bukan bagian kunci
hint-slip39-malformed = bandingkan kata-katanya dengan lembarnya satu per satu
err-slip39-other-set = bagian-bagian ini bukan dari satu pembagian: kata-kata pertamanya berbeda
hint-slip39-other-set = ambil lembar-lembar dengan nomor set yang sama
err-slip39-twice = bagian { $number } diberikan dua kali
hint-slip39-twice = ambil lembar dari pemegang lain
err-slip39-not-enough = { $given } bagian diberikan, padahal diperlukan { $wanted }
hint-slip39-not-enough = minta lembar dari pemegang lain lagi
err-slip39-do-not-fit = bagian-bagian ini tidak cocok satu sama lain: salah satunya dipalsukan atau diubah
hint-slip39-do-not-fit = coba lembar lain dari set yang sama; simpan lembar-lembar ini, dan beri tahu lembaga pengawas
err-slip39-too-much-work = kata-kata ini meminta 10.000 putaran kerja yang digandakan { $exponent } kali; kunci kelompok hanya 10.000
hint-slip39-too-much-work = ambil lembar yang ditulis oleh program ini
err-slip39-bad-threshold = { $threshold } dari { $shares } tidak dapat dibagi: sedikitnya 2, dari paling banyak 16
hint-slip39-bad-threshold = misalnya `--threshold 3 --of 5`
err-paper-other-key = bagian-bagian ini cocok satu sama lain, tetapi tidak menghasilkan kunci apa pun yang pernah dimiliki { $group } dalam brankas ini
hint-paper-other-key = ambil lembar yang menyebut brankas ini dan kelompok ini
err-paper-old-key = bagian-bagian ini menghasilkan kunci { $group } nomor { $epoch }; kuncinya yang sekarang, nomor { $present }, tidak dipulihkannya
hint-paper-old-key = ambil lembar yang lebih baru; jika tidak ada, bagi kunci yang sekarang dengan `amanah recovery split { $group }` dan simpan lembar yang lama sampai semuanya diteruskan (`amanah group rotate { $group } --resume`, atau `amanah recovery combine { $group }`)
err-paper-present-key = bagian-bagian ini menghasilkan kunci { $group } yang sekarang: tidak ada kunci lebih baru yang dapat menerima penerusan
hint-paper-present-key = terima dahulu anggota baru (`amanah member enroll`): kelompok itu mendapat kunci baru karenanya; lalu jalankan perintah ini lagi
err-recovery-bad-share = baris { $line } bukan bagian kunci: { $why }
hint-recovery-bad-share = perbaiki baris itu dalam berkasnya: kata-kata satu bagian berada pada satu baris

recovery-other-set = bagian ini dari pembagian lain
recovery-same-share = bagian ini sudah diberikan
recovery-ask-first = kata-kata bagian pertama { $group }
recovery-ask-next = kata-kata bagian { $number } dari { $wanted }, untuk { $group }
recovery-ask-help = dengan spasi di antaranya; empat huruf pertama setiap kata sudah cukup
recovery-written-down = sudah ditulis dan dibandingkan? Enter untuk lanjut, dan halaman ini hilang
recovery-file-is-key = { $file } memuat seluruh kunci: cetak, lalu musnahkan berkasnya
recovery-of = { $threshold } dari { $shares }
recovery-split-next = berikan setiap lembar kepada pemegang yang berbeda, disimpan terpisah; cobalah dengan `amanah recovery drill`
recovery-drill-good = { $count } bagian itu menghasilkan kunci { $group } yang sekarang (nomor { $epoch }); tidak ada yang dipulihkan
recovery-combined = kunci { $group } nomor { $epoch } telah disatukan
recovery-none = tidak ada
recovery-stale = hanya nomor { $epoch }: tidak memulihkan kunci yang sekarang
recovery-will-be-stale = bagian kertas dari kunci { $group } yang sekarang, jika ada, tidak memulihkan kunci yang baru: setelah berlaku, bagilah dengan `amanah recovery split { $group }`
recovery-is-stale = { $group } mendapat kunci baru: bagian kertas dari kunci lama tidak memulihkannya. Bagilah kunci baru dengan `amanah recovery split { $group }`; simpan lembar lama sampai semuanya diteruskan

field-epoch = nomor kunci
field-set = set
field-shares = bagian
field-paper = di atas kertas
field-split = dibagi
field-drill = dicoba

sheet-title = bagian { $number } dari { $shares }: kunci { $group }
sheet-vault = { $name }, brankas { $vault }
sheet-key = kunci nomor { $epoch }, set { $set }, entri buku besar { $entry }
sheet-by = dibagi oleh { $by }, { $time }
sheet-threshold = sembarang { $threshold } dari { $shares } bagian mengembalikan kunci; lebih sedikit tidak mengungkap apa pun
sheet-keep = Simpan lembar ini di tempat yang tidak menyimpan bagian lain dari { $group }. Siapa yang memiliki cukup bagian dapat membuka apa yang dibuka { $group }. Kata-katanya dalam pengodean SLIP-39, tanpa frasa sandi.
sheet-holder = pemegang, tanggal, tanda tangan:

help-recovery = Simpan kunci kelompok di atas kertas, dan cobalah apakah kertas itu memadai
help-recovery-split = Bagi kunci kelompok Anda di antara beberapa pemegang, sebagai kata-kata di atas kertas (SLIP-39)
help-recovery-split--group = Kelompok: lembaga/nama, misalnya kpai/reviewers
help-recovery-split--threshold = Berapa bagian yang mengembalikan kunci
help-recovery-split--of = Berapa bagian seluruhnya, paling banyak 16
help-recovery-split--sheet = Tulis lembar untuk dicetak, satu halaman untuk setiap bagian, dengan kode QR (HTML)

    Berkas ini memuat seluruh kunci. Cetak pada pencetak yang tidak menyimpan apa pun, lalu musnahkan.
help-recovery-split--output = Tulis kata-katanya ke berkas, satu bagian per baris

    Berkas ini memuat seluruh kunci.
help-recovery-combine = Satukan kunci lama kelompok Anda dari kertas, dan teruskan kepada kunci yang sekarang apa yang disegel sebelumnya
help-recovery-combine--group = Kelompok: lembaga/nama, misalnya kpai/reviewers
help-recovery-combine--from = Berkas berisi kata-kata, satu bagian per baris; - berarti masukan standar. Jika tidak disebutkan, kata-katanya ditanyakan
help-recovery-drill = Buktikan bahwa bagian-bagian menghasilkan kunci kelompok Anda yang sekarang, tanpa memulihkan apa pun
help-recovery-drill--group = Kelompok: lembaga/nama, misalnya kpai/reviewers
help-recovery-drill--from = Berkas berisi kata-kata, satu bagian per baris; - berarti masukan standar. Jika tidak disebutkan, kata-katanya ditanyakan
help-recovery-status = Tampilkan kelompok mana yang kuncinya ada di atas kertas, dan kapan terakhir dicoba
