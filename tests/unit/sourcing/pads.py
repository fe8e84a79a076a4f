"""Receipts that look like one pad's: printed header and rules, filled in by hand, photographed on a table.

Everything is drawn from a seed, so that a test always sees the same papers.
"""

from __future__ import annotations

import math
import random
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

PAPER = (700, 980)
_GOODS = (
    "Bawang merah", "Tomat", "Ikan tongkol", "Beras", "Telur", "Gula lontar", "Madu", "Kelor", "Cabai rawit",
    "Kentang", "Minyak", "Sayur kol", "Daging", "Kopi Bajawa", "Jagung", "Pisang", "Garam", "Cumi", "Ayam", "Tahu",
)  # fmt: skip


@lru_cache(maxsize=256)
def _glyph(letter: str) -> tuple[tuple[float, float], ...]:
    """One writer's shape of a letter: a bent stroke through a few points of a unit box."""
    rng = random.Random(f"hand {letter}")
    count = rng.randint(4, 7)
    return tuple((rng.random() * 0.8, rng.random()) for _ in range(count))


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, rng: random.Random
) -> None:
    x, y = at
    ink = (rng.randint(20, 60), rng.randint(30, 70), rng.randint(90, 150))
    for letter in text:
        if letter != " ":
            points = [
                (x + px * size * 0.62 + rng.uniform(-1, 1), y + py * size + rng.uniform(-1.5, 1.5))
                for px, py in _glyph(letter)
            ]
            draw.line(points, fill=ink, width=3, joint="curve")
        x += size * (0.62 if letter != " " else 0.4)


def receipt(
    number: int, *, pad: str = "Toko Makmur", same_goods: bool = False, rows: int | None = None
) -> Image.Image:
    """Sheet `number` of a pad. With `same_goods` it lists what every sheet lists, only figures and date differ."""
    rng = random.Random(f"{pad} {number}")
    goods_rng = random.Random(pad) if same_goods else rng
    image = Image.new("RGB", PAPER, (250, 248, 240))
    draw = ImageDraw.Draw(image)
    _print_form(draw, pad)
    _write(draw, (500, 46), f"{number:04d}", 34, rng)
    _write(draw, (430, 106), f"{rng.randint(1, 28)} {rng.choice(('Jan', 'Mei', 'Nov'))} 26", 30, rng)
    rows = rows or goods_rng.randint(5, 9)
    total = 0
    for row, good in enumerate(goods_rng.sample(_GOODS, rows)):
        y = 262 + row * 56
        quantity, price = rng.randint(1, 60), rng.randint(8, 190) * 500
        total += quantity * price
        _write(draw, (48 + rng.uniform(0, 8), y), str(quantity), 32, rng)
        _write(draw, (128 + rng.uniform(0, 10), y + rng.uniform(-3, 3)), good, 32, rng)
        _write(draw, (402 + rng.uniform(0, 12), y), f"{price}", 30, rng)
        _write(draw, (530 + rng.uniform(0, 12), y), f"{quantity * price}", 30, rng)
    _write(draw, (520, 846), f"{total}", 36, rng)
    _write(draw, (60 + rng.uniform(0, 40), 900), "Ttd", 40, rng)
    return image


def _print_form(draw: ImageDraw.ImageDraw, pad: str) -> None:
    black = (40, 40, 46)
    draw.text((40, 36), pad, fill=black, font=ImageFont.load_default(46))
    draw.text((40, 92), "Jl. Soekarno 12, Kupang", fill=black, font=ImageFont.load_default(24))
    draw.text((430, 40), "No.", fill=black, font=ImageFont.load_default(28))
    draw.text((330, 104), "Tanggal", fill=black, font=ImageFont.load_default(24))
    draw.text(
        (40, 150),
        "Tuan / Toko  ........................................",
        fill=black,
        font=ImageFont.load_default(24),
    )
    for x in (36, 118, 392, 520, 664):
        draw.line([(x, 206), (x, 830)], fill=black, width=3)
    for y in (206, 250, *range(306, 831, 56), 830):
        draw.line([(36, y), (664, y)], fill=black, width=2)
    for x, words in ((44, "Banyak"), (180, "Nama barang"), (412, "Harga"), (540, "Jumlah")):
        draw.text((x, 212), words, fill=black, font=ImageFont.load_default(24))
    draw.text((400, 848), "Jumlah Rp", fill=black, font=ImageFont.load_default(26))


def photo(paper: Image.Image, shot: int, *, turn: float | None = None) -> Image.Image:
    """A picture of a paper on a wooden table: turned, skewed, unevenly lit, grainy, a little out of focus."""
    rng = random.Random(f"shot {shot}")
    wide, high = 900, 1200
    table = (
        Image.effect_noise((wide, high), 30).resize((wide, high)).convert("L").point(lambda v: 60 + v // 4)
    )
    table = Image.merge("RGB", (table.point(lambda v: min(255, v + 30)), table.point(lambda v: v + 5), table))
    scale = rng.uniform(1.0, 1.12)
    angle = math.radians(rng.uniform(-2, 2) if turn is None else turn)
    cx, cy = wide / 2 + rng.uniform(-25, 25), high / 2 + rng.uniform(-30, 30)
    corners: list[tuple[float, float]] = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x, y = sx * PAPER[0] * scale / 2, sy * PAPER[1] * scale / 2
        x, y = x + rng.uniform(-8, 8), y + rng.uniform(-8, 8)
        corners.append(
            (cx + x * math.cos(angle) - y * math.sin(angle), cy + x * math.sin(angle) + y * math.cos(angle))
        )
    back = _perspective(corners, [(0, 0), (PAPER[0], 0), PAPER, (0, PAPER[1])])
    placed = paper.transform((wide, high), Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC)
    mask = Image.new("L", PAPER, 255).transform((wide, high), Image.Transform.PERSPECTIVE, back)
    table.paste(placed, mask=mask)
    lit = Image.linear_gradient("L").rotate(rng.choice((0, 90, 180, 270))).resize((wide, high))
    strength = rng.uniform(0.15, 0.35)
    shade = lit.point(lambda v: int(255 * (1 - strength) + v * strength))
    channels = []
    for channel, warmth in zip(
        table.split(), (1.0, rng.uniform(0.93, 1.0), rng.uniform(0.8, 0.97)), strict=True
    ):
        dimmed = Image.composite(channel, Image.new("L", channel.size), shade)
        grain = Image.effect_noise(channel.size, 14)
        noisy = Image.blend(dimmed, grain, 0.06)
        channels.append(noisy.point(lambda v, w=warmth: int(v * w)))
    return Image.merge("RGB", channels).filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 1.3)))


def _perspective(target: list[tuple[float, float]], source: list[tuple[float, float]]) -> list[float]:
    """The eight coefficients that lead from a corner on the table back to its corner of the paper."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for i in range(8):
        pivot = max(range(i, 8), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(8):
            if r != i:
                factor = rows[r][i] / rows[i][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [rows[i][8] / rows[i][i] for i in range(8)]


def cropped(image: Image.Image, part: float, side: int) -> Image.Image:
    """Without `part` of the picture: from all sides alike (0), or from one (1 left, 2 top, 3 right, 4 bottom)."""
    w, h = image.size
    half = part / 2
    boxes = {
        0: (w * half, h * half, w * (1 - half), h * (1 - half)),
        1: (w * part, 0, w, h),
        2: (0, h * part, w, h),
        3: (0, 0, w * (1 - part), h),
        4: (0, 0, w, h * (1 - part)),
    }
    return image.crop(tuple(round(v) for v in boxes[side]))
