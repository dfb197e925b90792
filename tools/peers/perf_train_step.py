"""Peer of `npm run perf -- train-step`: forward, backward and AdamW of tools/peers/transformer.py in PyTorch."""

import torch
from perf_peer import Subject, serve
from transformer import Transformer, train_flops


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    torch.manual_seed(0)
    size = {key: params[key] for key in ("vocab", "width", "heads", "blocks", "length")}
    batch = params["batch"]
    model = Transformer(**size)
    count = sum(p.numel() for p in model.parameters())
    tokens = torch.randint(0, size["vocab"], (batch, size["length"]))
    labels = torch.randint(0, size["vocab"], (batch, size["length"]))
    # The fused implementation is the fastest of PyTorch's three AdamW loops on CPU.
    optimizer = torch.optim.AdamW(model.parameters(), lr=params["lr"], weight_decay=params["weightDecay"], fused=True)
    forward = torch.compile(model, mode=params.get("mode")) if params.get("compile") else model
    last: dict = {}

    def run() -> None:
        optimizer.zero_grad(set_to_none=True)
        _, loss = forward(tokens, labels)
        loss.backward()
        optimizer.step()
        last["loss"] = loss.item()
        last["steps"] = last.get("steps", 0) + 1

    flops = train_flops(size["vocab"], size["width"], size["blocks"], batch, size["length"])
    return Subject(run=run, work=(flops, "FLOP"), facts=lambda: {"parameters": count, **last})


serve(prepare)
