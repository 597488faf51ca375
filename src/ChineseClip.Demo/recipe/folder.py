"""Writes and reads the shipped model: an HF checkpoint folder with float16 safetensors."""
import json
import pathlib
import struct

import numpy as np

from towers import MEAN, STD

DTYPES = {"F16": np.float16, "F32": np.float32, "I64": np.int64}


def config(vocabulary_size, width=192, depth=5, text_width=160, text_depth=3, projection=256, patch=16, size=64):
    return {
        "architectures": ["ChineseCLIPModel"],
        "model_type": "chinese_clip",
        "logit_scale_init_value": 2.6592,
        "projection_dim": projection,
        "text_config": {
            "attention_probs_dropout_prob": 0.0,
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.0,
            "hidden_size": text_width,
            "intermediate_size": 4 * text_width,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": 52,
            "model_type": "chinese_clip_text_model",
            "num_attention_heads": text_width // 32,
            "num_hidden_layers": text_depth,
            "pad_token_id": 0,
            "type_vocab_size": 2,
            "vocab_size": vocabulary_size,
        },
        "torch_dtype": "float16",
        "vision_config": {
            "hidden_act": "quick_gelu",
            "hidden_size": width,
            "image_size": size,
            "intermediate_size": 4 * width,
            "layer_norm_eps": 1e-05,
            "model_type": "chinese_clip_vision_model",
            "num_attention_heads": width // 32,
            "num_channels": 3,
            "num_hidden_layers": depth,
            "patch_size": patch,
            "projection_dim": projection,
        },
    }


def preprocessor(size=64):
    return {
        "do_center_crop": False,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "rescale_factor": 0.00392156862745098,
        "feature_extractor_type": "ChineseCLIPFeatureExtractor",
        "image_processor_type": "ChineseCLIPImageProcessor",
        "image_mean": list(MEAN),
        "image_std": list(STD),
        "resample": 3,
        "size": {"height": size, "width": size},
    }


def write_safetensors(path, tensors):
    header, blobs, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        data = np.asarray(tensors[name], np.float16, order="C")  # keeps a scalar a scalar
        header[name] = {"dtype": "F16", "shape": list(data.shape), "data_offsets": [at, at + data.nbytes]}
        blobs.append(data.tobytes())
        at += data.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def read_safetensors(path):
    raw = pathlib.Path(path).read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + size])
    out = {}
    for name, t in header.items():
        if name != "__metadata__":
            a, b = t["data_offsets"]
            out[name] = (
                np.frombuffer(raw[8 + size + a : 8 + size + b], DTYPES[t["dtype"]])
                .reshape(t["shape"])
                .astype(np.float32)
            )
    return out


def write(path, model, vocabulary):
    path = pathlib.Path(path)
    path.mkdir(parents=True, exist_ok=True)
    (path / "config.json").write_text(json.dumps(model.cfg, indent=2, sort_keys=True) + "\n")
    (path / "preprocessor_config.json").write_text(
        json.dumps(preprocessor(model.cfg["vision_config"]["image_size"]), indent=2) + "\n"
    )
    (path / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "do_lower_case": True,
                "strip_accents": None,
                "tokenize_chinese_chars": True,
                "model_max_length": 52,
                "tokenizer_class": "BertTokenizer",
                "unk_token": "[UNK]",
                "pad_token": "[PAD]",
                "cls_token": "[CLS]",
                "sep_token": "[SEP]",
                "mask_token": "[MASK]",
            },
            indent=2,
        )
        + "\n"
    )
    vocabulary.save(path / "vocab.txt")
    write_safetensors(path / "model.safetensors", {k: v.numpy() for k, v in model.state().items()})
