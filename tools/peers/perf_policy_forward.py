"""Peer of `npm run perf -- policy-forward`: the same recipe, weights and inputs in PyTorch (see policies.py).

Our side wrote weights, inputs and the chunk it computed to `params["folder"]` before this side starts; a chunk that
differs stops the benchmark.
"""

import json

import policies
import torch
from perf_peer import Subject, serve
from safetensors.torch import load_file


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    folder = params["folder"]
    with open(f"{folder}/policy.json") as file:
        description = json.load(file)
    policy, missing = policies.load(description["recipe"], f"{folder}/weights.safetensors")
    feeds = load_file(f"{folder}/feeds.safetensors")
    expected = feeds.pop("chunk")
    for name in ("tokens", "promptLabels"):
        if name in feeds:
            feeds[name] = feeds[name].long()
    forward = torch.compile(policy) if params.get("compile") else policy

    def run() -> torch.Tensor:
        with torch.inference_mode():
            return forward(**feeds)

    difference = ((run() - expected).abs().max() / expected.abs().max()).item()
    if difference > 2e-3:
        raise ValueError(
            f"its chunk differs from ours by {difference:.1e} (relative); weights not given: {missing[:5]}"
        )
    return Subject(run=run, work=(description["flops"], "FLOP"), facts={"difference": f"{difference:.1e}"})


serve(prepare)
