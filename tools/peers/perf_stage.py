"""Peer of `npm run perf -- stage1` and `stage2`: the same train step in PyTorch (see policies.py).

Our side wrote recipe, weights, inputs, the names of what trains and the loss of the first step to `params["folder"]`; a first
loss that differs stops the benchmark. With `cachedPeer`, what is frozen is computed once: in stage 1 the states the decoder
reads, in stage 2 the projected vision tokens and the levels the pixel encoder reads. Otherwise it is computed at every step.
"""

import json
import re

import policies
import torch
from perf_peer import Subject, serve
from safetensors.torch import load_file


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    folder = params["folder"]
    with open(f"{folder}/policy.json") as file:
        description = json.load(file)
    policy, _ = policies.load(description["recipe"], f"{folder}/weights.safetensors")
    feeds = load_file(f"{folder}/feeds.safetensors")
    expected = feeds.pop("loss").item()
    actions, weights = feeds.pop("actions"), feeds.pop("actionWeights")[..., None]
    for name in ("tokens", "promptLabels"):
        if name in feeds:
            feeds[name] = feeds[name].long()

    ours = {re.sub(r"^(backbone|decoder)\.", r"inner.\1.", name) for name in description["trained"]}
    for name, parameter in policy.named_parameters():
        parameter.requires_grad_(name in ours)
    trained = [p for p in policy.parameters() if p.requires_grad]
    if len(trained) != len(ours):
        raise ValueError(f"{len(trained)} parameters train here and {len(ours)} on our side")
    optimizer = torch.optim.AdamW(trained, lr=description["learningRate"], weight_decay=0.0, fused=True)
    forward = _cached(policy, feeds, description["stage"]) if params.get("cachedPeer") else lambda: policy(**feeds)

    def loss_of(chunk: torch.Tensor) -> torch.Tensor:
        return (chunk.sub(actions).abs() * weights).sum() / (weights.sum() * actions.shape[2])

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        loss_of(forward()).backward()
        torch.nn.utils.clip_grad_norm_(trained, description["clipNorm"])
        optimizer.step()

    with torch.no_grad():
        difference = abs(loss_of(forward()).item() - expected) / expected
    if difference > 1e-4:
        raise ValueError(f"its first loss differs from ours by {difference:.1e} (relative)")
    facts = {"difference": f"{difference:.1e}", "trainableParameters": sum(p.numel() for p in trained)}
    return Subject(run=run, work=(actions.shape[0], "sample"), facts=facts)


def _cached(policy: policies.Policy, feeds: dict, stage: str):
    """The step's forward pass with the frozen part computed beforehand."""
    kept: dict = {}
    if stage == "stage1":
        head = policy.inner.decoder.model
        handle = head.register_forward_hook(lambda _module, inputs, _output: kept.update(states=inputs[0]))
        with torch.no_grad():
            policy(**feeds)
        handle.remove()
        return lambda: head(kept["states"])
    with torch.no_grad():
        seen, levels = policy.visionEncoder(feeds["image"])
        projected = policy.projector(seen)
    rest = {name: value for name, value in feeds.items() if name != "image"}
    policy.visionEncoder.forward = lambda _image: (seen, levels)
    policy.projector.forward = lambda _seen: projected
    return lambda: policy(image=None, **rest)


serve(prepare)
