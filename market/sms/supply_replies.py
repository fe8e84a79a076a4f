"""Every sentence suppliers get by SMS, in both languages side by side; counted like those of `replies`."""

from __future__ import annotations

from typing import Final

from market.sms.replies import Wording

INVITATION: Final = Wording(
    "{by} mendaftarkan nomor ini di {brand} untuk {host}. Balas YA untuk menjawab hotel lewat SMS, STOP utk"
    " menolak. Kami tidak pernah minta PIN.",
    "{by} registered this number at {brand} for {host}. Reply YA to answer hotels by SMS, STOP to refuse."
    " We never ask for a PIN.",
)
WELCOME: Final = Wording(
    "Terima kasih, nomor ini aktif. Bila hotel mencatat pembelian dari Anda, kami bertanya di sini."
    " Bantuan: BANTU. Berhenti: STOP",
    "Thank you, this number is active. When a hotel logs a purchase from you, we ask you here. Help: BANTU."
    " Leave: STOP",
)
HELP: Final = Wording(
    "YA 4821: pembelian benar. TIDAK 4821: bukan dari saya. TIDAK 4821 2400000: jumlah benar."
    " HARGA 4821 25000: harga per satuan. STOP: berhenti",
    "YA 4821: the purchase is right. TIDAK 4821: not mine. TIDAK 4821 2400000: right amount."
    " HARGA 4821 25000: price a unit. STOP: leave",
)

# Purchases ------------------------------------------------------------------------------------------------
PURCHASE: Final = Wording(
    "{hotel}: beli {goods} {day}, {money} tanpa PPN. Benar? Balas YA {code}. Bukan: TIDAK {code}."
    " Jumlah lain: TIDAK {code} 2400000",
    "{hotel}: bought {goods} {day}, {money} without VAT. Right? Reply YA {code}. Not mine: TIDAK {code}."
    " Other amount: TIDAK {code} 2400000",
)
MORE_WAIT: Final = Wording(
    "{n} pembelian lain menunggu jawaban Anda di {brand}. Balas YA untuk melihat satu per satu.",
    "{n} more purchases wait for your answer at {brand}. Reply YA to see them one by one.",
)
SAID_YES: Final = Wording(
    "{code} benar: {hotel} {money}. Hotel sudah diberi tahu. Salah? Balas TIDAK {code}",
    "{code} is right: {hotel} {money}. The hotel has been told. A mistake? Reply TIDAK {code}",
)
SAID_OTHER: Final = Wording(
    "{code}: jumlah Anda {stated}, kata hotel {money}. {hotel} sudah diberi tahu. Salah? Balas lagi dgn {code}",
    "{code}: your amount {stated}, the hotel says {money}. {hotel} has been told. A mistake? Reply again with {code}",
)
SAID_NOT_MINE: Final = Wording(
    "{code}: bukan penjualan Anda. {hotel} sudah diberi tahu. Salah? Balas YA {code}, atau TIDAK {code} 2400000",
    "{code}: not your sale. {hotel} has been told. A mistake? Reply YA {code}, or TIDAK {code} 2400000",
)
SAID_BEFORE: Final = Wording(
    "{code} sudah dijawab begitu. Tidak ada yang berubah.",
    "{code} was answered like this before. Nothing has changed.",
)
CANNOT_ANSWER: Final = Wording(
    "{code} tidak bisa dijawab lagi: hotel sudah mencabut catatannya.",
    "{code} can no longer be answered: the hotel has taken its record back.",
)
BAD_AMOUNT: Final = Wording(
    "Jumlah belum jelas. Tulis rupiah tanpa PPN, misalnya TIDAK {code} 2400000",
    "The amount is not clear. Write rupiah without VAT, for example TIDAK {code} 2400000",
)
FRESH: Final = Wording(
    "Demi keamanan balas YA {code} {one} dlm 10 menit. Bukan Anda yang menulis tadi? Abaikan pesan ini.",
    "For safety reply YA {code} {one} within 10 minutes. Was it not you who wrote? Ignore this message.",
)
UNCLEAR: Final = Wording(
    "Ya atau tidak? YA {code} bila benar, TIDAK {code} bila bukan dari Anda.",
    "Yes or no? YA {code} if it is right, TIDAK {code} if it is not yours.",
)
NOTHING_WAITS: Final = Wording(
    "Tidak ada pembelian atau permintaan harga yang menunggu. Bantuan: BANTU",
    "No purchase and no request for a price waits. Help: BANTU",
)
WAITING: Final = Wording("Menunggu: {waiting}. Balas YA, TIDAK atau HARGA dengan kodenya.", "Waiting: {waiting}. Reply YA, TIDAK or HARGA with the code.")  # fmt: skip  # noqa: E501
NO_SUCH_CODE: Final = Wording(
    "Kode {code} tidak ada pada nomor ini. Menunggu: {waiting}",
    "This number has no code {code}. Waiting: {waiting}",
)
NOT_YET: Final = Wording(
    "Nomor ini baru didaftarkan. Demi keamanan ia bisa menjawab mulai {day}.",
    "This number was registered just now. For safety it can answer from {day} on.",
)
NOTHING: Final = Wording("tidak ada", "nothing")

# Quotations -----------------------------------------------------------------------------------------------
QUOTATION: Final = Wording(
    "{hotel} minta harga {amount} {goods}, perlu {day}. Balas HARGA {code} 25000 (per {unit}, tanpa PPN)"
    " atau TIDAK {code}",
    "{hotel} asks your price: {amount} {goods}, needed {day}. Reply HARGA {code} 25000 (per {unit}, no VAT)"
    " or TIDAK {code}",
)
OFFERED: Final = Wording(
    "{code}: {price}/{unit}, semua {money}, antar {day}. {hotel} sudah diberi tahu. Salah? Balas HARGA {code} lagi",
    "{code}: {price}/{unit}, in all {money}, delivered {day}. {hotel} has been told. Wrong? Send HARGA {code} again",
)
DECLINED: Final = Wording(
    "{code}: {hotel} sudah diberi tahu bahwa Anda tidak bisa.",
    "{code}: {hotel} has been told that you cannot.",
)
BAD_PRICE: Final = Wording(
    "Harga belum jelas. Tulis rupiah per {unit}, misalnya HARGA {code} 25000",
    "The price is not clear. Write rupiah per {unit}, for example HARGA {code} 25000",
)
QUOTATION_OVER: Final = Wording(
    "Permintaan {code} sudah selesai. Tidak ada yang berubah.",
    "Request {code} is settled. Nothing has changed.",
)
ASK_PRICE: Final = Wording(
    "Untuk {code} tulis harganya, misalnya HARGA {code} 25000, atau TIDAK {code}",
    "For {code} write the price, for example HARGA {code} 25000, or TIDAK {code}",
)
