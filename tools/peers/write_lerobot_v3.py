"""
Writes a LeRobot v3 dataset with lerobot itself, and what lerobot reads back from it.

    .venv-lerobot/bin/python write_lerobot_v3.py FOLDER [--episodes 3] [--frames 12] [--size 64] [--images]

With the defaults this is the fixture packages/data/test/golden/lerobot-v3; with --episodes 200 the set of `npm run perf -- read`.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
from lerobot.datasets.lerobot_dataset import LeRobotDataset


def picture(episode: int, frame: int, size: int) -> np.ndarray:
    """A disc that moves one way with the frame, over a grey that tells the episode."""
    y, x = np.mgrid[0:size, 0:size]
    image = np.full((size, size, 3), 60 + 30 * (episode % 5), np.uint8)
    disc = (x - size * (0.2 + 0.04 * frame)) ** 2 + (y - size / 2) ** 2 < (size / 6) ** 2
    image[disc] = (220, 80, 40)
    return image


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--episodes", type=int, default=3)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--fps", type=int, default=10)
    parser.add_argument("--images", action="store_true", help="store images in parquet instead of video")
    args = parser.parse_args()

    shutil.rmtree(args.folder, ignore_errors=True)
    camera = {
        "dtype": "image" if args.images else "video",
        "shape": (args.size, args.size, 3),
        "names": ["height", "width", "channels"],
    }
    seven = {"dtype": "float32", "shape": (7,), "names": ["x", "y", "z", "roll", "pitch", "yaw", "gripper"]}
    features = {"observation.images.primary": camera, "observation.state": seven, "action": seven}
    dataset = LeRobotDataset.create(
        repo_id="local/fixture", fps=args.fps, features=features, root=args.folder, use_videos=not args.images
    )
    rng = np.random.default_rng(3)
    for episode in range(args.episodes):
        for frame in range(args.frames + episode % 3):
            action = rng.normal(0, 0.05, 7).astype(np.float32)
            action[6] = 1.0 if frame < args.frames // 2 else 0.0
            dataset.add_frame(
                {
                    "observation.images.primary": picture(episode, frame, args.size),
                    "observation.state": rng.normal(size=7).astype(np.float32),
                    "action": action,
                    "task": f"move disc {episode % 2}",
                }
            )
        dataset.save_episode()
    dataset.finalize()

    read = LeRobotDataset("local/fixture", root=args.folder)
    rows = []
    for i in range(read.num_frames if read.num_frames < 200 else 0):
        item = read[i]
        rows.append(
            {
                "episode": int(item["episode_index"]),
                "frame": int(item["frame_index"]),
                "task": item["task"],
                "timestamp": float(item["timestamp"]),
                "action": item["action"].tolist(),
                "state": item["observation.state"].tolist(),
                "imageMean": (item["observation.images.primary"].mean(dim=(1, 2)) * 255).tolist(),
            }
        )
    if rows:
        (args.folder.parent / f"{args.folder.name}.expected.json").write_text(json.dumps(rows) + "\n")
    shutil.rmtree(args.folder / "images", ignore_errors=True)
    print(f"{args.folder}: {read.num_episodes} episodes, {read.num_frames} frames")


if __name__ == "__main__":
    main()
