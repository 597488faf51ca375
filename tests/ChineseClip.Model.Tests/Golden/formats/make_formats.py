"""Draws small pictures in every variant of the formats and writes the SHA-256 of Pillow's convert("RGB") bytes to digests.json.

Run with Pillow 9.4.0, the reference: python3 make_formats.py (in this folder).
"""
import hashlib
import io
import json
import pathlib
import random
import struct
import zlib

import PIL
from PIL import Image, ImageOps

assert PIL.__version__ == "9.4.0", PIL.__version__
here = pathlib.Path(__file__).parent
rng = random.Random(7)
W, H = 27, 19
RESIZED = "png_rgb.png", "png_palette.png", "jpeg_progressive.jpg"
SIZES = (16, 16), (40, 11), (27, 8), (9, 19), (50, 60)
entries = []


def keep(name, data):
    (here / name).write_bytes(data)
    image = Image.open(io.BytesIO(data))
    rgb = image.convert("RGB")
    entry = {"file": name, "mode": image.mode, "format": image.format, "rgb": digest(rgb), "resized": {}, "pixelValues": {}}
    turned = ImageOps.exif_transpose(image).convert("RGB")
    if turned.tobytes() != rgb.tobytes() or turned.size != rgb.size:
        entry["rgbExif"] = digest(turned)
    for mode, number in ("bicubic", 3), ("bilinear", 2), ("lanczos", 1), ("nearest", 0), ("box", 4), ("hamming", 5):
        for width, height in SIZES if name in RESIZED else ():
            entry["resized"][f"{mode}_{width}x{height}"] = digest(rgb.resize((width, height), number))
    # As cn_clip does: resized as the file holds it, then converted.
    for width, height in (16, 16), (50, 60):
        entry["resized"][f"ofa_{width}x{height}"] = digest(image.resize((width, height), 3).convert("RGB"))
    entries.append(entry)


def digest(image):
    return {"width": image.width, "height": image.height, "sha256": hashlib.sha256(image.tobytes()).hexdigest()}


def save(name, image, **options):
    out = io.BytesIO()
    image.save(out, **options)
    keep(name, out.getvalue())


def smooth(mode, width=W, height=H):
    bands = [Image.new("L", (width, height)) for _ in Image.new(mode, (1, 1)).getbands()]
    for k, band in enumerate(bands):
        band.putdata([(x * (7 + 3 * k) + y * (11 - 2 * k) + rng.randrange(24)) % 256 for y in range(height) for x in range(width)])
    return Image.merge(mode, bands)


def png(colour, depth, samples, interlaced=False, width=W, height=H):
    """A PNG from samples[y][x] = tuple of numbers of `depth` bits; Pillow writes neither 16-bit colour nor Adam7."""
    def row(values):
        bits = "".join(format(v, f"0{depth}b") for pixel in values for v in pixel)
        bits += "0" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    bpp = max(1, len(samples[0][0]) * depth // 8)
    raw = bytearray()
    for x0, y0, dx, dy in passes:
        previous = None
        for number, y in enumerate(range(y0, height, dy)):
            line = row([samples[y][x] for x in range(x0, width, dx)]) if x0 < width else b""
            if not line:
                continue
            previous = previous if previous is not None else bytes(len(line))
            kind = number % 5
            raw.append(kind)
            for i, value in enumerate(line):
                left = line[i - bpp] if i >= bpp else 0
                up = previous[i]
                corner = previous[i - bpp] if i >= bpp else 0
                estimate = left + up - corner
                paeth = min((left, up, corner), key=lambda c: abs(estimate - c))
                raw.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) & 255)
            previous = line
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    packed = zlib.compress(bytes(raw))
    middle = len(packed) // 2
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed[:middle]) + chunk(b"IDAT", packed[middle:]) + chunk(b"IEND", b"")


def samples(channels, limit):
    return [[tuple(rng.randrange(limit) for _ in range(channels)) for _ in range(W)] for _ in range(H)]


rgb, rgba, gray = smooth("RGB"), smooth("RGBA"), smooth("L")
palette = rgb.quantize(16)

for name, image, options in (
    ("rgb", rgb, {}), ("rgba", rgba, {}), ("gray", gray, {}), ("gray_alpha", smooth("LA"), {}), ("bilevel", gray.convert("1"), {}),
    ("palette", palette, {}), ("palette_2bit", rgb.quantize(4), {"bits": 2}), ("palette_transparent", palette, {"transparency": 3}),
    ("palette_alphas", palette, {"transparency": bytes(range(0, 160, 10))}), ("rgb_transparent", rgb, {"transparency": rgb.getpixel((2, 2))}),
    ("gray_transparent", gray, {"transparency": gray.getpixel((2, 2))}),
):
    save(f"png_{name}.png", image, format="PNG", **options)
keep("png_gray16.png", png(0, 16, samples(1, 400)))
keep("png_gray16_interlaced.png", png(0, 16, samples(1, 400), True))
keep("png_rgb16.png", png(2, 16, samples(3, 65536)))
keep("png_rgb16_interlaced.png", png(2, 16, samples(3, 65536), True))
keep("png_gray_alpha16.png", png(4, 16, samples(2, 65536)))
keep("png_rgba16.png", png(6, 16, samples(4, 65536)))
keep("png_rgb_interlaced.png", png(2, 8, samples(3, 256), True))
keep("png_gray1_interlaced.png", png(0, 1, samples(1, 2), True))
keep("png_gray2.png", png(0, 2, samples(1, 4)))
keep("png_gray4.png", png(0, 4, samples(1, 16)))

for subsampling in 0, 1, 2:
    save(f"jpeg_subsampling{subsampling}.jpg", rgb, format="JPEG", quality=85, subsampling=subsampling)
save("jpeg_progressive.jpg", smooth("RGB", 61, 45), format="JPEG", progressive=True, quality=60)
save("jpeg_low_quality.jpg", rgb, format="JPEG", quality=5)
save("jpeg_gray.jpg", gray, format="JPEG")
save("jpeg_cmyk.jpg", smooth("CMYK"), format="JPEG", quality=90)
save("jpeg_cmyk_progressive.jpg", smooth("CMYK"), format="JPEG", quality=90, progressive=True)
try:
    from PIL import ImageCms
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
except ImportError:
    profile = b"\0" * 132
save("jpeg_profile.jpg", rgb, format="JPEG", icc_profile=profile)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f"jpeg_orientation{orientation}.jpg", rgb, format="JPEG", exif=exif)

save("gif_plain.gif", palette, format="GIF")
save("gif_interlaced.gif", palette, format="GIF", interlace=1)
save("gif_transparent.gif", palette, format="GIF", transparency=5)
save("gif_gray.gif", gray, format="GIF")
save("gif_animated.gif", palette, format="GIF", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180).quantize(16)], duration=50)
for name, transparency in ("gif_offset", None), ("gif_offset_transparent", 5):
    out = io.BytesIO()
    palette.save(out, format="GIF", **({} if transparency is None else {"transparency": transparency}))
    data = bytearray(out.getvalue())
    table = 13 + 3 * (2 << (data[10] & 7))
    descriptor = data.index(0x2C, table)
    struct.pack_into("<HH", data, 6, W + 9, H + 7)
    struct.pack_into("<HH", data, descriptor + 1, 4, 3)
    keep(f"{name}.gif", bytes(data))

save("webp_lossy.webp", rgb, format="WEBP", quality=75)
save("webp_lossless.webp", rgb, format="WEBP", lossless=True)
save("webp_lossy_alpha.webp", rgba, format="WEBP", quality=75)
save("webp_lossless_alpha.webp", rgba, format="WEBP", lossless=True, exact=True)

for name, image in ("rgb", rgb), ("rgba", rgba), ("gray", gray), ("palette", palette), ("bilevel", gray.convert("1")):
    save(f"bmp_{name}.bmp", image, format="BMP")
out = io.BytesIO()
rgb.save(out, format="BMP")
data = bytearray(out.getvalue())
struct.pack_into("<i", data, 22, -H)
keep("bmp_top_down.bmp", bytes(data))

# The same coefficients taken for luma, chroma and black: Adobe's transform 2 instead of 0.
for kind in "", "_progressive":
    data = bytearray((here / f"jpeg_cmyk{kind}.jpg").read_bytes())
    data[data.index(b"Adobe") + 11] = 2
    keep(f"jpeg_ycck{kind}.jpg", bytes(data))
for orientation, name, image in (3, "rgb", rgb), (6, "rgba", rgba), (5, "palette", palette):
    exif = Image.Exif()
    exif[0x010E] = "a picture"
    exif[0x0112] = orientation
    save(f"png_{name}_orientation{orientation}.png", image, format="PNG", exif=exif)
gray16 = png(0, 16, samples(1, 400))
body = b"eXIf" + b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 8, 0, 0)
keep("png_gray16_orientation8.png", gray16[:-12] + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) + gray16[-12:])
for name, masks in ("555", ()), ("555_masks", (0x7C00, 0x3E0, 0x1F)), ("565_masks", (0xF800, 0x7E0, 0x1F)):
    rows = b"".join(struct.pack(f"<{W}H", *(rng.randrange(65536) for _ in range(W))) + bytes(-2 * W % 4) for _ in range(H))
    fields = struct.pack(f"<{len(masks)}I", *masks)
    start = 54 + len(fields)
    header = struct.pack("<2sIHHI", b"BM", start + len(rows), 0, 0, start)
    keep(f"bmp_{name}.bmp", header + struct.pack("<IiiHHIIiiII", 40, W, H, 1, 16, 3 if masks else 0, len(rows), 0, 0, 0, 0) + fields + rows)

# Indices that the palette lacks, which the format forbids.
for depth, colours in (2, 3), (8, 100):
    data = png(3, depth, samples(1, 1 << depth))
    body = b"PLTE" + bytes(rng.randrange(256) for _ in range(3 * colours))
    keep(f"png_palette_{depth}bit_short.png", data[:33] + struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body)) + data[33:])

(here / "digests.json").write_text(json.dumps({"source": "Pillow 9.4.0, make_formats.py", "images": entries}))
