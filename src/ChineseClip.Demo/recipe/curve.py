#!/usr/bin/env python3
"""Draws the training curve from the log: python3 curve.py log.jsonl curve.png"""
import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

rows = [json.loads(line) for line in open(sys.argv[1])]
figure, (losses, warm, held) = plt.subplots(1, 3, figsize=(16, 4.6))


def draw(axes, items, stages, name):
    points = [(r["minutes"], r[items].get(name)) for r in rows if r["stage"] in stages and name in r.get(items, {})]
    if points:
        axes.plot(*zip(*points), marker=".", label=name)


for name in ("cell_kind", "kind_color", "kind_count", "place", "text"):
    draw(losses, "loss", ("vision", "text"), name)
for name in ("long", "short"):
    draw(losses, "loss", ("both",), name)
losses.set_yscale("log")
losses.set_title("training loss")
for name in ("kind", "color", "count"):
    draw(warm, "warm", ("vision", "both"), name)
warm.set_title("facts told by the warm-up heads, held out, %")
for name in (
    "R@1",
    "R@10",
    "short",
    "two-way kind",
    "two-way color",
    "two-way count",
    "two-way relation",
    "two-way swap",
):
    draw(held, "held", ("both",), name)
held.set_title("held-out retrieval and two-way choices, %")
changes = [a["minutes"] for a, b in zip(rows, rows[1:]) if a["stage"] != b["stage"]]
for axes in (losses, warm, held):
    for x in changes:
        axes.axvline(x, color="gray", lw=0.7, ls=":")
    axes.set_xlabel("minutes on one core")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
figure.tight_layout()
figure.savefig(sys.argv[2], dpi=80)
