"""The two towers of Chinese-CLIP for training on one CPU core: bfloat16 products, fused kernels, float32 weights.

Exactly the architecture of HF ChineseCLIPModel, in an equivalent form that is cheaper to train:
- q, k, v are one matrix; the last layer computes only the class token's row where no patch labels are asked for;
- the vision MLP uses SiLU: quick_gelu(z) = silu(1.702 z) / 1.702, so fc1 and fc2 are rescaled on export;
- pixels enter as (byte - 128) / 64, exact in bfloat16; the normalisation is folded into the patch and position
  embeddings on export.
`state()` gives the weights under HF's names; plain.py computes the same figures from the exported folder alone.
"""
import ctypes
import math
import pathlib
import subprocess
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
HEAD = 32


def build_kernels():
    source = pathlib.Path(__file__).with_name("kernels.cpp")
    target = pathlib.Path(tempfile.mkdtemp()) / "kernels.so"
    subprocess.run(
        [
            "g++",
            "-O3",
            "-march=icelake-server",
            "-mprefer-vector-width=512",
            "-ffast-math",
            "-shared",
            "-fPIC",
            str(source),
            "-o",
            str(target),
            "-lmvec",
            "-lm",
        ],
        check=True,
    )
    return ctypes.CDLL(str(target))


K = build_kernels()


def P(t):
    return ctypes.c_void_p(None if t is None else t.data_ptr())


class Linear(torch.autograd.Function):
    """x [rows, in] bf16 times w^T; the float32 weight takes the gradient, its bf16 copy does the work."""

    @staticmethod
    def forward(ctx, x, w, wb):
        ctx.save_for_backward(x, wb)
        return F.linear(x, wb)

    @staticmethod
    def backward(ctx, g):
        x, wb = ctx.saved_tensors
        g = g.contiguous()
        gx = torch.mm(g, wb) if ctx.needs_input_grad[0] else None
        return gx, torch.mm(g.t(), x).float(), None


class Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx, qkv, bias, off):
        rows, width = qkv.shape
        heads = width // 3 // HEAD
        out = torch.empty(rows, width // 3, dtype=torch.bfloat16)
        K.attention(P(qkv), P(bias), P(off), len(off) - 1, heads, P(out))
        ctx.save_for_backward(qkv, bias, off)
        return out

    @staticmethod
    def backward(ctx, g):
        qkv, bias, off = ctx.saved_tensors
        g = g.contiguous()
        gx, gb = torch.empty_like(qkv), torch.zeros_like(bias)
        K.attention_grad(P(g), P(qkv), P(bias), P(off), len(off) - 1, qkv.shape[1] // 3 // HEAD, P(gx), P(gb))
        return gx, gb, None


class Activation(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, bias, kind):
        y = torch.empty_like(x)
        K.activation(P(x), P(bias), x.shape[0], x.shape[1], kind, P(y))
        ctx.save_for_backward(x, bias)
        ctx.kind = kind
        return y

    @staticmethod
    def backward(ctx, g):
        x, bias = ctx.saved_tensors
        g = g.contiguous()
        gx, gb = torch.empty_like(x), torch.zeros_like(bias)
        K.activation_grad(P(g), P(x), P(bias), x.shape[0], x.shape[1], ctx.kind, P(gx), P(gb))
        return gx, gb, None


class AddNorm(torch.autograd.Function):
    """Of x + r + rbias: 'pre' gives (sum, norm in bf16), 'post' (norm, norm in bf16), 'first' norm in float32."""

    @staticmethod
    def forward(ctx, x, r, rbias, gamma, beta, eps, which):
        ctx.set_materialize_grads(False)
        x = x.contiguous()
        rows, width = x.shape
        total, stat = torch.empty_like(x), torch.empty(rows, 2)
        norm = torch.empty_like(x) if which != "pre" else None
        normb = torch.empty(rows, width, dtype=torch.bfloat16) if which != "first" else None
        K.add_norm(
            P(x),
            P(r),
            P(rbias),
            P(gamma),
            P(beta),
            ctypes.c_float(eps),
            rows,
            width,
            P(total),
            P(norm),
            P(normb),
            P(stat),
        )
        ctx.which, ctx.has_r = which, r is not None
        ctx.save_for_backward(total, stat, gamma)
        return (total, normb) if which == "pre" else (norm, normb) if which == "post" else norm

    @staticmethod
    def backward(ctx, ga, gb=None):
        total, stat, gamma = ctx.saved_tensors
        rows, width = total.shape
        ga = None if ga is None else ga.contiguous()
        gb = None if gb is None else gb.contiguous()
        gx = torch.empty_like(total)
        gr = torch.empty(rows, width, dtype=torch.bfloat16) if ctx.has_r else None
        gg, gbeta, grb = torch.zeros(width), torch.zeros(width), torch.zeros(width) if ctx.has_r else None
        gsum, gnorm = (ga, None) if ctx.which == "pre" else (None, ga)
        K.add_norm_grad(
            P(gsum), P(gnorm), P(gb), P(total), P(stat), P(gamma), rows, width, P(gx), P(gr), P(gg), P(gbeta), P(grb)
        )
        return gx, gr, grb, gg, gbeta, None, None


def waves(n, width, longest=100.0, size=0.028):
    """The text's positions start as sines and cosines: neighbours are alike, so that attending to them is soon learned."""
    angle = torch.arange(n)[:, None] / longest ** (torch.arange(width // 2) / (width // 2))
    return size * torch.cat([angle.sin(), angle.cos()], 1)


class Store:
    """All weights in one flat float32 buffer, with gradients, AdamW moments, running mean and bf16 copy beside it."""

    def __init__(self):
        self.specs = []

    def add(self, name, shape, std=0.0, fill=None, decay=True):
        self.specs.append((name, tuple(shape), std, fill, decay and len(shape) > 1 and "embedding" not in name))

    def build(self, seed):
        size = sum((math.prod(s) + 15) // 16 * 16 for _, s, *_ in self.specs)
        self.flat = torch.zeros(size)
        self.grad, self.m, self.v, self.decay = (torch.zeros(size) for _ in range(4))
        self.copy = torch.zeros(size, dtype=torch.bfloat16)
        self.p, self.b, self.where, at, step = {}, {}, {}, 0, torch.Generator().manual_seed(seed)
        for name, shape, std, fill, decay in self.specs:
            n = math.prod(shape)
            part = self.flat[at : at + n].view(shape)
            part.copy_(torch.randn(shape, generator=step) * std if fill is None else torch.full(shape, float(fill)))
            self.where[name] = (at, n, shape)
            self.p[name] = part.detach().requires_grad_()
            self.p[name].grad = self.grad[at : at + n].view(shape)
            self.b[name] = self.copy[at : at + n].view(shape)
            self.decay[at : at + n] = 1.0 if decay else 0.0
            at += (n + 15) // 16 * 16
        self.mean = self.flat.clone()
        self.copy.copy_(self.flat)
        self.steps = 0

    def update(self, lr, decay, clip=1.0, keep=0.998, betas=(0.9, 0.98)):
        norm = float(self.grad.norm())
        scale = min(1.0, clip / (norm + 1e-6))
        self.steps += 1
        c1, c2 = 1 - betas[0] ** self.steps, 1 - betas[1] ** self.steps
        f = ctypes.c_float
        K.adamw(
            P(self.flat),
            P(self.grad),
            P(self.m),
            P(self.v),
            P(self.mean),
            P(self.copy),
            P(self.decay),
            f(decay),
            ctypes.c_size_t(self.flat.numel()),
            f(lr),
            f(betas[0]),
            f(betas[1]),
            f(1e-6),
            f(c1),
            f(c2),
            f(scale),
            f(min(keep, self.steps / (self.steps + 10))),
        )
        self.grad.zero_()
        return norm

    def swap_mean(self):
        """Exchanges weights and running mean (evaluate, then call again)."""
        t = self.flat.clone()
        self.flat.copy_(self.mean)
        self.mean.copy_(t)
        self.copy.copy_(self.flat)


class Model:
    def __init__(self, cfg, heads, seed):
        """cfg: HF config dict; heads: {name: (width source, outputs)} of the warm-up, dropped on export."""
        self.cfg, self.store = cfg, Store()
        t, v, s = cfg["text_config"], cfg["vision_config"], self.store
        w, tw = v["hidden_size"], t["hidden_size"]
        self.patch, self.grid = v["patch_size"], v["image_size"] // v["patch_size"]
        s.add("v.cls", (w,), 0.02)
        s.add("v.patch", (w, 3 * self.patch**2), (3 * self.patch**2) ** -0.5)
        s.add("v.position_embedding", (self.grid**2 + 1, w), 0.02)
        self.norm("v.pre", w), self.norm("v.post", w)
        for i in range(v["num_hidden_layers"]):
            self.layer(f"v.{i}", w, v["intermediate_size"], v["num_hidden_layers"])
        s.add("t.word_embedding", (t["vocab_size"], tw), 0.02)
        s.add("t.position_embedding", (t["max_position_embeddings"], tw), 0.02)
        s.add("t.type_embedding", (t["type_vocab_size"], tw), 0.0)
        self.norm("t.ln", tw)
        for i in range(t["num_hidden_layers"]):
            self.layer(f"t.{i}", tw, t["intermediate_size"], t["num_hidden_layers"])
        s.add("v.projection", (cfg["projection_dim"], w), w**-0.5)
        s.add("t.projection", (cfg["projection_dim"], tw), tw**-0.5)
        s.add("logit_scale", (1,), fill=cfg["logit_scale_init_value"])
        for name, (source, outputs, bias) in heads.items():
            s.add(f"head.{name}.w", (outputs, source), 0.02)
            s.add(f"head.{name}.b", (outputs,), fill=bias)
        s.build(seed)
        s.p["t.position_embedding"].data.copy_(waves(t["max_position_embeddings"], tw))
        s.copy.copy_(s.flat), s.mean.copy_(s.flat)
        self.v_eps, self.t_eps = v["layer_norm_eps"], t["layer_norm_eps"]
        self.vl, self.tl = v["num_hidden_layers"], t["num_hidden_layers"]
        self.offsets = {}

    def norm(self, name, w):
        self.store.add(name + ".g", (w,), fill=1)
        self.store.add(name + ".b", (w,), fill=0)

    def layer(self, name, w, inner, depth):
        a = self.store.add
        a(f"{name}.qkv.w", (3 * w, w), 0.6 * w**-0.5), a(f"{name}.qkv.b", (3 * w,), fill=0)
        a(f"{name}.out.w", (w, w), 0.6 * w**-0.5), a(f"{name}.out.b", (w,), fill=0)
        a(f"{name}.fc1.w", (inner, w), 0.6 * w**-0.5), a(f"{name}.fc1.b", (inner,), fill=0)
        a(f"{name}.fc2.w", (w, inner), 0.6 * inner**-0.5), a(f"{name}.fc2.b", (w,), fill=0)
        self.norm(name + ".ln1", w), self.norm(name + ".ln2", w)

    def linear(self, x, name):
        return Linear.apply(x, self.store.p[name], self.store.b[name])

    def add_norm(self, x, r, rbias, norm, eps, which):
        p = self.store.p
        return AddNorm.apply(x, r, None if r is None else p[rbias], p[norm + ".g"], p[norm + ".b"], eps, which)

    def image(self, pixels, patches=False):
        """pixels uint8 [B, H, W, 3] -> (class token after post_layernorm [B, w], patch tokens [B, n, w] or None)."""
        p, n, g, q = self.store.p, pixels.shape[0], self.grid, self.patch
        x = pixels.view(n, g, q, g, q, 3).permute(0, 1, 3, 5, 2, 4).reshape(n * g * g, 3 * q * q)
        x = ((x.float() - 128) / 64).bfloat16()
        e = self.linear(x, "v.patch").float().view(n, g * g, -1)
        x = torch.cat([p["v.cls"].expand(n, 1, -1), e], 1) + p["v.position_embedding"]
        rows = g * g + 1
        off = self.offsets.setdefault(n, torch.arange(0, n * rows + 1, rows, dtype=torch.int32))
        x = self.add_norm(x.view(n * rows, -1), None, None, "v.pre", self.v_eps, "first")
        r, rb = None, None
        for i in range(self.vl):
            k = f"v.{i}"
            x, y = self.add_norm(x, r, rb, k + ".ln1", self.v_eps, "pre")
            o = Attention.apply(self.linear(y, k + ".qkv.w"), p[k + ".qkv.b"], off)
            if i == self.vl - 1 and not patches:
                o, x = o[::rows].contiguous(), x[::rows].contiguous()
            x, y = self.add_norm(x, self.linear(o, k + ".out.w"), k + ".out.b", k + ".ln2", self.v_eps, "pre")
            r, rb = (
                self.linear(Activation.apply(self.linear(y, k + ".fc1.w"), p[k + ".fc1.b"], 0), k + ".fc2.w"),
                k + ".fc2.b",
            )
        h = self.add_norm(x, r, rb, "v.post", self.v_eps, "post")[0]
        if not patches:
            return h, None
        h = h.view(n, rows, -1)
        return h[:, 0], h[:, 1:]

    def text(self, ids, tokens=False):
        """ids: list of int lists -> last_hidden_state[:, 0], [B, w]; with `tokens` also all rows before the
        last layer, [sum of lengths, w]."""
        p = self.store.p
        lengths = np.array([len(i) for i in ids])
        off = torch.from_numpy(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        first = off[:-1].long()
        flat = torch.tensor([t for i in ids for t in i])
        pos = torch.arange(len(flat)) - torch.from_numpy(np.repeat(first.numpy(), lengths))
        x = (
            F.embedding(flat, p["t.word_embedding"])
            + F.embedding(pos, p["t.position_embedding"])
            + p["t.type_embedding"][0]
        )
        x, y = self.add_norm(x, None, None, "t.ln", self.t_eps, "post")
        for i in range(self.tl):
            k = f"t.{i}"
            o = Attention.apply(self.linear(y, k + ".qkv.w"), p[k + ".qkv.b"], off)
            if i == self.tl - 1:
                before = x
                o, x = o[first], x[first]
            x, y = self.add_norm(x, self.linear(o, k + ".out.w"), k + ".out.b", k + ".ln1", self.t_eps, "post")
            h = Activation.apply(self.linear(y, k + ".fc1.w"), p[k + ".fc1.b"], 1)
            x, y = self.add_norm(x, self.linear(h, k + ".fc2.w"), k + ".fc2.b", k + ".ln2", self.t_eps, "post")
        return (x, before) if tokens else x

    def head(self, h, name):
        return F.linear(h, self.store.p[f"head.{name}.w"], self.store.p[f"head.{name}.b"])

    def project(self, h, tower):
        return F.normalize(F.linear(h, self.store.p[tower + ".projection"]), dim=-1)

    @torch.no_grad()
    def state(self):
        """The weights under HF's names, float32."""
        p, out = {k: v.detach().clone() for k, v in self.store.p.items()}, {}
        std = torch.tensor(STD).view(1, 3, 1)
        mean = torch.tensor(MEAN).view(1, 3, 1)
        w = p["v.patch"].view(-1, 3, self.patch**2)
        shift = (w * ((255 * mean - 128) / 64)).sum((1, 2))
        position = p["v.position_embedding"]
        position[1:] += shift
        out["vision_model.embeddings.class_embedding"] = p["v.cls"]
        out["vision_model.embeddings.patch_embedding.weight"] = (w * (255 * std / 64)).view(
            -1, 3, self.patch, self.patch
        )
        out["vision_model.embeddings.position_embedding.weight"] = position
        for ours, theirs in (
            ("v.pre", "vision_model.pre_layrnorm"),
            ("v.post", "vision_model.post_layernorm"),
            ("t.ln", "text_model.embeddings.LayerNorm"),
        ):
            out[theirs + ".weight"], out[theirs + ".bias"] = p[ours + ".g"], p[ours + ".b"]
        for i in range(self.vl):
            k, n = f"v.{i}.", f"vision_model.encoder.layers.{i}."
            for part, name in zip(range(3), "qkv"):
                out[f"{n}self_attn.{name}_proj.weight"] = p[k + "qkv.w"].chunk(3)[part]
                out[f"{n}self_attn.{name}_proj.bias"] = p[k + "qkv.b"].chunk(3)[part]
            out[n + "self_attn.out_proj.weight"], out[n + "self_attn.out_proj.bias"] = p[k + "out.w"], p[k + "out.b"]
            out[n + "mlp.fc1.weight"], out[n + "mlp.fc1.bias"] = p[k + "fc1.w"] / 1.702, p[k + "fc1.b"] / 1.702
            out[n + "mlp.fc2.weight"], out[n + "mlp.fc2.bias"] = p[k + "fc2.w"] * 1.702, p[k + "fc2.b"]
            for j in "12":
                out[f"{n}layer_norm{j}.weight"], out[f"{n}layer_norm{j}.bias"] = p[f"{k}ln{j}.g"], p[f"{k}ln{j}.b"]
        for ours, theirs in (("word", "word"), ("position", "position"), ("type", "token_type")):
            out[f"text_model.embeddings.{theirs}_embeddings.weight"] = p[f"t.{ours}_embedding"]
        for i in range(self.tl):
            k, n = f"t.{i}.", f"text_model.encoder.layer.{i}."
            for part, name in zip(range(3), ("query", "key", "value")):
                out[f"{n}attention.self.{name}.weight"] = p[k + "qkv.w"].chunk(3)[part]
                out[f"{n}attention.self.{name}.bias"] = p[k + "qkv.b"].chunk(3)[part]
            for ours, theirs in (
                ("out", "attention.output.dense"),
                ("fc1", "intermediate.dense"),
                ("fc2", "output.dense"),
            ):
                out[f"{n}{theirs}.weight"], out[f"{n}{theirs}.bias"] = p[f"{k}{ours}.w"], p[f"{k}{ours}.b"]
            for ours, theirs in (("ln1", "attention.output"), ("ln2", "output")):
                out[f"{n}{theirs}.LayerNorm.weight"], out[f"{n}{theirs}.LayerNorm.bias"] = (
                    p[f"{k}{ours}.g"],
                    p[f"{k}{ours}.b"],
                )
        out["visual_projection.weight"], out["text_projection.weight"] = p["v.projection"], p["t.projection"]
        out["logit_scale"] = p["logit_scale"].view(())
        return {k: v.contiguous() for k, v in out.items()}
