#!/usr/bin/env python3
"""Trains the demo model on pictures from the exporter: one command, one CPU core (see TRAINING.md).

    python3 train.py --feed FOLDER --held FOLDER --out MODEL_FOLDER --log log.jsonl

Stages, each with a wall-clock length: vision (facts told from pictures), text (facts told from captions), both
(contrastive).
"""
import argparse
import json
import math
import multiprocessing
import os
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

import feed
import folder
import measure
from feed import COLORS, COUNTS, KINDS, RELATIONS, SETTINGS
from towers import Model

CELLS = 16
KIND_COLOR, KIND_COUNT = KINDS * COLORS, KINDS * COUNTS
NOUN_PARTS = (KINDS, COLORS, COUNTS, RELATIONS)
FIELD_WEIGHTS = np.array([0.15, 0.1, 0.2, 0.3, 0.3, 0.05])  # of feed.FIELDS, for altered captions


def arguments():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--feed", required=True, help="folder that the exporter writes training shards to")
    a.add_argument("--held", required=True, help="folder with the exporter's held-out shard of 1,000")
    a.add_argument("--out", required=True, help="model folder to write")
    a.add_argument("--log", required=True)
    a.add_argument("--state", default="/tmp/chinese-clip-train.pt", help="checkpoint for --resume")
    a.add_argument("--resume", action="store_true")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--vision-minutes", type=float, default=8)
    a.add_argument("--text-minutes", type=float, default=3)
    a.add_argument("--both-minutes", type=float, default=17)
    a.add_argument("--rate", type=float, default=1.5e-3, help="peak learning rate of the vision warm-up")
    a.add_argument("--text-rate", type=float, default=1e-3, help="peak learning rate of the text warm-up")
    a.add_argument("--both-rate", type=float, default=6e-4, help="peak learning rate of contrastive training")
    a.add_argument("--decay", type=float, default=0.05)
    a.add_argument("--batch", type=int, default=256)
    a.add_argument("--families", type=int, default=32, help="groups of four pictures alike in most facts, per batch")
    a.add_argument("--unknown", type=float, default=0.04, help="share of tokens replaced by [UNK]")
    a.add_argument("--shards", type=int, default=48, help="packed shards held in memory (4,096 pictures, 60 MB each)")
    a.add_argument("--every", type=float, default=1.5, help="minutes between evaluations")
    return a.parse_args()


class Trainer:
    def __init__(self, a):
        torch.set_num_threads(1)
        self.a, self.random = a, np.random.default_rng(a.seed)
        self.vocabulary_path = pathlib.Path(a.feed) / "vocab.txt"
        self.started, self.measuring = time.time(), 0.0
        self.make_vocabulary()
        self.packer = multiprocessing.Process(target=self.pack, daemon=True)
        self.packer.start()
        self.pool = feed.Pool(a.feed, a.shards)
        while self.pool.n < 2 * 4096:
            self.pool.refresh(a.shards)
            time.sleep(0.5)
        self.held = self.load_held()
        cfg = folder.config(len(self.vocabulary.tokens))
        w, tw = cfg["vision_config"]["hidden_size"], cfg["text_config"]["hidden_size"]
        heads = {
            "cell_kind": (w, KINDS + 1, 0),
            "cell_color": (w, COLORS + 1, 0),
            "kind_color": (w, KIND_COLOR, -5),
            "kind_count": (w, KIND_COUNT, -4),
            "place": (w, KINDS * CELLS, -4),
            "stand": (w, KINDS * RELATIONS, -4),
            "setting": (w, SETTINGS, 0),
            "text": (tw, feed.SIMPLE, -4),
            "noun": (tw, sum(NOUN_PARTS), 0),
        }
        self.model = Model(cfg, heads, a.seed)
        self.nouns = feed.Nouns(a.feed, self.vocabulary)
        self.steps, self.pictures, self.sums, self.seen = 0, 0, {}, 0
        self.curve = open(a.log, "a")
        if a.resume:
            self.restore()

    def make_vocabulary(self):
        if not self.vocabulary_path.exists():
            while not (shards := sorted(pathlib.Path(self.a.feed).glob("shard-*.u8"))):
                time.sleep(0.5)
            feed.Vocabulary.of(feed.texts_of(str(shards[0])[:-3])).save(self.vocabulary_path)
        self.vocabulary = feed.Vocabulary.with_frames(feed.Vocabulary.load(self.vocabulary_path))
        self.frames = self.vocabulary.frames()

    def pack(self):
        os.nice(15)
        feed.pack(self.a.feed, self.vocabulary_path, self.a.shards)

    def load_held(self):
        stem = str(sorted(pathlib.Path(self.a.held).glob("shard-*.u8"))[0])[:-3]
        return feed.read_shard(stem, self.vocabulary)

    # --- state

    def save(self, stage, elapsed):
        s = self.model.store
        torch.save(
            dict(
                flat=s.flat,
                m=s.m,
                v=s.v,
                mean=s.mean,
                steps=s.steps,
                stage=stage,
                elapsed=elapsed,
                count=(self.steps, self.pictures),
                spent=time.time() - self.started,
            ),
            self.a.state + ".tmp",
        )
        os.rename(self.a.state + ".tmp", self.a.state)

    def restore(self):
        z, s = torch.load(self.a.state), self.model.store
        for name in ("flat", "m", "v", "mean"):
            getattr(s, name).copy_(z[name])
        s.copy.copy_(s.flat)
        s.steps, (self.steps, self.pictures) = z["steps"], z["count"]
        self.resumed = z["stage"], z["elapsed"]
        self.started -= z["spent"]

    # --- the loop

    def stage(self, name, minutes, peak, step, end=0.02, flat=0.0, warm=100):
        """Runs `step` for `minutes`; the rate rises over `warm` steps, stays for the share `flat`, then falls
        by a cosine to the share `end`."""
        begin, offset = time.time(), 0.0
        if self.a.resume and hasattr(self, "resumed"):
            stages = ["vision", "text", "both"]
            if stages.index(name) < stages.index(self.resumed[0]):
                return
            if name == self.resumed[0]:
                offset, warm = self.resumed[1], 1
        total, paused, last, k = minutes * 60, 0.0, time.time(), 0
        while True:
            elapsed = time.time() - begin - paused + offset
            done = elapsed / total
            if done >= 1:
                break
            fall = 0.0 if done < flat else (done - flat) / (1 - flat)
            rate = peak * min(1.0, (k + 1) / warm) * (end + (1 - end) * 0.5 * (1 + math.cos(math.pi * fall)))
            losses = step(done)
            sum(losses.values()).backward()
            self.model.store.update(rate, self.a.decay, keep=0.998)
            with torch.no_grad():
                self.model.store.p["logit_scale"].clamp_(max=math.log(100))
            for key, value in losses.items():
                self.sums[key] = self.sums.get(key, 0.0) + float(value)
            self.seen += 1
            self.steps += 1
            k += 1
            if k % 25 == 0:
                self.pool.refresh()
            if time.time() - last > self.a.every * 60:
                pause = time.time()
                self.report(name, elapsed, rate)
                self.save(name, elapsed)
                last = time.time()
                paused += last - pause
        self.report(name, total, rate)
        self.save(name, total)

    def report(self, stage, elapsed, rate):
        if not self.seen:
            return
        row = dict(
            stage=stage,
            minutes=round((time.time() - self.started) / 60, 2),
            stage_minutes=round(elapsed / 60, 2),
            step=self.steps,
            pictures=self.pictures,
            pool=self.pool.n,
            rate=round(rate, 7),
            scale=round(float(self.model.store.p["logit_scale"].exp()), 1),
            loss={k: round(v / self.seen, 4) for k, v in self.sums.items()},
        )
        self.sums, self.seen = {}, 0
        if stage != "text":
            row["warm"] = self.warm_figures()
        if stage == "both":
            self.model.store.swap_mean()
            row["held"] = self.held_figures()
            folder.write(self.a.out, self.model, self.vocabulary)
            self.model.store.swap_mean()
        print(json.dumps(row), flush=True)
        self.curve.write(json.dumps(row) + "\n")
        self.curve.flush()

    # --- what a batch teaches

    def tell_picture(self, pick, h, patches=None, place_weight=0.2):
        """Losses of the warm-up heads: cells from the patch tokens (if given), the rest from the class token."""
        a, m, n = self.pool.a, self.model, len(pick)
        facts = a["facts"][pick]
        out = {}
        if patches is not None:
            kinds, colors = (torch.from_numpy(a[k][pick].astype(np.int64)).flatten() for k in ("cells", "cell_colors"))
            kinds, colors = torch.where(kinds < 0, KINDS, kinds), torch.where(colors < 0, COLORS, colors)
            out["cell_kind"] = 2 * F.cross_entropy(m.head(patches, "cell_kind").flatten(0, 1), kinds)
            out["cell_color"] = F.cross_entropy(m.head(patches, "cell_color").flatten(0, 1), colors)
        truth = feed.multi_hot(facts, feed.ATOMS)
        place = np.zeros((n, KINDS + 1, CELLS), np.float32)
        cells = a["cells"][pick]
        place[np.arange(n)[:, None], np.where(cells < 0, KINDS, cells), np.arange(CELLS)] = 1

        def bce(name, target, weight):
            t = torch.from_numpy(np.ascontiguousarray(target))
            return weight / n * F.binary_cross_entropy_with_logits(m.head(h, name), t, reduction="sum")

        out["kind_color"] = bce("kind_color", truth[:, feed.A_KIND_COLOR : feed.A_KIND_COUNT], 0.3)
        out["kind_count"] = bce("kind_count", truth[:, feed.A_KIND_COUNT : feed.A_KIND_SIZE], 0.3)
        out["place"] = bce("place", place[:, :KINDS].reshape(n, -1), place_weight)
        out["stand"] = bce("stand", truth[:, feed.A_PLACE : feed.A_PAIR], 0.1)
        out["setting"] = 0.3 * F.cross_entropy(
            m.head(h, "setting"), torch.from_numpy(a["setting"][pick].astype(np.int64))
        )
        return out

    def vision_step(self, done):
        pick = self.random.integers(0, self.pool.n, 64)
        self.pictures += len(pick)
        h, patches = self.model.image(torch.from_numpy(self.pool.a["pixels"][pick]), True)
        return self.tell_picture(pick, h, patches, 0.05)

    def worded(self, rows, framed=0.2):
        """Token ids as the model sees them in training: some in a frame, some tokens unknown."""
        ids = measure.tokens(rows)
        for i in np.nonzero(self.random.random(len(ids)) < framed)[0]:
            before, after = self.frames[self.random.integers(len(self.frames))]
            if len(ids[i]) + len(before) + len(after) <= feed.TOKENS:
                ids[i] = [2, *before, *ids[i][1:-1], *after, 3]
        for t in ids:
            for j in np.nonzero(self.random.random(len(t) - 2) < self.a.unknown)[0]:
                t[j + 1] = 1
        return ids

    def tell_text(self, h, before, ids, stated):
        """Losses of the text heads: all stated facts from [CLS]; from every token of a kind's name, what is
        said of that kind."""
        target = torch.from_numpy(feed.multi_hot(stated, feed.SIMPLE))
        out = {
            "text": F.binary_cross_entropy_with_logits(self.model.head(h, "text"), target, reduction="sum")
            / len(stated),
            "noun": 0.0,
        }
        rows, labels = self.nouns.labels(ids, stated)
        logits = self.model.head(before[torch.from_numpy(rows)], "noun").split(NOUN_PARTS, 1)
        for part, label in zip(logits, torch.from_numpy(labels).t()):
            if (label >= 0).any():
                out["noun"] = out["noun"] + F.cross_entropy(part, label, ignore_index=-1)
        return out

    def text_step(self, done):
        """Captions of two groups more often than they come: only they teach which colour goes with which thing."""
        n = 96
        pick = np.concatenate(
            [
                self.pool.pairs[self.random.integers(0, len(self.pool.pairs), n * 2 // 3)],
                self.random.integers(0, self.pool.n, n // 3),
            ]
        )
        which = self.random.integers(0, feed.CAPTIONS, n)
        ids = self.worded(self.pool.a["ids"][pick, which])
        h, before = self.model.text(ids, True)
        out = self.tell_text(h, before, ids, self.pool.a["stated"][pick, which])
        out["noun"] = 3 * out["noun"]
        return out

    def wrong(self, pick):
        """One caption a picture that is false of it by one fact; half of them long, half short."""
        w = self.pool.a["wrong"][pick]
        out = []
        for i in range(len(pick)):
            has = w[i, :, :, 0] > 0
            length = int(self.random.random() < 0.4)
            q = FIELD_WEIGHTS * has[:, length]
            out.append(w[i, self.random.choice(len(q), p=q / q.sum()), length] if q.sum() else w[i, 0, 0])
        return np.stack(out)

    def both_step(self, done):
        a, m, n = self.pool.a, self.model, self.a.batch
        pick = self.pool.batch(self.random, n, self.a.families)
        self.pictures += n
        hi, _ = m.image(torch.from_numpy(a["pixels"][pick]))
        long, short = self.random.integers(0, 4, n), self.random.integers(4, 8, n)
        stated = np.concatenate([a["stated"][pick, long], a["stated"][pick, short]])
        ids = self.worded(np.concatenate([a["ids"][pick, long], a["ids"][pick, short], self.wrong(pick)]))
        ht, before = m.text(ids, True)
        image, text = m.project(hi, "v"), m.project(ht, "t")
        scale = m.store.p["logit_scale"].exp()
        false = (
            torch.from_numpy(feed.multi_hot(stated, feed.ATOMS))
            @ torch.from_numpy(1 - feed.multi_hot(a["facts"][pick], feed.ATOMS)).t()
            > 0.5
        )
        own = torch.arange(n)
        altered = scale * (image * text[2 * n :]).sum(1, keepdim=True)
        out = {}
        for name, part in (("long", slice(0, n)), ("short", slice(n, 2 * n))):
            keep = false[part].clone()
            keep[own, own] = True
            s = (scale * text[part] @ image.t()).masked_fill(~keep, -1e4)
            out[name] = 0.5 * (F.cross_entropy(s, own) + F.cross_entropy(torch.cat([s.t(), altered], 1), own))
        fade = max(0.0, 1 - done / 0.7)
        if fade > 0:
            for key, value in self.tell_picture(pick, hi).items():
                out[key] = 0.3 * fade * value
            for key, value in self.tell_text(ht[: 2 * n], before, ids[: 2 * n], stated).items():
                out[key] = 0.3 * fade * value
        return out

    # --- figures

    @torch.no_grad()
    def warm_figures(self):
        """On held-out pictures, from the heads: kinds told (as many guesses as there are), colour and count
        of the true kinds."""
        held, right, color, count, total = self.held, 0, 0, 0, 0
        for i in range(0, len(held["setting"]), 128):
            h, _ = self.model.image(torch.from_numpy(held["pixels"][i : i + 128]), True)
            kc = self.model.head(h, "kind_color").view(len(h), KINDS, COLORS).numpy()
            kn = self.model.head(h, "kind_count").view(len(h), KINDS, COUNTS).numpy()
            for j, groups in enumerate(held["groups"][i : i + 128]):
                groups = groups[groups[:, 0] >= 0]
                best = np.argsort(-kc[j].max(1))[: len(groups)]
                total += len(groups)
                right += sum(k in groups[:, 0] for k in best)
                color += sum(kc[j, k].argmax() == c for k, c in groups[:, :2])
                count += sum(kn[j, k].argmax() == c - 1 for k, c in groups[:, [0, 2]])
        return {
            "kind": round(100 * right / total, 1),
            "color": round(100 * color / total, 1),
            "count": round(100 * count / total, 1),
        }

    @torch.no_grad()
    def held_figures(self):
        m = self.model
        return measure.figures(
            self.held,
            lambda p: m.project(m.image(torch.from_numpy(p))[0], "v").numpy(),
            lambda t: m.project(m.text(t), "t").numpy(),
            self.frames[0],
        )


def main():
    a = arguments()
    t = Trainer(a)
    t.stage("vision", a.vision_minutes, a.rate, t.vision_step, end=0.3, flat=0.5)
    t.stage("text", a.text_minutes, a.text_rate, t.text_step, end=0.3, flat=0.5, warm=200)
    t.stage("both", a.both_minutes, a.both_rate, t.both_step, end=0.0, flat=0.2)
    folder.write(a.out, t.model, t.vocabulary)


if __name__ == "__main__":
    main()
