//! The words that invented people, places and notes are put together from.

pub(in crate::records) const BOYS: &[&str] = &[
    "Adi", "Agus", "Ahmad", "Andi", "Arif", "Bagas", "Bayu", "Bima", "Budi", "Dani", "Dimas", "Dwi", "Eko", "Fajar",
    "Farhan", "Galih", "Hadi", "Hasan", "Ilham", "Imam", "Indra", "Irfan", "Joko", "Lukman", "Naufal", "Rafi",
    "Rahmat", "Rendi", "Reza", "Ridwan", "Rizky", "Surya", "Syahrul", "Taufik", "Wahyu", "Yoga", "Yusuf", "Zaki",
];
pub(in crate::records) const GIRLS: &[&str] = &[
    "Aisyah", "Alya", "Amelia", "Anisa", "Ayu", "Bunga", "Citra", "Dewi", "Dian", "Dinda", "Eka", "Fatimah", "Fitri",
    "Hana", "Indah", "Intan", "Kartika", "Laila", "Lestari", "Maya", "Mega", "Nabila", "Nadia", "Nur", "Putri",
    "Rahma", "Ratna", "Rina", "Salma", "Sari", "Siti", "Sri", "Tiara", "Wulan", "Yuni", "Zahra",
];
pub(in crate::records) const BOYS_LAST: &[&str] = &[
    "Ardiansyah",
    "Firmansyah",
    "Gunawan",
    "Hakim",
    "Hermawan",
    "Hidayat",
    "Kurniawan",
    "Kusuma",
    "Maulana",
    "Nugroho",
    "Permana",
    "Prasetyo",
    "Pratama",
    "Purnomo",
    "Putra",
    "Ramadhan",
    "Saputra",
    "Santoso",
    "Setiawan",
    "Siregar",
    "Suryadi",
    "Susanto",
    "Syahputra",
    "Utomo",
    "Wibowo",
    "Wijaya",
];
pub(in crate::records) const GIRLS_LAST: &[&str] = &[
    "Anggraini",
    "Astuti",
    "Aulia",
    "Azzahra",
    "Damayanti",
    "Handayani",
    "Hasanah",
    "Kurniasih",
    "Lestari",
    "Maharani",
    "Maulida",
    "Ningsih",
    "Nuraini",
    "Oktaviani",
    "Permatasari",
    "Pertiwi",
    "Puspita",
    "Rahayu",
    "Rahmawati",
    "Safitri",
    "Salsabila",
    "Susanti",
    "Utami",
    "Wahyuni",
    "Wulandari",
    "Yuliana",
];

/// The staff: who assesses, serves and approves.
pub(in crate::records) const STAFF: &[&str] = &[
    "Rina Puspita",
    "Hadi Permana",
    "Yuni Anggraini",
    "Galih Purnomo",
    "Tiara Damayanti",
    "Lukman Wibowo",
    "Mega Oktaviani",
    "Bayu Hermawan",
];

/// Region codes, and the places that have them.
pub(in crate::records) const REGIONS: &[(&str, &str)] = &[
    ("31.74", "Kota Jakarta Selatan"),
    ("31.75", "Kota Jakarta Timur"),
    ("32.01", "Kabupaten Bogor"),
    ("32.04", "Kabupaten Bandung"),
    ("32.05", "Kabupaten Garut"),
    ("32.16", "Kabupaten Bekasi"),
    ("32.78", "Kota Tasikmalaya"),
    ("33.02", "Kabupaten Banyumas"),
    ("33.10", "Kabupaten Klaten"),
    ("33.11", "Kabupaten Sukoharjo"),
    ("33.72", "Kota Surakarta"),
    ("33.74", "Kota Semarang"),
    ("34.04", "Kabupaten Sleman"),
    ("35.07", "Kabupaten Malang"),
    ("35.24", "Kabupaten Lamongan"),
    ("35.78", "Kota Surabaya"),
    ("36.03", "Kabupaten Tangerang"),
    ("12.71", "Kota Medan"),
    ("13.71", "Kota Padang"),
    ("16.71", "Kota Palembang"),
    ("18.71", "Kota Bandar Lampung"),
    ("52.06", "Kabupaten Bima"),
    ("61.71", "Kota Pontianak"),
    ("64.72", "Kota Samarinda"),
    ("72.02", "Kabupaten Poso"),
    ("73.71", "Kota Makassar"),
];
pub(in crate::records) const STREETS: &[&str] = &[
    "Melati",
    "Mawar",
    "Kenanga",
    "Anggrek",
    "Cempaka",
    "Flamboyan",
    "Merdeka",
    "Pahlawan",
    "Diponegoro",
    "Kartini",
    "Sudirman",
    "Gajah Mada",
    "Pemuda",
    "Veteran",
    "Masjid",
    "Pasar Lama",
];
pub(in crate::records) const VILLAGES: &[&str] = &[
    "Sukamaju",
    "Sukajadi",
    "Mekarsari",
    "Karanganyar",
    "Sidomulyo",
    "Sumberejo",
    "Tanjungsari",
    "Wonosari",
    "Margahayu",
    "Banjarsari",
    "Purwodadi",
    "Kebonagung",
];
pub(in crate::records) const ABROAD: &[&str] = &["Istanbul", "Ankara", "Kuala Lumpur", "Jeddah", "Damaskus", "Manila"];
pub(in crate::records) const OCCUPATIONS: &[&str] = &[
    "Pedagang",
    "Buruh harian",
    "Petani",
    "Guru honorer",
    "Pengemudi",
    "Penjahit",
    "Karyawan toko",
    "Ibu rumah tangga",
    "Tukang bangunan",
    "Belum bekerja",
    "Wiraswasta",
    "Nelayan",
];

pub(in crate::records) const REFERRERS: &[&str] = &["Dinas Sosial", "UPTD PPA", "Lembaga perlindungan anak"];
pub(in crate::records) const REFERRERS_ABROAD: &[&str] =
    &["Kementerian Luar Negeri", "Direktorat Rehabilitasi Sosial Anak", "Rumah Perlindungan Trauma Center"];

pub(in crate::records) const REPATRIATION: &[&str] = &[
    "Kembali ke Indonesia bersama keluarga melalui pemulangan yang difasilitasi pemerintah. Dokumen perjalanan lengkap.",
    "Dipulangkan bersama keluarga dari negara transit. Tidak pernah sampai ke negara tujuan.",
    "Kembali bersama kerabat. Dokumen perjalanan diterbitkan perwakilan Indonesia di luar negeri.",
    "Pulang bersama keluarga setelah tinggal di luar negeri selama dua tahun. Identitas telah diverifikasi.",
];
pub(in crate::records) const NOTES: &[(&str, &str)] = &[
    ("basic_needs", "Diberikan perlengkapan harian, pakaian, dan makanan tambahan sesuai kebutuhan."),
    ("basic_needs", "Pemeriksaan kesehatan rutin di puskesmas; hasil disampaikan kepada pengasuh."),
    ("care", "Pendampingan pengasuhan: jadwal harian, kebiasaan tidur, dan kebersihan diri."),
    ("care", "Pertemuan pengasuh dan anak membahas aturan asrama dan cara menyampaikan keluhan."),
    ("family_support", "Panggilan video dengan keluarga, didampingi pekerja sosial. Berlangsung tenang."),
    ("family_support", "Kunjungan keluarga; orang tua/wali mengikuti sesi penguatan pengasuhan."),
    ("therapy", "Sesi konseling individu dengan psikolog, 45 menit. Anak bersedia melanjutkan."),
    ("therapy", "Terapi bermain dalam kelompok kecil untuk melatih pengenalan emosi."),
    ("therapy", "Diskusi bersama pembimbing rohani tentang saling menghargai dan menolong sesama."),
    ("vocational", "Pelatihan keterampilan dasar memasak; anak menyelesaikan tugas kelompok."),
    ("vocational", "Pelatihan menjahit tingkat dasar, pertemuan ketiga dari delapan."),
    ("assistance", "Penyaluran bantuan perlengkapan sekolah dan biaya transportasi keluarga."),
    ("accessibility", "Pendampingan pengurusan dokumen kependudukan di dinas setempat."),
];
pub(in crate::records) const PROGRESS: &[&str] = &[
    "Mulai terbuka kepada pengasuh dan mengikuti jadwal harian.",
    "Tidur lebih teratur. Masih sering menanyakan keluarganya.",
    "Aktif di kelas dan membantu teman yang lebih muda.",
    "Belum banyak bicara, tetapi mau mengikuti kegiatan kelompok.",
    "Hubungan dengan teman sebaya membaik; tidak ada keluhan baru.",
    "Kemampuan membaca meningkat; perlu pendampingan berhitung.",
];
pub(in crate::records) const HEALTH: &[&str] = &[
    "Keadaan umum baik. Imunisasi dasar belum lengkap dan dijadwalkan di puskesmas.",
    "Berat badan di bawah rata-rata usianya; diberikan makanan tambahan dan dipantau setiap bulan.",
    "Sehat. Dirujuk ke dokter gigi untuk pemeriksaan rutin.",
    "Alergi makanan laut menurut keterangan keluarga. Selain itu tidak ada keluhan.",
    "Batuk ringan saat datang, sudah diperiksa dan membaik.",
];
pub(in crate::records) const PSYCH: &[&str] = &[
    "Cemas saat berpisah dari anggota keluarga, berkurang setelah dua minggu. Konseling dilanjutkan.",
    "Sulit tidur pada minggu-minggu awal. Mampu menyebutkan orang dewasa yang dipercaya.",
    "Suasana hati stabil. Menarik diri bila ditanya tentang masa lalu; tidak dipaksa bercerita.",
    "Mudah terkejut oleh suara keras. Respons baik terhadap terapi bermain.",
    "Percaya diri cukup baik, mampu berteman. Tidak ditemukan tanda trauma berat.",
];
pub(in crate::records) const VIOLENCE: &[&str] = &[
    "Tidak ditemukan riwayat kekerasan pada wawancara dan pemeriksaan awal.",
    "Pernah mendapat hukuman fisik di rumah. Sudah dibicarakan dengan pengasuh utama dan dipantau.",
    "Pernah menyaksikan pertengkaran keluarga. Anak merasa aman di tempat pengasuhan sekarang.",
    "Belum dapat digali; akan ditanyakan kembali oleh psikolog bila anak siap.",
];
pub(in crate::records) const VIEWS: &[&str] = &[
    "Ingin kembali bersekolah dan tinggal bersama keluarganya.",
    "Ingin tetap satu kamar dengan saudaranya.",
    "Ingin belajar komputer. Merasa senang di asrama tetapi rindu rumah.",
    "Ingin bertemu keluarga lebih sering. Setuju dengan rencana kepulangan.",
    "Belum yakin pulang ke kampung karena takut diejek; minta waktu.",
];
pub(in crate::records) const OPTIONS: &[&str] = &[
    "Kembali kepada orang tua; diasuh keluarga besar; pengasuhan sementara di lembaga setempat.",
    "Diasuh nenek di daerah asal; tetap di sentra sampai akhir tahun ajaran.",
    "Perwalian oleh paman; orang tua asuh; sekolah berasrama dekat keluarga.",
];
pub(in crate::records) const RATIONALE: &[&str] = &[
    "Anak memiliki kelekatan yang baik dengan pengasuh tersebut, sekolah tersedia, dan lingkungan bersedia menerima.",
    "Saudara kandung tidak terpisah, pendapat anak sudah didengar, dan pemantauan dapat dilakukan dinas sosial.",
    "Keluarga mampu memenuhi kebutuhan dasar dan telah mengikuti penguatan pengasuhan.",
];
pub(in crate::records) const STIGMA: &[&str] = &[
    "Pernah diejek teman di sekolah; guru sudah menengahi dan keadaan membaik.",
    "Beberapa tetangga menjaga jarak. Ketua RT membantu memperkenalkan keluarga.",
];
