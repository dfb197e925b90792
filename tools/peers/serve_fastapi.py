"""Peer of `npm run perf -- serve`: the same policy in PyTorch behind FastAPI and uvicorn, as OpenVLA's deploy script.

serve_fastapi.py FOLDER THREADS   Prints its port. FOLDER as written by serve.perf.ts; text is tokenised before (feeds.safetensors).
"""

from __future__ import annotations

import json
import socket
import sys

import json_numpy

json_numpy.patch()
import policies  # noqa: E402
import torch  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI, Request  # noqa: E402
from fastapi.responses import Response  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from starlette.concurrency import run_in_threadpool  # noqa: E402


def main(folder: str, threads: int) -> None:
    torch.set_num_threads(threads)
    with open(f"{folder}/policy.json") as file:
        recipe = json.load(file)["recipe"]
    policy, _ = policies.load(recipe, f"{folder}/weights.safetensors")
    feeds = load_file(f"{folder}/feeds.safetensors")
    feeds["tokens"] = feeds["tokens"].long()
    app = FastAPI()

    def predict(payload: dict):
        with torch.inference_mode():
            image = torch.from_numpy(payload["image"].copy())[None].float() / 255
            return policy(**(feeds | {"image": image}))[0, 0].double().numpy()

    @app.post("/act")
    async def act(request: Request) -> Response:
        payload = json.loads(await request.body())
        action = await run_in_threadpool(predict, payload)  # as FastAPI runs the original's plain function
        return Response(json.dumps(action, separators=(",", ":")), media_type="application/json")

    # With the protocol named, as asyncio only then turns Nagle's algorithm off (without, every answer waits 40 ms for an acknowledgement).
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


main(sys.argv[1], int(sys.argv[2]))
