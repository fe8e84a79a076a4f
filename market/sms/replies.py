"""Every sentence hosts get by SMS, in both languages side by side.

They are not in the catalogues because each is counted: with the longest real values it must fit one GSM 7-bit
part (tests/unit/sms/test_replies.py fills every one of them). Plain letters only; `| { [ ] } ^ ~` cost double.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence with its `{facts}`, in Indonesian and in English."""

    id: str
    en: str

    def say(self, locale: str, **facts: Any) -> str:
        """The words in a language; Indonesian for one that is not spoken here."""
        return (self.en if locale == "en" else self.id).format(**facts)


# Pieces ---------------------------------------------------------------------------------------------------
GUEST: Final = Wording("tamu", "guest")
TODAY: Final = Wording("hari ini", "today")
YESTERDAY: Final = Wording("kemarin", "yesterday")
FULL_NIGHTS: Final = Wording("{n} malam", "{n} nights")
DAYS: Final = Wording("{n} hari", "{n} days")
WHOLE_HOUSE: Final = Wording("Semua kamar", "All rooms")
STARTS: Final = Wording("{n} jadwal", "{n} dates")
PERSONS: Final = Wording("{n}org", "{n}p")
ASKS: Final = Wording("tanya {code}", "asks {code}")
SHUT: Final = Wording("tutup", "closed")
REST_FREE: Final = Wording("Lain kosong.", "Rest free.")
WITHIN: Final = Wording("(10 menit)", "(10 minutes)")

# Opt-in ---------------------------------------------------------------------------------------------------
INVITATION: Final = Wording(
    "{by} mendaftarkan nomor ini di {brand} untuk {host}. Balas YA untuk urus pesanan lewat SMS, STOP untuk"
    " menolak. Kami tidak pernah minta PIN.",
    "{by} registered this number at {brand} for {host}. Reply YA to run bookings by SMS, STOP to refuse."
    " We never ask for a PIN.",
)
WELCOME: Final = Wording(
    "Terima kasih, nomor ini aktif. Coba: JADWAL, UANG, TUTUP 12-14 DES. Bantuan: BANTU. Berhenti: STOP",
    "Thank you, this number is active. Try: JADWAL, UANG, TUTUP 12-14 DES. Help: BANTU. Leave: STOP",
)
SAY_YES_FIRST: Final = Wording(
    "Nomor ini belum aktif. Balas YA untuk mulai, atau STOP untuk menolak.",
    "This number is not active yet. Reply YA to begin, or STOP to refuse.",
)
STOPPED: Final = Wording(
    "Baik, kami tidak mengirim SMS lagi. Untuk kembali, balas MULAI kapan saja.",
    "All right, we send no more SMS. To return, reply MULAI at any time.",
)
NOT_REGISTERED: Final = Wording(
    "Nomor ini belum terdaftar. Mintalah petugas desa Anda mendaftarkannya.",
    "This number is not registered. Please ask your village officer to register it.",
)
LANGUAGE_SET: Final = Wording("Baik, mulai sekarang kami menulis dalam bahasa Indonesia.", "All right, we write in English from now on.")  # fmt: skip  # noqa: E501
LANGUAGES: Final = Wording(
    "Kami bisa bahasa Indonesia dan Inggris: BAHASA ID atau BAHASA EN",
    "We speak Indonesian and English: BAHASA ID or BAHASA EN",
)

# Requests -------------------------------------------------------------------------------------------------
REQUEST: Final = Wording(
    "Pesanan {code}: {name} {guests}org, {what}, {span} ({length}). Anda terima {money}."
    " Balas YA {code} atau TIDAK {code} sblm {until}",
    "Booking {code}: {name} {guests}p, {what}, {span} ({length}). You get {money}."
    " Reply YA {code} or TIDAK {code} by {until}",
)
ONE_WAITS: Final = Wording(
    "Satu pesanan menunggu, {code}: {guests}org, {span}. Balas {yes} atau TIDAK {code} sblm {until}",
    "One booking waits, {code}: {guests}p, {span}. Reply {yes} or TIDAK {code} by {until}",
)
SEVERAL_WAIT: Final = Wording(
    "{n} pesanan menunggu: {waiting}. Balas YA atau TIDAK dengan kodenya.",
    "{n} bookings wait: {waiting}. Reply YA or TIDAK with the code.",
)
NOTHING_WAITS: Final = Wording(
    "Tidak ada pesanan yang menunggu jawaban. Jadwal: JADWAL. Bantuan: BANTU",
    "No booking waits for an answer. Calendar: JADWAL. Help: BANTU",
)
UNCLEAR: Final = Wording(
    "Ya atau tidak? Balas YA {code} untuk menerima, TIDAK {code} untuk menolak.",
    "Yes or no? Reply YA {code} to accept, TIDAK {code} to decline.",
)
CONFIRM_ACCEPT: Final = Wording(
    "Demi keamanan balas YA {code} {one} dlm 10 menit untuk menerima {guests}org, {span}. Menolak: TIDAK {code}",
    "For safety reply YA {code} {one} within 10 minutes to accept {guests}p, {span}. To decline: TIDAK {code}",
)
ACCEPTED: Final = Wording(
    "OK, {code} diterima dan pasti: {guests}org, {span}. Tamu sudah diberi tahu. Jadwal: JADWAL",
    "OK, {code} is accepted and confirmed: {guests}p, {span}. The guest has been told. Calendar: JADWAL",
)
ACCEPTED_UNPAID: Final = Wording(
    "OK, {code} diterima: {guests}org, {span}. Pasti setelah tamu membayar, nanti kami kabari.",
    "OK, {code} is accepted: {guests}p, {span}. It is confirmed once the guest has paid; we will tell you.",
)
ACCEPTED_BEFORE: Final = Wording(
    "{code} sudah diterima {when}. Tidak ada yang berubah. Jadwal: JADWAL",
    "{code} was accepted {when}. Nothing has changed. Calendar: JADWAL",
)
DECLINED: Final = Wording(
    "{code} ditolak. Tamu sudah diberi tahu dan tempatnya bebas lagi. Tidak ada denda.",
    "{code} is declined. The guest has been told and the place is free again. There is no penalty.",
)
DECLINED_BEFORE: Final = Wording(
    "{code} sudah ditolak {when}. Tidak ada yang berubah. Jadwal: JADWAL",
    "{code} was declined {when}. Nothing has changed. Calendar: JADWAL",
)
LATE: Final = Wording(
    "{code} sudah lewat batas ({until}), tamu sudah diberi tahu. Tidak apa-apa, tidak ada denda.",
    "{code} is past its time ({until}); the guest has been told. No harm done, there is no penalty.",
)
GONE: Final = Wording(
    "{code} sudah dibatalkan {when}. Tidak ada yang perlu dilakukan. Jadwal: JADWAL",
    "{code} was cancelled {when}. There is nothing to do. Calendar: JADWAL",
)
OVER: Final = Wording(
    "{code} sudah selesai. Tidak ada yang berubah. Jadwal: JADWAL. Uang: UANG",
    "{code} is over. Nothing has changed. Calendar: JADWAL. Money: UANG",
)
PAUSED: Final = Wording(
    "{code} belum bisa diterima karena iklannya sedang dijeda. Buka lagi di web, atau balas TIDAK {code}",
    "{code} cannot be accepted while its listing is paused. Publish it on the web, or reply TIDAK {code}",
)
CONFIRM_CANCEL: Final = Wording(
    "{code} sudah diterima. Jika batal, semua uang tamu kembali. Untuk membatalkan balas BATAL {code} {one}"
    " dlm 10 menit. Jika tidak, abaikan.",
    "{code} is already accepted. If you cancel, the guest gets everything back. To cancel reply"
    " BATAL {code} {one} within 10 minutes. Or ignore this.",
)
CANCELLED: Final = Wording(
    "{code} dibatalkan: {span}. Tamu sudah diberi tahu dan uangnya kembali. Tempatnya bebas lagi.",
    "{code} is cancelled: {span}. The guest has been told and gets the money back. The place is free.",
)
WAITS_FOR_PAYMENT: Final = Wording(
    "{code} menunggu bayaran tamu sampai {until}, lalu lepas sendiri. Perlu bantuan? Balas TELEPON",
    "{code} waits for the guest's payment until {until}, then lapses by itself. Need help? Reply TELEPON",
)
UNDER_WAY: Final = Wording(
    "{code} sudah berjalan dan tidak bisa dibatalkan lewat SMS. Perlu bantuan? Balas TELEPON",
    "{code} is under way and cannot be cancelled by SMS. Need help? Reply TELEPON",
)

# Codes ----------------------------------------------------------------------------------------------------
NOT_YOURS: Final = Wording("Kode {code} bukan untuk nomor ini.", "Code {code} is not for this number.")
NO_SUCH_CODE: Final = Wording(
    "Kode {code} tidak ada. Yang menunggu: {waiting}. Balas YA atau TIDAK dengan kodenya.",
    "There is no code {code}. Waiting: {waiting}. Reply YA or TIDAK with the code.",
)
NO_SUCH_CODE_NOTHING_WAITS: Final = Wording(
    "Kode {code} tidak ada, dan tidak ada yang menunggu jawaban. Jadwal: JADWAL. Bantuan: BANTU",
    "There is no code {code}, and nothing waits for an answer. Calendar: JADWAL. Help: BANTU",
)
CODE_OVER: Final = Wording(
    "Kode {code} sudah lewat 10 menit atau sudah dipakai. Kirim lagi perintahnya dari awal.",
    "Code {code} is older than 10 minutes or was used. Please send the command again.",
)
LOCKED: Final = Wording(
    "Terlalu banyak kode yang salah. Coba lagi setelah satu jam, atau balas TELEPON dan kami menelepon.",
    "Too many wrong codes. Try again after an hour, or reply TELEPON and we call you.",
)

# Nights ---------------------------------------------------------------------------------------------------
CLOSED: Final = Wording(
    "OK. {room} tutup {span} ({length}). Buka lagi: BUKA {again}",
    "OK. {room} closed {span} ({length}). To reopen: BUKA {again}",
)
CLOSED_EXCEPT: Final = Wording(
    "OK. {room} tutup {span}, kecuali yang sudah dipesan: {clash}. Itu tetap berlaku.",
    "OK. {room} closed {span}, except what is booked: {clash}. Those bookings stand.",
)
CONFIRM_REOPEN: Final = Wording(
    "Demi keamanan balas BUKA {one} dlm 10 menit untuk membuka {room} {span} ({length}).",
    "For safety reply BUKA {one} within 10 minutes to open {room} {span} ({length}).",
)
REOPENED: Final = Wording(
    "OK. {room} buka lagi {span} ({length}). Tutup lagi: TUTUP {again}",
    "OK. {room} open again {span} ({length}). To close: TUTUP {again}",
)
CLOSED_ON_WEB: Final = Wording(
    "{span} termasuk hari tutup yang Anda tulis di web, jadi tetap tutup. Ubah di web, atau balas TELEPON",
    "{span} is inside the closed days you set on the web, so it stays closed. Change it there, or reply TELEPON",
)
PROMISED: Final = Wording(
    "Tidak ada yang ditutup: {n} selalu dijual (jatah tetap Anda). Tarik dulu di web, atau balas TELEPON",
    "Nothing closed: {n} are always on sale (your allotment). Withdraw it on the web first, or reply TELEPON",
)
NO_SUCH_ROOM: Final = Wording(
    "Kamar {n} tidak ada. Kamar Anda: {rooms}", "There is no room {n}. Your rooms: {rooms}"
)
NOTHING_THERE: Final = Wording(
    "Tidak ada kamar atau jadwal Anda pada {span}. Tidak ada yang berubah.",
    "You have no room or date on {span}. Nothing has changed.",
)
BAD_DATES: Final = Wording(
    "Tanggal belum terbaca, tidak ada yang berubah. Contoh: {verb} 12-14 DES, {verb} BESOK, atau kamar 2:"
    " {verb} 2 12-14 DES",
    "The dates are not clear, nothing has changed. Examples: {verb} 12-14 DES, {verb} BESOK, or room 2:"
    " {verb} 2 12-14 DES",
)

# Reading --------------------------------------------------------------------------------------------------
SCHEDULE: Final = Wording("{month}: {entries}. {rest}", "{month}: {entries}. {rest}")
SCHEDULE_FREE: Final = Wording(
    "{month}: kosong semua. Menutup malam, contoh: TUTUP BESOK",
    "{month}: all free. To close nights, for example: TUTUP BESOK",
)
MONEY_NEXT: Final = Wording(
    "Sudah dibayar {paid}. Berikut {ready}. Akan datang {coming} dari {n} pesanan.",
    "Paid {paid}. Next {ready}. Coming {coming} from {n} bookings.",
)
PAID_ON: Final = Wording("{money} (terakhir {day})", "{money} (last {day})")
HELP: Final = Wording(
    "YA 4821 / TIDAK 4821. TUTUP 12-14 DES, BUKA 12 DES. JADWAL. UANG. TELEPON. BAHASA EN. STOP."
    " Kami tak pernah minta PIN atau data kartu.",
    "YA 4821 / TIDAK 4821. TUTUP 12-14 DES, BUKA 12 DES. JADWAL. UANG. TELEPON. BAHASA ID. STOP."
    " We never ask for a PIN or card data.",
)
CALLING: Final = Wording(
    "Baik, petugas akan menelepon nomor ini.", "All right, somebody will call this number."
)
UNKNOWN: Final = Wording(
    "Belum kami pahami; pesan Anda sudah masuk ke petugas. Coba: YA 4821, TUTUP 12-14 DES, JADWAL, UANG, BANTU",
    "We did not understand; your message went to our staff. Try: YA 4821, TUTUP 12-14 DES, JADWAL, UANG, BANTU",
)
UNKNOWN_CALLING: Final = Wording(
    "Belum kami pahami. Pesan Anda sudah masuk dan petugas akan menelepon nomor ini.",
    "We did not understand. Your message arrived and somebody will call this number.",
)

# News -----------------------------------------------------------------------------------------------------
BOOKED: Final = Wording(
    "Pasti {code}: {name} {guests}org, {what}, {span} ({length}). Anda terima {money}. Jadwal: JADWAL",
    "Confirmed {code}: {name} {guests}p, {what}, {span} ({length}). You get {money}. Calendar: JADWAL",
)
GUEST_CANCELLED: Final = Wording(
    "{code} dibatalkan oleh tamu: {guests}org, {span}. Tempatnya bebas lagi. Jadwal: JADWAL",
    "{code} was cancelled by the guest: {guests}p, {span}. The place is free again. Calendar: JADWAL",
)
CHANGED: Final = Wording(
    "{code} diubah oleh tamu: sekarang {guests}org, {span} ({length}). Anda terima {money}. Jadwal: JADWAL",
    "{code} was changed by the guest: now {guests}p, {span} ({length}). You get {money}. Calendar: JADWAL",
)
LAPSED: Final = Wording(
    "{code} lepas karena belum dibayar tamu: {guests}org, {span}. Tempatnya bebas lagi. Jadwal: JADWAL",
    "{code} lapsed because the guest did not pay: {guests}p, {span}. The place is free again.",
)
TOO_FEW: Final = Wording(
    "{code} batal karena peserta kurang: {guests}org, {span}. Tamu memilih tanggal lain atau uang kembali.",
    "{code} is called off, too few guests: {guests}p, {span}. The guest picks another date or a refund.",
)
REGISTER: Final = Wording(
    "Tamu asing di rombongan {name} ({span})? Laporkan ke imigrasi sblm {until}, daftarnya ada di web."
    " Semua WNI? Abaikan.",
    "Foreigners in {name}'s party ({span})? Report to immigration by {until}; the list is on the web."
    " None? Ignore this.",
)
OTHER_SITE: Final = Wording("situs lain", "another site")
SOLD_TWICE: Final = Wording(
    "{span} {name} {guests}org juga terjual di {calendar}. Pesanan di sini tetap. Batalkan yang di sana,"
    " atau balas TELEPON",
    "{span} {name} {guests}p is sold on {calendar} too. The booking here stands. Cancel the other,"
    " or reply TELEPON",
)
CALLED_OFF: Final = Wording(
    "{code} dibatalkan oleh kantor: {guests}org, {span}. Tamu dapat uangnya kembali. Perlu bantuan? Balas TELEPON",
    "{code} was called off by our office: {guests}p, {span}. The guest is refunded. Need help? Reply TELEPON",
)
