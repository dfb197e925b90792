"""lerobot on a v3 dataset with video: frames of whole episodes in order, ten episodes a run, going round the dataset."""

import itertools
from pathlib import Path

import torch
from lerobot.datasets.lerobot_dataset import LeRobotDataset

from perf_peer import Subject, serve


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    root = Path(__file__).parents[2] / params["dataset"]
    data = LeRobotDataset("local/fixture", root=root)
    camera = "observation.images.primary"
    bounds = [(int(e["dataset_from_index"]), int(e["dataset_to_index"])) for e in data.meta.episodes]
    rounds = itertools.cycle(range(0, len(bounds), params["episodesPerRun"]))
    facts = {"episodes": len(bounds), "frames": data.num_frames}

    def run() -> None:
        first = next(rounds)
        for start, end in bounds[first : first + params["episodesPerRun"]]:
            for i in range(start, end):
                facts["level"] = float(data[i][camera][0, 0, 0])

    return Subject(run=run, work=(data.num_frames / len(bounds) * params["episodesPerRun"], "frame"), facts=facts)


serve(prepare)
