#!/usr/bin/env python3
"""Loads the shipped folder alone, computes embeddings by a plain float32 forward pass in HF's formulas, and prints the
held-out figures.

    python3 check.py --model MODEL_FOLDER --held FOLDER_WITH_EXPORTED_SHARD
"""
import argparse
import json
import pathlib

import torch
import torch.nn.functional as F

import feed
import folder
import measure


class Plain:
    def __init__(self, path):
        path = pathlib.Path(path)
        self.cfg = json.loads((path / "config.json").read_text())
        self.pre = json.loads((path / "preprocessor_config.json").read_text())
        self.vocabulary = feed.Vocabulary.load(path / "vocab.txt")
        self.w = {k: torch.from_numpy(v) for k, v in folder.read_safetensors(path / "model.safetensors").items()}

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))

    def norm(self, x, name, eps):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], eps)

    def attend(self, x, names, heads, mask=None):
        b, n, w = x.shape
        q, k, v = (self.linear(x, name).view(b, n, heads, w // heads).transpose(1, 2) for name in names)
        s = q @ k.transpose(-1, -2) / (w // heads) ** 0.5
        return ((s if mask is None else s + mask).softmax(-1) @ v).transpose(1, 2).reshape(b, n, w)

    @torch.no_grad()
    def image(self, pixels):
        c, w = self.cfg["vision_config"], self.w
        x = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() * self.pre["rescale_factor"]
        x = (x - torch.tensor(self.pre["image_mean"]).view(1, 3, 1, 1)) / torch.tensor(self.pre["image_std"]).view(
            1, 3, 1, 1
        )
        e = "vision_model.embeddings."
        x = F.conv2d(x, w[e + "patch_embedding.weight"], stride=c["patch_size"]).flatten(2).transpose(1, 2)
        x = torch.cat([w[e + "class_embedding"].expand(len(x), 1, -1), x], 1) + w[e + "position_embedding.weight"]
        x = self.norm(x, "vision_model.pre_layrnorm", c["layer_norm_eps"])
        for i in range(c["num_hidden_layers"]):
            p = f"vision_model.encoder.layers.{i}."
            y = self.norm(x, p + "layer_norm1", c["layer_norm_eps"])
            y = self.attend(y, [f"{p}self_attn.{n}_proj" for n in "qkv"], c["num_attention_heads"])
            x = x + self.linear(y, p + "self_attn.out_proj")
            y = self.linear(self.norm(x, p + "layer_norm2", c["layer_norm_eps"]), p + "mlp.fc1")
            x = x + self.linear(y * torch.sigmoid(1.702 * y), p + "mlp.fc2")
        x = self.norm(x[:, 0], "vision_model.post_layernorm", c["layer_norm_eps"])
        return F.normalize(x @ w["visual_projection.weight"].t(), dim=-1).numpy()

    @torch.no_grad()
    def text(self, ids):
        c, w, longest = self.cfg["text_config"], self.w, max(len(i) for i in ids)
        x = torch.tensor([i + [0] * (longest - len(i)) for i in ids])
        mask = (x == 0).float()[:, None, None] * -1e9
        e = "text_model.embeddings."
        x = (
            w[e + "word_embeddings.weight"][x]
            + w[e + "position_embeddings.weight"][:longest]
            + w[e + "token_type_embeddings.weight"][0]
        )
        x = self.norm(x, e + "LayerNorm", c["layer_norm_eps"])
        for i in range(c["num_hidden_layers"]):
            p = f"text_model.encoder.layer.{i}."
            y = self.attend(
                x, [f"{p}attention.self.{n}" for n in ("query", "key", "value")], c["num_attention_heads"], mask
            )
            x = self.norm(
                x + self.linear(y, p + "attention.output.dense"), p + "attention.output.LayerNorm", c["layer_norm_eps"]
            )
            y = self.linear(F.gelu(self.linear(x, p + "intermediate.dense")), p + "output.dense")
            x = self.norm(x + y, p + "output.LayerNorm", c["layer_norm_eps"])
        return F.normalize(x[:, 0] @ w["text_projection.weight"].t(), dim=-1).numpy()


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--model", required=True)
    a.add_argument("--held", required=True)
    a = a.parse_args()
    torch.set_num_threads(1)
    plain = Plain(a.model)
    stem = str(sorted(pathlib.Path(a.held).glob("shard-*.u8"))[0])[:-3]
    held = feed.read_shard(stem, plain.vocabulary, plain.cfg["vision_config"]["image_size"])
    print(
        json.dumps(
            measure.figures(held, plain.image, plain.text, plain.vocabulary.frames()[0]), indent=1, ensure_ascii=False
        )
    )


if __name__ == "__main__":
    main()
