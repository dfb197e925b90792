"""Peer of `npm run perf -- matmul`: torch.mm into a preallocated result."""

import torch
from perf_peer import Subject, serve


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    size = params["size"]
    a, b, c = torch.full((size, size), 0.5), torch.full((size, size), 2.0), torch.empty(size, size)
    return Subject(run=lambda: torch.mm(a, b, out=c), work=(2 * size**3, "FLOP"))


serve(prepare)
