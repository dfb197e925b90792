"""
What TensorFlow Datasets reads from the Bridge debug set, as digests: packages/data/test/golden/tfds-bridge.json.

    .venv-tf/bin/python tfds_bridge.py ../../../shared/data/octo-bridge-debug/bridge_dataset/1.0.0
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

OUT = Path(__file__).parents[2] / "packages/data/test/golden/tfds-bridge.json"


def digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()[:16]


def binarize(gripper: np.ndarray) -> np.ndarray:
    """OpenVLA's rule: the next decided value counts for what lies in between."""
    out, carry = np.zeros_like(gripper), gripper[-1]
    for i in range(len(gripper) - 1, -1, -1):
        carry = 1.0 if gripper[i] > 0.95 else 0.0 if gripper[i] < 0.05 else carry
        out[i] = carry
    return out


def standardise(action: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """OpenVLA's bridge_orig: without the first frame, motion relabelled from states, without the last frame."""
    action, state = action[1:], state[1:]
    gripper = binarize(action[:, 6])
    return np.concatenate([state[1:, :6] - state[:-1, :6], gripper[:-1, None]], 1), state[:-1]


def statistics(rows: list[np.ndarray]) -> dict:
    x = np.concatenate(rows).astype(np.float64)
    q01, q99 = np.quantile(x, 0.01, axis=0), np.quantile(x, 0.99, axis=0)
    values = {"mean": x.mean(0), "std": x.std(0), "max": x.max(0), "min": x.min(0), "q01": q01, "q99": q99}
    return {key: value.tolist() for key, value in values.items()}


def main() -> None:
    builder = tfds.builder_from_directory(sys.argv[1])
    decoders = {"steps": {"observation": {f"image_{i}": tfds.decode.SkipDecoding() for i in range(4)}}}
    splits = {}
    actions, states = [], []
    for split in ("train", "val"):
        episodes = []
        read = tfds.ReadConfig(interleave_cycle_length=1)
        for episode in builder.as_dataset(split=split, decoders=decoders, shuffle_files=False, read_config=read):
            steps = list(episode["steps"].as_numpy_iterator())
            stack = lambda get: np.stack([np.asarray(get(s), np.float32) for s in steps])
            action, state = standardise(stack(lambda s: s["action"]), stack(lambda s: s["observation"]["state"]))
            actions.append(action)
            states.append(state)
            images = hashlib.sha256(b"".join(s["observation"][f"image_{i}"] for i in range(4) for s in steps))
            decoded = tf.io.decode_jpeg(steps[0]["observation"]["image_0"], dct_method="INTEGER_ACCURATE").numpy()
            episodes.append(
                {
                    "task": steps[0]["language_instruction"].decode(),
                    "frames": len(steps),
                    "action": digest(stack(lambda s: s["action"])),
                    "state": digest(stack(lambda s: s["observation"]["state"])),
                    "embedding": digest(stack(lambda s: s["language_embedding"])),
                    "flags": digest(
                        stack(lambda s: [s["is_first"], s["is_last"], s["is_terminal"], s["reward"], s["discount"]])
                    ),
                    "filePath": episode["episode_metadata"]["file_path"].numpy().decode(),
                    "episodeId": int(episode["episode_metadata"]["episode_id"].numpy()),
                    "images": images.hexdigest()[:16],
                    "firstImageSum": int(decoded.astype(np.int64).sum()),
                    "firstImageCorner": decoded[:2, :2].ravel().tolist(),
                }
            )
        splits[split] = episodes
    both = {"action": statistics(actions), "proprio": statistics(states), "num_transitions": sum(map(len, actions))}
    OUT.write_text(
        json.dumps({"tensorflowDatasets": tfds.__version__, "statistics": both, "splits": splits}, indent=1) + "\n"
    )
    print(f"{OUT}: {sum(map(len, splits.values()))} episodes")


if __name__ == "__main__":
    main()
