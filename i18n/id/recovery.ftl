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
err-slip39-bad-threshold = { $threshold } dari { $shares } tidak dapat dibagi: sedikitnya 2, dari paling banyak 16
hint-slip39-bad-threshold = misalnya `--threshold 3 --of 5`
