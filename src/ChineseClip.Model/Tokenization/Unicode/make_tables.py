"""Writes unicode-14.0.bin, the character tables that the reference tokenizers see (Python 3.11, Unicode 14).

Run with Python 3.11: python3 make_tables.py. The layout is read by UnicodeTables.cs; every integer is an LEB128 varint.
  1. flags        runs of (length, flags) over all code points; the bits are CharacterFlags
  2. classes      runs of (length, canonical combining class)
  3. lower case   count, then (code point - previous, zigzag(lower - code point)); U+0130 is left to the code
  4. decomposition (NFD, full) count, then (code point - previous, length, code points...); Hangul is left to the code
  5. composition  count, then (composed, first, second) for every primary composite
"""
import pathlib
import unicodedata

assert unicodedata.unidata_version == "14.0.0", unicodedata.unidata_version
ALL = range(0x110000)
HANGUL = range(0xAC00, 0xD7A4)
out = bytearray()


def varint(value):
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def runs(values):
    start, found = 0, []
    for i in range(1, len(values) + 1):
        if i == len(values) or values[i] != values[start]:
            found.append((i - start, values[start]))
            start = i
    varint(len(found))
    for length, value in found:
        varint(length)
        varint(value)


def flags(code_point):
    c = chr(code_point)
    category = unicodedata.category(c)
    bits = 0
    if category == "Mn":
        bits |= 1                                     # NonspacingMark
    if category[0] == "C" and c not in "\t\n\r":
        bits |= 2                                     # Other: control, format, surrogate, private, unassigned
    if category in ("Cc", "Cf") and c not in "\t\n\r":
        bits |= 4                                     # ControlOrFormat
    if category[0] == "P" or c in "$+<=>^`|~":        # the reference counts every ASCII symbol as punctuation
        bits |= 8                                     # Punctuation
    if c in " \t\n\r" or category in ("Zs", "Zl", "Zp"):
        bits |= 16                                    # WhiteSpace
    after, after_cased = (c + "Σ").lower().endswith("ς"), ("A" + c + "Σ").lower().endswith("ς")
    if after:
        bits |= 32                                    # Cased
    elif after_cased:
        bits |= 64                                    # CaseIgnorable
    return bits


runs([flags(i) for i in ALL])
runs([unicodedata.combining(chr(i)) for i in ALL])

lower = [(i, ord(chr(i).lower())) for i in ALL if i != 0x130 and chr(i).lower() != chr(i)]
varint(len(lower))
previous = 0
for code_point, mapped in lower:
    varint(code_point - previous)
    difference = mapped - code_point
    varint(difference * 2 if difference >= 0 else -difference * 2 - 1)
    previous = code_point

decomposed = [(i, unicodedata.normalize("NFD", chr(i))) for i in ALL if i not in HANGUL]
decomposed = [(i, text) for i, text in decomposed if text != chr(i)]
varint(len(decomposed))
previous = 0
for code_point, text in decomposed:
    varint(code_point - previous)
    varint(len(text))
    for c in text:
        varint(ord(c))
    previous = code_point

composed = []
for i in ALL:
    mapping = unicodedata.decomposition(chr(i))
    if mapping and not mapping.startswith("<") and " " in mapping and unicodedata.normalize("NFC", chr(i)) == chr(i):
        first, second = (int(part, 16) for part in mapping.split())
        composed.append((i, first, second))
varint(len(composed))
for triple in composed:
    for value in triple:
        varint(value)

pathlib.Path(__file__).with_name("unicode-14.0.bin").write_bytes(out)
