"""Reads the shards that the exporter writes (recipe/export) and packs them for training.

A caption states atoms ("kind k", "kind k in colour c", "n of kind k", …); it is true of
a picture that has all of them.
"""
import json
import os
import pathlib
import re
import time

import numpy as np

KINDS, COLORS, COUNTS, SIZES, SETTINGS, RELATIONS = 24, 12, 4, 3, 6, 4
FIELDS = ("kind", "color", "count", "relation", "swap", "setting")
TOKENS, CAPTIONS, STATED = 52, 8, 16
# Ways in which people wrap what they look for; {} is a caption. Their characters end the vocabulary.
FRAMES = (
    "一张{}的照片 一张{}的图片 一张{}的图 一幅{}的画 一张有{}的照片 一张画着{}的图片 这是一张{}的照片 这是{} {}的照片 {}的图片 {}的图 {}的画 "
    "{}。 {}的照片。 图中有{} 图里有{} 图片中的{} 照片里有{} 照片中是{} 画着{} 画中有{} 画的是{} 有{} 找{} 我想找{} 我要看{} 请找出{} 请给我{}的图片 搜索{} 哪里有{}？"
).split()
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

# Where each family of atoms begins.
A_KIND = 0
A_KIND_COLOR = A_KIND + KINDS
A_KIND_COUNT = A_KIND_COLOR + KINDS * COLORS
A_KIND_SIZE = A_KIND_COUNT + KINDS * COUNTS
A_COLOR = A_KIND_SIZE + KINDS * SIZES
A_SETTING = A_COLOR + COLORS
A_PLACE = A_SETTING + SETTINGS  # kind k is left, right, above, below of something
A_PAIR = A_PLACE + KINDS * RELATIONS  # kind k stands so towards kind j
ATOMS = A_PAIR + KINDS * KINDS * RELATIONS
SIMPLE = A_PAIR  # the atoms that the text tower's warm-up heads tell


def atoms(setting, groups, relation):
    """groups: (kind, color, count, size), each value may be None; relation: group 0 towards group 1."""
    out = [] if setting is None else [A_SETTING + setting]
    for kind, color, count, size in groups:
        if color is not None:
            out.append(A_COLOR + color)
        if kind is None:
            continue
        out.append(A_KIND + kind)
        if color is not None:
            out.append(A_KIND_COLOR + kind * COLORS + color)
        if count is not None:
            out.append(A_KIND_COUNT + kind * COUNTS + count - 1)
        if size is not None:
            out.append(A_KIND_SIZE + kind * SIZES + size)
    if relation is not None:
        a, b = groups[0][0], groups[1][0]
        inverse = relation ^ 1
        for k, r, j in ((a, relation, b), (b, inverse, a)):
            out += [A_PLACE + k * RELATIONS + r, A_PAIR + (k * KINDS + j) * RELATIONS + r]
    return out


def split(text):
    """HF BERT's basic tokenizer for what our captions hold: a-z and digits in runs, every other character alone."""
    return re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower())


class Vocabulary:
    def __init__(self, tokens):
        self.tokens = tokens
        self.ids = {t: i for i, t in enumerate(tokens)}

    @staticmethod
    def of(texts):
        seen = {c for t in texts for c in t.lower() if not c.isspace() and not re.match("[a-z0-9]", c)}
        alnum = "0123456789abcdefghijklmnopqrstuvwxyz"
        marks = set("，。、！？：；（）“”《》·,.!?:;()\"'-")
        return Vocabulary(SPECIAL + list(alnum) + ["##" + c for c in alnum] + sorted(marks) + sorted(seen - marks))

    @staticmethod
    def with_frames(vocabulary):
        new = sorted({c for f in FRAMES for c in f} - set(vocabulary.tokens) - set("{}"))
        return Vocabulary(vocabulary.tokens + new)

    def frames(self):
        """Every frame as (ids before, ids after) the caption."""
        return [tuple(self.encode(part)[1:-1] for part in frame.split("{}")) for frame in FRAMES]

    @staticmethod
    def load(path):
        return Vocabulary(pathlib.Path(path).read_text("utf-8").splitlines())

    def save(self, path):
        pathlib.Path(path).write_text("\n".join(self.tokens) + "\n", "utf-8")

    def encode(self, text):
        ids = []
        for word in split(text):
            pieces = [word] if word in self.ids else [word[0]] + ["##" + c for c in word[1:]]
            ids += [self.ids.get(p, 1) for p in pieces]
        return [2] + ids[: TOKENS - 2] + [3]


def facts_of(line):
    groups = [(g["kind"], g["color"], g["count"], g["size"]) for g in line["groups"]]
    return line["setting"], groups, line["relation"]


def stated(f):
    return (
        f["setting"],
        [(g.get("kind"), g.get("color"), g.get("count"), g.get("size")) for g in f["groups"]],
        f["relation"],
    )


def read_shard(stem, vocabulary, size=64):
    """One exported shard as arrays; stem is its path without ending."""
    lines = [json.loads(s) for s in open(f"{stem}.jsonl", encoding="utf-8")]
    n = len(lines)
    out = dict(
        pixels=np.fromfile(f"{stem}.u8", np.uint8).reshape(n, size, size, 3),
        setting=np.array([x["setting"] for x in lines], np.int8),
        relation=np.array([-1 if x["relation"] is None else x["relation"] for x in lines], np.int8),
        groups=np.full((n, 2, 4), -1, np.int8),
        unseen=np.array([bool(x.get("unseen")) for x in lines]),
        cells=np.array([x["cells"] for x in lines], np.int8),
        cell_colors=np.array([x["cellColors"] for x in lines], np.int8),
        facts=np.full((n, STATED), -1, np.int16),
        ids=np.zeros((n, CAPTIONS, TOKENS), np.uint16),
        stated=np.full((n, CAPTIONS, STATED), -1, np.int16),
        wrong=np.zeros((n, len(FIELDS), 2, TOKENS), np.uint16),
    )
    for i, x in enumerate(lines):
        facts = facts_of(x)
        out["groups"][i, : len(facts[1])] = facts[1]
        a = atoms(*facts)
        out["facts"][i, : len(a)] = a
        for j, (text, f) in enumerate(zip(x["long"] + x["short"], x["longFacts"] + x["shortFacts"])):
            t, a = vocabulary.encode(text), atoms(*stated(f))
            out["ids"][i, j, : len(t)] = t
            out["stated"][i, j, : len(a)] = a
        for j, field in enumerate(FIELDS):
            for k, text in enumerate(x["negatives"].get(field, [])[:2]):
                t = vocabulary.encode(text)
                out["wrong"][i, j, k, : len(t)] = t
    return out


def texts_of(stem):
    for s in open(f"{stem}.jsonl", encoding="utf-8"):
        x = json.loads(s)
        yield from x["long"] + x["short"]


def packed(folder):
    return sorted(p for p in pathlib.Path(folder).glob("packed-*.npz") if ".tmp" not in p.name)


def pack(folder, vocabulary_path, keep):
    """Endless: packs every complete shard of `folder` and deletes it; keeps the newest `keep` packed ones."""
    folder, vocabulary = pathlib.Path(folder), Vocabulary.load(vocabulary_path)
    number = 1 + max((int(p.stem[7:]) for p in packed(folder)), default=-1)
    while True:
        shards = sorted(folder.glob("shard-*.u8"))
        for pixels in shards:
            stem = str(pixels)[:-3]
            draft = folder / f"packed-{number:06}.tmp.npz"
            np.savez(draft, **read_shard(stem, vocabulary))
            os.rename(draft, folder / f"packed-{number:06}.npz")
            number += 1
            os.remove(pixels), os.remove(stem + ".jsonl")
            for old in packed(folder)[:-keep]:
                old.unlink()
        if not shards:
            time.sleep(0.5)


class Pool:
    """The pictures that training samples from: a ring of packed shards, refilled from the folder as new ones appear."""

    def __init__(self, folder, shards, shard_size=4096):
        self.folder, self.n, self.capacity, self.shard = pathlib.Path(folder), 0, shards * shard_size, shard_size
        self.seen, self.slot, self.a, self.order = set(), 0, {}, {}

    def refresh(self, most=1):
        new = [p for p in packed(self.folder) if p.name not in self.seen]
        for path in new[:most]:
            self.seen.add(path.name)
            try:
                z = np.load(path)
                arrays = {k: z[k] for k in z.files}
            except FileNotFoundError:
                continue
            if len(arrays["setting"]) != self.shard:
                continue
            at = self.slot * self.shard
            for k, v in arrays.items():
                if k not in self.a:
                    self.a[k] = np.zeros((self.capacity,) + v.shape[1:], v.dtype)
                self.a[k][at : at + self.shard] = v
            self.slot = (self.slot + 1) % (self.capacity // self.shard)
            self.n = max(self.n, at + self.shard)
        if new:
            self.sort()
        return len(new)

    def sort(self):
        g, s = self.a["groups"][: self.n].astype(np.int64), self.a["setting"][: self.n].astype(np.int64)
        k0, c0, n0, k1 = g[:, 0, 0], g[:, 0, 1], g[:, 0, 2], g[:, 1, 0]
        one = k1 < 0
        pair = np.minimum(k0, k1) * 32 + np.maximum(k0, k1)
        self.pairs = np.where(~one)[0]
        keys = dict(
            kind_color=k0 * 16 + c0,
            kind_setting=k0 * 16 + s,
            look=(c0 * 16 + s) * 8 + n0 + 4096 * ~one,
            alike=np.where(one, (k0 * 16 + c0) * 16 + s, 10000 + pair),
        )
        for name, key in keys.items():
            order = np.argsort(key, kind="stable")
            self.order[name] = (key, order, key[order])

    def batch(self, random, size, families):
        """`families` groups of four pictures that share most facts, the rest at random."""
        picks = [random.integers(0, self.n, size - 4 * families)]
        names = random.choice(list(self.order), families, p=[0.2, 0.15, 0.15, 0.5]) if families else []
        for name in names:
            key, order, ranked = self.order[name]
            first = (
                self.pairs[random.integers(0, len(self.pairs))]
                if name == "alike" and random.random() < 0.6
                else random.integers(0, self.n)
            )
            lo, hi = np.searchsorted(ranked, key[first]), np.searchsorted(ranked, key[first], "right")
            picks.append(np.concatenate([[first], order[random.integers(lo, hi, 3)]]))
        return np.concatenate(picks)


class Nouns:
    """Finds the words for kinds in captions, for labels on tokens: what is said of the thing that the token names."""

    def __init__(self, folder, vocabulary):
        words = json.loads((pathlib.Path(folder) / "catalog.json").read_text("utf-8"))["words"]["kinds"]
        self.words = {}
        for kind, names in enumerate(words):
            for name in names:
                self.words[tuple(vocabulary.encode(name)[1:-1])] = kind
        self.longest = max(map(len, self.words))

    def find(self, ids):
        """(position, kind) of every token of every kind's name, longest names first."""
        out, i = [], 1
        while i < len(ids) - 1:
            for n in range(min(self.longest, len(ids) - 1 - i), 0, -1):
                kind = self.words.get(tuple(ids[i : i + n]))
                if kind is not None:
                    out += [(i + j, kind) for j in range(n)]
                    i += n - 1
                    break
            i += 1
        return out

    def labels(self, ids, stated):
        """Rows into the concatenated tokens, and per row kind, colour, count - 1, place; -1 where the caption is silent."""
        rows, out, at = [], [], 0
        for t, s in zip(ids, stated):
            said = {}
            for a in s:
                if A_KIND_COLOR <= a < A_KIND_COUNT:
                    said[(a - A_KIND_COLOR) // COLORS, 1] = (a - A_KIND_COLOR) % COLORS
                elif A_KIND_COUNT <= a < A_KIND_SIZE:
                    said[(a - A_KIND_COUNT) // COUNTS, 2] = (a - A_KIND_COUNT) % COUNTS
                elif A_PLACE <= a < A_PAIR:
                    said[(a - A_PLACE) // RELATIONS, 3] = (a - A_PLACE) % RELATIONS
            for position, kind in self.find(t):
                rows.append(at + position)
                out.append((kind, said.get((kind, 1), -1), said.get((kind, 2), -1), said.get((kind, 3), -1)))
            at += len(t)
        return np.array(rows), np.array(out).reshape(-1, 4)


def multi_hot(lists, size):
    out = np.zeros((len(lists), size + 1), np.float32)
    out[np.arange(len(lists))[:, None], np.where((lists < 0) | (lists >= size), size, lists)] = 1
    return out[:, :size]
