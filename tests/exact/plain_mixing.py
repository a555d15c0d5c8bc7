"""The model of docs/format-text-archive.md in plain Python: dictionaries, lists, big integers.

Slow, and written from the specification rather than from the fast code, which must agree with it
byte for byte.
"""

from __future__ import annotations

from decimal import Decimal, getcontext

getcontext().prec = 60
M = 0xFFFFFFFF


def clip(x: int, most: int) -> int:
    return max(-most, min(most, x))


SQUASH = [0] * 4096
for _x in range(-2047, 2048):
    _p = 65536 / (1 + (-Decimal(_x) / 256).exp())
    SQUASH[_x + 2048] = int(_p.to_integral_value())
SQUASH[0] = SQUASH[1]
STRETCH = [
    clip(next((x for x in range(4096) if SQUASH[x] >= 16 * p + 8), 4096) - 2048, 2047)
    for p in range(4096)
]
RATE = [655360 // (10 * n + 16) for n in range(1024)]


def follow(state: tuple[int, int, int], bit: int) -> tuple[int, int, int]:
    n = [state[0], state[1]]
    n[bit] += 1
    other = n[1 - bit]
    n[1 - bit] = other if other < 3 else 3 if other < 5 else 4 if other < 8 else 5
    most = [41, 30, 12, 7, 6, 5]
    while min(n) > 5 or max(n) > most[min(n)]:
        n[bit if n[bit] > n[1 - bit] else 1 - bit] -= 1
    return n[0], n[1], bit if n[0] > 0 and n[1] > 0 and sum(n) <= 14 else 0


def all_states() -> list[tuple[int, int, int]]:
    found = {(0, 0, 0)}
    while True:
        more = {follow(s, b) for s in found for b in (0, 1)} | found
        if more == found:
            return sorted(found, key=lambda s: (s[0] + s[1], *s))
        found = more


STATES = all_states()
NUMBER = {s: i for i, s in enumerate(STATES)}


def hash2(a: int, b: int) -> int:
    h = (a * 0x2F0B4C47 + b * 0x3D4D51CB) & M
    return h ^ h >> 15


class Chance:
    """A probability of a one in 22 bits, and how often it was learned."""

    def __init__(self, p: int = 1 << 21, most: int = 1023) -> None:
        self.p, self.n, self.most = p, 0, most

    @property
    def short(self) -> int:
        return self.p >> 10

    def learn(self, bit: int) -> None:
        self.p += (((bit << 22) - bit - self.p) * RATE[self.n]) >> 16
        self.n = min(self.n + 1, self.most)


class Bucket:
    def __init__(self, check: int) -> None:
        self.check, self.states = check, [0] * 15


class PlainModel:
    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.buckets: list[dict[int, Bucket]] = [{} for _ in range(8)]
        self.maps = [
            [Chance(((2 * b + 1) << 22) // (2 * (a + b) + 2)) for a, b, _ in STATES]
            for _ in range(8)
        ]
        self.byte_map = [Chance(most=255) for _ in range(256)]
        self.match_map = [Chance() for _ in range(64)]
        self.weights: dict[tuple[int, int], list[int]] = {}
        self.final = [[65536 // 4] * 4 for _ in range(256)]
        self.curves: dict[int, list[int]] = {}
        self.seen: dict[int, int] = {}
        self.text = bytearray()

    def bucket(self, context: int, line: int, h: int) -> Bucket:
        mine, i, check = self.buckets[context], 4 * line + (h >> 8) % 4, h & 255
        ways = {j: mine.setdefault(j, Bucket(0)) for j in (i, i ^ 1, i ^ 2)}
        for b in ways.values():
            if b.check == check and b.states[0] > 0:
                return b
        where = min(ways, key=lambda j: ways[j].states[0])
        mine[where] = Bucket(check)
        return mine[where]

    def line(self, h: int) -> int:
        return h >> (34 - self.bits)

    def curve(self, number: int) -> list[int]:
        return self.curves.setdefault(
            number, [SQUASH[max(1, min(4095, 4096 * i // 31))] for i in range(32)]
        )


class Coder:
    """Writes, or reads if it is given what was written."""

    def __init__(self, coded: bytes | None = None) -> None:
        self.coded, self.out = coded, bytearray()
        self.low, self.high, self.at = 0, M, 0
        self.window = 0
        if coded is not None:
            for _ in range(4):
                self.shift_in()

    def shift_in(self) -> None:
        assert self.coded is not None
        byte = self.coded[self.at] if self.at < len(self.coded) else 0
        self.window, self.at = (self.window << 8 | byte) & M, self.at + 1

    def code(self, p: int, bit: int | None) -> int:
        size = self.high - self.low
        middle = self.low + (size * p >> 16)
        if self.coded is not None:
            bit = int(self.window <= middle)
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while self.low >> 24 == self.high >> 24:
            if self.coded is None:
                self.out.append(self.high >> 24)
            else:
                self.shift_in()
            self.low, self.high = self.low << 8 & M, self.high << 8 & M | 255
        assert bit is not None
        return bit


def run(
    model: PlainModel,
    data: bytes | None,
    size: int,
    starts: list[tuple[int, int]],
    coded: bytes | None = None,
    words: dict[bytes, bytes] | None = None,
    alone: bytes = b"",
    pairs: bytes = b"",
) -> bytes:
    """Code `data`, or decode as many bytes as stand for `size`; the model learns them.

    `words` are those that a byte of `alone`, or one of `pairs` and any other, stand for.
    """
    words = words or {}
    coder, text, begin = Coder(coded), model.text, len(model.text)
    starts = list(starts)
    last8, hashed = [0] * 8, [0, 0, 0]
    match = length = letters = characters = left = done = 0
    open_pair = b""
    while done < size and (data is None or len(text) - begin < len(data)):
        k = len(text) - begin
        while starts and left == 0 and not open_pair and starts[0][0] == characters:
            last8, hashed = [0] * 7 + [starts.pop(0)[1]], [0, 0, 0]
            letters = length = 0
        number = [int.from_bytes(bytes(last8[-n:]), "big") for n in range(1, 5)]
        before = int.from_bytes(bytes(last8[:4]), "big")
        hashes = [hash2(number[i] + 1, i + 1) for i in range(3)]
        hashes += [hash2(number[3], 4), hash2(number[3] & 0xFFFF00, 0x40000)]
        hashes += [hash2(hashed[0], number[0] + 0x20000), hash2(hashed[0], hashed[1] ^ 0x5A5A5A5A)]
        hashes += [hash2(hashed[0], hashed[2] ^ 0x3A5A5A5A)]
        lines = [model.line(h) for h in hashes]
        at = len(text)
        if at >= 6:
            key = hash2(number[3], before & 0xFFFF) >> 14
            if not length:
                match = model.seen.get(key, 0)
                while (
                    length < 32
                    and length < match
                    and text[match - 1 - length] == text[at - 1 - length]
                ):
                    length += 1
            model.seen[key] = at
        expected = text[match] + 256 if length else 0
        sure = length if length < 16 else min(16 + (length - 16) // 4, 31)
        depth = 1 + sum(length >= n for n in (8, 12, 16, 24, 32, 48))
        spot = 4 * min(letters, 7) + sum(length >= n for n in (1, 16, 32))
        fast = 24 + max(80 - at // 512, 0)
        c = 1
        for bit in range(8):
            if bit == 0:
                buckets = [model.bucket(i, lines[i], h) for i, h in enumerate(hashes)]
            elif bit == 4:
                halves = [hash2(h, c) for h in hashes]
                lines[:3] = [model.line(h) for h in halves[:3]]
                buckets = [model.bucket(i, lines[i], h) for i, h in enumerate(halves)]
            level = bit % 4
            node = 2**level - 1 + c % 2**level
            states = [b.states[node] for b in buckets]
            chances = [model.maps[i][s] for i, s in enumerate(states)]
            x: list[int] = []
            for s, q in zip(states, chances, strict=True):
                x += [STRETCH[q.short], (q.short - 2048) >> 1] if s else [0, 0]
            own = model.byte_map[c]
            x += [STRETCH[own.short], (own.short - 2048) >> 1]
            met = None
            if expected and expected >> (8 - bit) == c:
                met = model.match_map[2 * sure + (expected >> (7 - bit) & 1)]
                x += [STRETCH[met.short], (met.short - 2048) >> 1]
            else:
                x += [0, 0]
            x += [256]
            known = sum(s > 0 for s in states)
            strong = sum(s > 6 for s in states)
            sets = [(0, c), (1, (depth if met else 0) * 256 + number[0]), (2, known * 16 + strong)]
            sets += [(3, 32 * bit + spot)]
            rows = [model.weights.setdefault(s, [65536 // 8] * 21) for s in sets]
            opinion = [
                clip(sum(a * w >> 8 for a, w in zip(x, r, strict=True)) >> 8, 2047) for r in rows
            ]
            last = model.final[c]
            total = clip(sum(o * w for o, w in zip(opinion, last, strict=True)) >> 16, 2047)
            mixed = SQUASH[total + 2048]
            lower, part = divmod((total + 2048) * 31 >> 5, 128)
            curves = [model.curve(c), model.curve(256 + 256 * number[0] + c)]
            seen = [(v[lower] * (128 - part) + v[lower + 1] * part) >> 7 for v in curves]
            p = max(1, min(65535, (2 * mixed + sum(seen)) >> 2))
            y = coder.code(p, None if data is None else data[k] >> (7 - bit) & 1)

            for j in range(4):
                e = ((y << 16) - SQUASH[opinion[j] + 2048]) * fast >> 4
                step = (opinion[j] * ((y << 16) - mixed) * 10 + (1 << 20)) >> 21
                last[j] = clip(last[j] + step, 2**18 - 1)
                for i, a in enumerate(x):
                    rows[j][i] = clip(rows[j][i] + ((a * e + (1 << 17)) >> 18), 2**18 - 1)
            for v in curves:
                i = lower + (part >= 64)
                v[i] += ((y << 16) - y - v[i]) >> 6
            for q in chances:
                q.learn(y)
            for b in buckets:
                b.states[node] = NUMBER[follow(STATES[b.states[node]], y)]
            own.learn(y)
            if met:
                met.learn(y)
            c = 2 * c + y
        c -= 256
        text.append(c)
        second = bool(open_pair)
        if second or c in alone:
            word = words.get(open_pair + bytes([c]), b"?")
            characters += sum(b & 0xC0 != 0x80 for b in word)
            done += len(word)
            open_pair = b""
        elif c in pairs:
            open_pair = bytes([c])
        else:
            done += 1
            if left:
                left -= 1
            elif c >= 0xC0:
                left = 1 if c < 0xE0 else 2 if c < 0xF0 else 3
            characters += left == 0
        last8 = [*last8[1:], c]
        low = c + 32 if ord("A") <= c <= ord("Z") and not second else c
        letter = ord("a") <= low <= ord("z") or ord("0") <= low <= ord("9") or c >= 128
        if second or letter or c in alone + pairs:
            hashed[0] = hash2(hashed[0] + low + 1, 6)
            letters += 1
        elif hashed[0]:
            hashed, letters = [0, hashed[0], hashed[1]], 0
        if length:
            length = min(length + 1, 400) if text[match] == c else 0
            match += 1
    if data is None:
        return bytes(text[begin:])
    coder.out.append(coder.high >> 24)
    return bytes(coder.out) if len(coder.out) < size else b""
