# Identitas yang dibiarkan terbuka.

err-agent-time = { $value } bukan waktu antara 1s dan 12h, misalnya 15m
hint-agent-time = misalnya `amanah unlock --for 15m`
err-agent-failed = proses yang menyimpan identitas tidak dapat dimulai
hint-agent-failed = jalankan lagi perintahnya; tanpa itu setiap perintah menanyakan kata sandi
err-agent-silent = proses yang menyimpan identitas tidak menjawab; proses itu berakhir begitu bisa
hint-agent-silent = jalankan `amanah lock` lagi; jika tetap begitu, akhiri proses `amanah agent-serve`
err-agent-folder = { $path } bukan folder milik Anda sendiri, atau jalurnya terlalu panjang: identitas tidak disimpan di sana
hint-agent-folder = jadikan folder itu milik Anda sendiri (`chmod 700`), atau arahkan XDG_RUNTIME_DIR ke folder Anda

agent-unlocked = { $member }: kata sandi tidak ditanyakan selama { $minutes } menit berikutnya; `amanah lock` mengakhirinya
agent-locked = { $count ->
    [0] tidak ada identitas yang terbuka
   *[other] { $count } identitas terkunci
}

help-unlock = Biarkan identitas Anda terbuka untuk sementara, sehingga perintah tidak menanyakan kata sandinya
help-unlock--for = Untuk berapa lama, misalnya 15m atau 1h30m; paling lama 12h
help-lock = Kunci setiap identitas yang terbuka
help-agent-serve = Simpan sebuah identitas: dimulai oleh `amanah unlock`
