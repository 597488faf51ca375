"""JPEGs of natural-looking content, and Pillow's time for what a picture costs before the model.

usage: python3 pillow_pictures.py make FILE WIDTH HEIGHT QUALITY SEED
       python3 pillow_pictures.py serve

`serve` reads `FILE SIDE REPEATS DRAFT` a line (DRAFT: 0 or 1, Pillow's opt-in scaled decoding) and answers with two numbers:
CPU seconds of all repeats of decoding and resizing, and of turning the bytes into pixel values with numpy.
"""
import io
import sys
import time

import numpy as np
import PIL
from PIL import Image, features

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
STD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


def make(path, width, height, quality, seed):
    """Clouds at every scale (as photographs have: the finer, the weaker), edges of shapes over them, a little grain."""
    random = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    octave, strength = 2, 55.0
    while octave < max(width, height) // 2:
        coarse = random.standard_normal((octave * height // max(width, height) + 2, octave * width // max(width, height) + 2, 3))
        coarse = 0.8 * coarse.mean(axis=2, keepdims=True) * 1.7 + 0.35 * coarse
        for channel in range(3):
            layer = Image.fromarray(coarse[:, :, channel].astype(np.float32)).resize((width, height), Image.BICUBIC)
            picture[:, :, channel] += strength * np.asarray(layer)
        octave, strength = octave * 2, strength * 0.72
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    for _ in range(24):
        x, y, radius = random.random(), random.random(), 0.02 + 0.1 * random.random()
        inside = (abs(rows - y) + abs(columns - x) < radius) if random.random() < 0.5 else ((rows - y) ** 2 + (columns - x) ** 2 < radius ** 2)
        picture[inside] = picture[inside] * 0.5 + 60 * random.standard_normal(3)
    picture += 128 + 2.0 * random.standard_normal((height, width, 1))
    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(path, quality=quality)


def serve():
    print(f'Pillow {PIL.__version__}, libjpeg-turbo {features.version("libjpeg_turbo")}, numpy {np.__version__}', flush=True)
    for line in sys.stdin:
        path, side, repeats, draft = line.split()
        side = int(side)
        with open(path, 'rb') as file:
            data = file.read()
        decoding = normalizing = 0.0
        for _ in range(int(repeats)):
            start = time.process_time()
            picture = Image.open(io.BytesIO(data))
            if draft == '1':
                picture.draft('RGB', (side, side))
            resized = picture.convert('RGB').resize((side, side), Image.BICUBIC)
            middle = time.process_time()
            values = np.ascontiguousarray(((np.asarray(resized).astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))
            decoding += middle - start
            normalizing += time.process_time() - middle
        with open(path + '.rgb', 'wb') as file:
            file.write(resized.tobytes())
        print(f'{decoding:.6f} {normalizing:.6f} {values.mean():.6f}', flush=True)


if sys.argv[1] == 'make':
    make(sys.argv[2], *map(int, sys.argv[3:7]))
else:
    serve()
