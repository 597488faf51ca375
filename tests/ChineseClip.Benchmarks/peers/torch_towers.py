"""Chinese-CLIP's towers in plain PyTorch, timed on request: the peer of `ChineseClip.Benchmarks model`.

usage: OPENBLAS_CORETYPE=SkylakeX OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python3 torch_towers.py serve CHECKPOINT_DIR THREADS
       python3 torch_towers.py export CHECKPOINT_DIR OUT_DIR TEXT_LENGTH

`export` writes vision.onnx and text.onnx as torch.onnx gives them, text padded to a fixed length.
`serve` reads one request a line and answers with one line:
    image PIXELS.f32 BATCH REPEATS     -> CPU_SECONDS WALL_SECONDS of all repeats, the rows written to PIXELS.f32.out
    text IDS.i64 BATCH LENGTH REPEATS  -> the same
It computes what transformers' ChineseCLIPModel does: every token of every layer, q, k and v apart, the mask added, rows to unit length.
"""
import json
import math
import mmap
import os
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F


def load(path):
    with open(path, 'rb') as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    length = struct.unpack('<Q', data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != '__metadata__':
            start, end = entry['data_offsets']
            values = np.frombuffer(data, '<f4', (end - start) // 4, 8 + length + start)
            tensors[name] = torch.from_numpy(values.reshape(entry['shape']).copy())
    return tensors


ACTIVATIONS = {'gelu': F.gelu, 'quick_gelu': lambda x: x * torch.sigmoid(1.702 * x), 'relu': F.relu}


class Towers:
    def __init__(self, directory):
        with open(os.path.join(directory, 'config.json'), encoding='utf-8') as file:
            config = json.load(file)
        self.text_config, self.vision_config = config['text_config'], config['vision_config']
        self.w = load(os.path.join(directory, 'model.safetensors'))

    def linear(self, x, name):
        return F.linear(x, self.w[name + '.weight'], self.w.get(name + '.bias'))

    def norm(self, x, name, epsilon):
        return F.layer_norm(x, self.w[name + '.weight'].shape, self.w[name + '.weight'], self.w[name + '.bias'], epsilon)

    def attend(self, x, heads, query, key, value, mask=None):
        batch, length, width = x.shape
        size = width // heads

        def split(name):
            return self.linear(x, name).view(batch, length, heads, size).transpose(1, 2)

        scores = split(query) @ split(key).transpose(-1, -2) / math.sqrt(size)
        shares = torch.softmax(scores if mask is None else scores + mask, dim=-1)
        return (shares @ split(value)).transpose(1, 2).reshape(batch, length, width)

    def text(self, ids):
        config = self.text_config
        epsilon, activate = config.get('layer_norm_eps', 1e-12), ACTIVATIONS[config['hidden_act']]
        prefix = 'text_model.embeddings.'
        mask = (ids == config.get('pad_token_id', 0)).float()[:, None, None, :] * torch.finfo(torch.float32).min
        x = (F.embedding(ids, self.w[prefix + 'word_embeddings.weight'])
             + self.w[prefix + 'token_type_embeddings.weight'][0]
             + self.w[prefix + 'position_embeddings.weight'][:ids.shape[1]])
        x = self.norm(x, prefix + 'LayerNorm', epsilon)
        for layer in range(config['num_hidden_layers']):
            name = f'text_model.encoder.layer.{layer}.'
            self_name = name + 'attention.self.'
            attended = self.attend(
                x, config['num_attention_heads'], self_name + 'query', self_name + 'key', self_name + 'value', mask)
            x = self.norm(self.linear(attended, name + 'attention.output.dense') + x, name + 'attention.output.LayerNorm', epsilon)
            wide = activate(self.linear(x, name + 'intermediate.dense'))
            x = self.norm(self.linear(wide, name + 'output.dense') + x, name + 'output.LayerNorm', epsilon)
        return F.normalize(self.linear(x[:, 0], 'text_projection'), dim=-1)

    def image(self, pixels):
        config = self.vision_config
        epsilon, activate = config.get('layer_norm_eps', 1e-5), ACTIVATIONS[config['hidden_act']]
        prefix = 'vision_model.embeddings.'
        patches = F.conv2d(pixels, self.w[prefix + 'patch_embedding.weight'], stride=config['patch_size']).flatten(2).transpose(1, 2)
        first = self.w[prefix + 'class_embedding'].expand(pixels.shape[0], 1, -1)
        x = torch.cat([first, patches], dim=1) + self.w[prefix + 'position_embedding.weight']
        x = self.norm(x, 'vision_model.pre_layrnorm', epsilon)
        for layer in range(config['num_hidden_layers']):
            name = f'vision_model.encoder.layers.{layer}.'
            self_name = name + 'self_attn.'
            normed = self.norm(x, name + 'layer_norm1', epsilon)
            attended = self.attend(
                normed, config['num_attention_heads'], self_name + 'q_proj', self_name + 'k_proj', self_name + 'v_proj')
            x = x + self.linear(attended, self_name + 'out_proj')
            wide = activate(self.linear(self.norm(x, name + 'layer_norm2', epsilon), name + 'mlp.fc1'))
            x = x + self.linear(wide, name + 'mlp.fc2')
        pooled = self.norm(x[:, 0], 'vision_model.post_layernorm', epsilon)
        return F.normalize(self.linear(pooled, 'visual_projection'), dim=-1)


class Tower(torch.nn.Module):
    def __init__(self, run):
        super().__init__()
        self.run = run

    def forward(self, values):
        return self.run(values)


def export(source, directory, length):
    towers = Towers(source)
    side = towers.vision_config['image_size']
    for name, run, example, value in (
            ('vision.onnx', towers.image, torch.zeros(1, 3, side, side), 'pixel_values'),
            ('text.onnx', towers.text, torch.full((1, length), 105), 'input_ids')):
        torch.onnx.export(
            Tower(run), (example,), os.path.join(directory, name), opset_version=14,
            input_names=[value], output_names=['embedding'], dynamic_axes={value: {0: 'batch'}})


def serve(source, threads):
    torch.set_num_threads(threads)
    towers = Towers(source)
    print(json.dumps({'torch': torch.__version__, 'threads': torch.get_num_threads(), 'blas': blas()}), flush=True)
    for line in sys.stdin:
        kind, path, batch, *rest = line.split()
        if kind == 'image':
            side = towers.vision_config['image_size']
            values = torch.from_numpy(np.fromfile(path, '<f4').reshape(int(batch), -1, side, side))
            run = towers.image
        else:
            values = torch.from_numpy(np.fromfile(path, '<i8').reshape(int(batch), int(rest[0])))
            run = towers.text
        cpu, wall = time.process_time(), time.perf_counter()
        with torch.inference_mode():
            for _ in range(int(rest[-1])):
                rows = run(values)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        rows.numpy().tofile(path + '.out')
        print(f'{cpu:.6f} {wall:.6f}', flush=True)


def blas():
    """The library that multiplies matrices, as it is mapped into this process."""
    with open('/proc/self/maps', encoding='utf-8') as file:
        return sorted({line.split()[-1] for line in file if 'blas' in line.rsplit('/', 1)[-1]})


if sys.argv[1] == 'export':
    export(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    serve(sys.argv[2], int(sys.argv[3]))
