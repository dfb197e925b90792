"""Drives `pixelvla serve` with the unmodified openpi-client: handshake, actions, 1,000 requests, two clients, the error path.

serve_openpi.py URL CASE.json [N]   Prints one JSON line. Cases come from serving-cases.ts.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from importlib.metadata import version

import numpy as np
from openpi_client import action_chunk_broker, image_tools, websocket_client_policy

from serve_case import TOLERANCE, Case, difference, load


EPISODE = 20


def observation(case: Case) -> dict:
    found = {"observation/image": case.image, "prompt": case.instruction}
    if case.state.size:
        found["observation/state"] = case.state
    if case.mask is not None:
        found["visual_prompt"] = {"mask": case.mask}  # the optional field; a client that knows nothing of it sends none
    return found


def main(url: str, case_file: str, n: int) -> None:
    case = load(case_file)
    obs, expected = observation(case), case.expected
    policy = websocket_client_policy.WebsocketClientPolicy(url)
    metadata = policy.get_server_metadata()
    assert metadata["action_horizon"] == expected.shape[1] and metadata["action_dim"] == expected.shape[2], metadata
    worst = 0.0
    for row in expected:
        reply = policy.infer(obs)
        worst = max(worst, difference(reply["actions"], row))
    assert worst < TOLERANCE, worst
    assert all(isinstance(v, float) for v in {**reply["server_timing"], **reply["policy_timing"]}.values()), reply
    assert "prev_total_ms" in reply["server_timing"] or len(expected) < 2

    # openpi's own chunk broker slices every array of a reply.
    broker = action_chunk_broker.ActionChunkBroker(websocket_client_policy.WebsocketClientPolicy(url), action_horizon=expected.shape[1])
    for step in range(expected.shape[1]):
        worst = max(worst, difference(broker.infer(obs)["actions"], expected[0, step]))

    # An image of another size goes through the client's own padding, channel-first and float images are taken too.
    padded = image_tools.resize_with_pad(case.image, 224, 224)
    unprompted = {key: value for key, value in obs.items() if key != "visual_prompt"}
    other = websocket_client_policy.WebsocketClientPolicy(url)
    for image in (padded, padded.transpose(2, 0, 1), padded.astype(np.float32) / 255):
        assert other.infer({**unprompted, "observation/image": image})["actions"].shape == expected.shape[1:]

    times, errors = [], []

    def many(count: int) -> None:
        try:
            client = websocket_client_policy.WebsocketClientPolicy(url)
            for k in range(count):  # episodes of EPISODE queries, prompted on their first frame only
                begins = k % EPISODE == 0
                start = time.perf_counter()
                found = client.infer((obs if begins else unprompted) | {"reset": begins})["actions"]
                times.append((time.perf_counter() - start) * 1e3)
                assert np.isfinite(found).all()
                assert not begins or difference(found, expected[0]) < TOLERANCE, (k, difference(found, expected[0]))
        except Exception as error:  # shown below
            errors.append(repr(error))

    clients = [threading.Thread(target=many, args=(n // 2,)) for _ in range(2)]
    [client.start() for client in clients]
    [client.join() for client in clients]
    assert not errors, errors

    # The error path: a text frame, raised by the client with our sentence; the others go on.
    failing = websocket_client_policy.WebsocketClientPolicy(url)
    try:
        failing.infer({"prompt": "nothing to see"})
        raise AssertionError("an observation without image was answered")
    except RuntimeError as error:
        message = str(error)
        assert message.startswith("Error in inference server:\n") and "PVLA_SERVE_OBSERVATION" in message, message
    close = failing._ws.protocol
    try:
        failing._ws.recv()
    except Exception:
        pass
    assert close.close_code == 1011, close.close_code
    assert np.isfinite(policy.infer(obs)["actions"]).all()
    print(
        json.dumps(
            {
                "client": f"openpi-client {version('openpi-client')}",
                "difference": worst,
                "requests": len(times),
                "clients": 2,
                "medianMs": round(float(np.median(times)), 2),
                "error": message.splitlines()[1][:60],
            }
        )
    )


main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1000)
