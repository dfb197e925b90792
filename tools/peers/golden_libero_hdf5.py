"""A small file in LIBERO's own HDF5 layout, written by h5py, with the values a reader must give: packages/data/test/golden/libero-hdf5."""

import json
from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parents[2] / "packages/data/test/golden/libero-hdf5"
FILE = "KITCHEN_SCENE3_turn_on_the_stove_and_put_the_moka_pot_on_it_demo.hdf5"
FRAMES = {0: 6, 2: 4, 10: 5}  # numbers with gaps, and demo_10 sorts before demo_2 as text
SIZE = 16


def main() -> None:
    rng = np.random.default_rng(7)
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {}
    with h5py.File(FOLDER / FILE, "w") as f:
        data = f.create_group("data")
        data.attrs["env_name"] = "Libero_Kitchen_Tabletop_Manipulation"
        data.attrs["problem_info"] = json.dumps({"language_instruction": "turn on the stove"})
        data.attrs["macros_image_convention"] = "opengl"
        data.attrs["num_demos"] = len(FRAMES)
        data.attrs["total"] = sum(FRAMES.values())
        for number, frames in FRAMES.items():
            demo = data.create_group(f"demo_{number}")
            demo.attrs["num_samples"] = frames
            demo.attrs["model_file"] = "<mujoco/>"
            actions = rng.uniform(-0.9, 0.9, (frames, 7))
            actions[:, 6] = np.where(np.arange(frames) < frames // 2, -1.0, 1.0)
            demo.create_dataset("actions", data=actions)
            demo.create_dataset("states", data=rng.normal(size=(frames, 12)))
            demo.create_dataset("robot_states", data=rng.normal(size=(frames, 9)))
            demo.create_dataset("rewards", data=np.eye(1, frames, frames - 1, dtype=np.uint8)[0])
            demo.create_dataset("dones", data=np.eye(1, frames, frames - 1, dtype=np.uint8)[0])
            obs = demo.create_group("obs")
            images = rng.integers(0, 256, (frames, SIZE, SIZE, 3), dtype=np.uint8)
            obs.create_dataset("agentview_rgb", data=images)
            obs.create_dataset("eye_in_hand_rgb", data=images[:, ::-1], chunks=(1, SIZE, SIZE, 3), compression="gzip")
            ee, fingers = rng.normal(size=(frames, 6)), rng.uniform(0, 0.04, (frames, 2))
            obs.create_dataset("ee_states", data=ee)
            obs.create_dataset("ee_pos", data=ee[:, :3])
            obs.create_dataset("ee_ori", data=ee[:, 3:])
            obs.create_dataset("gripper_states", data=fingers)
            obs.create_dataset("joint_states", data=rng.normal(size=(frames, 7)))
            standard = actions.astype(np.float32)
            standard[:, 6] = 1 - np.clip(standard[:, 6], 0, 1)
            upright = images[:, ::-1, ::-1]
            expected[number] = {
                "frames": frames,
                "action": standard.ravel().tolist(),
                "raw_action": actions.astype(np.float32).ravel().tolist(),
                "state": np.concatenate([ee, fingers], 1).astype(np.float32).ravel().tolist(),
                "last_image_rotated": upright[-1].ravel().tolist(),
            }
    (FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")
    print(f"{FOLDER / FILE}: {len(FRAMES)} demonstrations")


if __name__ == "__main__":
    main()
