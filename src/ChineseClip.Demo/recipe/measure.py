"""The held-out figures: long-caption recall, short-query precision, two-way choices, from any encoder."""
import numpy as np

from feed import ATOMS, FIELDS, KINDS, multi_hot


def tokens(rows):
    return [r[: int((r > 0).sum())].tolist() for r in rows]


def figures(held, image, text, frame=((), ())):
    """held: arrays of feed.read_shard; image(pixels) and text(id lists) return unit rows; frame: ids around short queries."""
    n = len(held["setting"])
    images = np.concatenate([image(held["pixels"][i : i + 128]) for i in range(0, n, 128)])

    def encode(ids):
        order = np.argsort([len(i) for i in ids])
        out = np.concatenate([text([ids[j] for j in order[k : k + 256]]) for k in range(0, len(ids), 256)])
        back = np.empty_like(out)
        back[order] = out
        return back

    out, unseen = {}, held["unseen"]
    longs = encode(tokens(held["ids"][:, 0]))
    s = longs @ images.T
    rank = (s > np.diag(s)[:, None]).sum(1)
    for k in (1, 5, 10):
        out[f"R@{k}"] = float((rank < k).mean() * 100)
    out["R@1 unseen"], out["R@10 unseen"] = (float((rank[unseen] < k).mean() * 100) for k in (1, 10))

    facts = multi_hot(held["facts"], ATOMS)
    needs = multi_hot(held["stated"][:, 4], ATOMS)
    true = needs @ (1 - facts).T < 0.5
    keep, seen_ids = [], set()
    for i in range(n):
        key = held["ids"][i, 4].tobytes()
        if key not in seen_ids and len(keep) < 400:
            seen_ids.add(key)
            keep.append(i)

    def precision(ids):
        top = np.argsort(-(encode(ids) @ images.T), 1)
        return np.array([true[i, top[j, : min(10, true[i].sum())]].mean() for j, i in enumerate(keep)])

    plain = tokens(held["ids"][keep, 4])
    short = precision(plain)
    out["short"] = float(short.mean() * 100)
    if any(frame):
        framed = [[2, *frame[0], *t[1:-1], *frame[1], 3] for t in plain]
        out["short framed"] = float(precision(framed).mean() * 100)
    stated = held["stated"][keep, 4]
    pairs = ((stated >= 0) & (stated < KINDS)).sum(1) == 2
    out["short one group"], out["short two groups"] = float(short[~pairs].mean() * 100), float(
        short[pairs].mean() * 100
    )

    own = np.diag(s)
    for f, field in enumerate(FIELDS):
        has = np.where(held["wrong"][:, f, 0, 0] > 0)[0]
        if len(has):
            wrong = (encode(tokens(held["wrong"][has, f, 0])) * images[has]).sum(1)
            right = own[has] > wrong
            out[f"two-way {field}"] = float(right.mean() * 100)
            if unseen[has].any():
                out[f"two-way {field} unseen"] = float(right[unseen[has]].mean() * 100)
    return {k: round(v, 1) for k, v in out.items()}
