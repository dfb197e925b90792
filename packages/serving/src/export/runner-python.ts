/** `run.py` of an exported folder: the whole of what a robot needs, in 30 lines. */
export const RUN_PY = `"""python run.py IMAGE "INSTRUCTION" [STATE ...]: prints the action chunk. Needs onnxruntime, numpy and pillow."""
import json
import sys
from pathlib import Path
import numpy as np
import onnxruntime
from PIL import Image, ImageOps
from tokenizer import prompt_ids

HERE = Path(__file__).parent
POLICY = json.loads((HERE / "policy.json").read_text())
session = onnxruntime.InferenceSession(str(HERE / "model.onnx"), providers=onnxruntime.get_available_providers())

def act(image, instruction, state=(), mask=None, noise=None):
    """RGB array [H, W, 3], text, state in the dataset's units, object mask [H, W] -> chunk [Nc, A] in the dataset's units."""
    size, stats = (POLICY["image"]["width"], POLICY["image"]["height"]), POLICY["statistics"]
    fit = (lambda i, how: i.resize(size, how)) if POLICY["image"]["fit"] == "squash" else (lambda i, how: ImageOps.pad(i, size, how))
    feeds = {i.name: np.zeros(i.shape, np.int64 if i.type == "tensor(int64)" else np.float32) for i in session.get_inputs()}
    fill = lambda name, value: feeds[name].__setitem__(Ellipsis, value) if name in feeds else None
    fill("image", np.asarray(fit(Image.fromarray(image), Image.LANCZOS), np.float32) / 255)
    ids = prompt_ids(POLICY, instruction, HERE, mask is not None)
    fill("tokens", ids + [POLICY["special"]["pad"]] * (POLICY["text"]["maxTokens"] - len(ids)))
    fill("tokenValid", np.arange(POLICY["text"]["maxTokens"]) < len(ids))
    fill("promptLabels", -1)
    for name in ("objectMask", "promptMask") if mask is not None else ():
        fill(name, np.asarray(fit(Image.fromarray(np.asarray(mask, np.uint8)), Image.NEAREST)) > 0)
    fill("noise", np.random.standard_normal(feeds["noise"].shape) if noise is None and "noise" in feeds else noise)
    if "state" in feeds:
        s = {k: np.array(v) for k, v in (stats or {}).get("proprio", {}).items()}
        scaled = state if not s else np.where(s["min"] == s["max"], 0, np.clip(2 * (state - s["q01"]) / (s["q99"] - s["q01"] + 1e-8) - 1, -1, 1))
        fill("state", scaled if not s else np.where(s["mask"], scaled, state))
    chunk, a = session.run(["chunk"], feeds)[0][0], {k: np.array(v) for k, v in (stats or {}).get("action", {}).items()}
    return chunk if not a else np.where(a["mask"], 0.5 * (chunk + 1) * (a["q99"] - a["q01"]) + a["q01"], chunk)

if __name__ == "__main__":
    print(act(np.asarray(Image.open(sys.argv[1]).convert("RGB")), sys.argv[2], np.array(sys.argv[3:], np.float32)))
`;

/** \`tokenizer.py\` for the tokenizer without files: words hashed into ids. */
export const HASHED_WORDS_PY = `"""Tokenizer of this policy: words and marks hashed into ids. Needs nothing."""
import re

M = 0xFFFFFFFF


def bucket(word, buckets):
    h = 0x811C9DC5
    for unit in memoryview(word.encode("utf-16-le")).cast("H"):
        h = ((h ^ unit) * 0x01000193) & M
    state = []
    for _ in range(4):
        h = (h + 0x9E3779B9) & M
        z = ((h ^ (h >> 16)) * 0x85EBCA6B) & M
        z = ((z ^ (z >> 13)) * 0xC2B2AE35) & M
        state.append(z ^ (z >> 16))
    draws = []
    for _ in range(2):
        p = (state[1] * 5) & M
        draws.append((((p << 7) | (p >> 25)) * 9) & M)
        t = (state[1] << 9) & M
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = ((state[3] << 11) | (state[3] >> 21)) & M
    return int(((draws[0] >> 5) * 67108864 + (draws[1] >> 6)) / 9007199254740992 * buckets)


def encode(text, policy, folder):
    t = policy["tokenizer"]
    return [t["firstId"] + bucket(w, t["buckets"]) for w in re.findall(r"[^\\W_]+|[^\\s\\w]|_", text.lower())]

`;

/** \`tokenizer.py\` for a checkpoint's tokenizer.json. */
export const FILE_TOKENIZER_PY = `"""Tokenizer of this policy: tokenizer.json beside this file. Needs the package tokenizers."""
from tokenizers import Tokenizer

_loaded = []


def encode(text, policy, folder):
    if not _loaded:
        _loaded.append(Tokenizer.from_file(str(folder / "tokenizer.json")))
    return _loaded[0].encode(text, add_special_tokens=False).ids

`;

/** The prompt, after either tokenizer. */
export const PROMPT_PY = `
def prompt_ids(policy, instruction, folder, has_mask):
    text, special, counts = policy["text"], policy["special"], policy["placeholders"]
    template = text["template" if has_mask else "plainTemplate"]
    filled = template.replace("{instruction}", instruction.lower() if text["lowercase"] else instruction)
    ids, inserts = [special["bos"]], {"{annotations}": "annotations", "{visual prompts}": "visualPrompts"}
    import re

    for piece in re.split(r"(\\{annotations\\}|\\{visual prompts\\})", filled):
        key = inserts.get(piece)
        ids += encode(piece, policy, folder) if key is None else [special[key]] * counts[key]
    if text["endToken"] is not None and ids[-1] != text["endToken"]:
        ids.append(text["endToken"])
    if len(ids) > text["maxTokens"]:
        raise ValueError(f"the prompt has {len(ids)} tokens, the policy takes {text['maxTokens']}")
    return ids
`;
