"""Drives `pixelvla serve` as OpenVLA's and OpenVLA-OFT's clients do: requests with json_numpy patched into json.

serve_openvla.py URL CASE.json   Prints one JSON line. Cases come from serving-cases.ts.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version

import json_numpy
import numpy as np
import requests

from serve_case import TOLERANCE, difference, load

json_numpy.patch()


def main(url: str, case_file: str) -> None:
    case = load(case_file)
    act = f"{url}/act"
    first = {"reset": True} | ({"visual_prompt": {"mask": case.mask}} if case.mask is not None else {})
    state = {"state": case.state} if case.state.size else {}
    worst = 0.0

    # OpenVLA: one image, one action, float64.
    request = {"image": case.image, "instruction": case.instruction}
    reply = requests.post(act, json=request | state | first, timeout=120).json()
    assert isinstance(reply, np.ndarray) and reply.dtype == np.float64 and reply.shape == case.expected.shape[2:], reply
    worst = max(worst, difference(reply, case.expected[0, 0]))
    # The double-encoded form of its deploy script: text in, text out.
    double = requests.post(act, json={"encoded": json.dumps(request | state | first)}, timeout=120).json()
    worst = max(worst, difference(json.loads(double), case.expected[0, 0]))

    # OFT: full_image and any wrist images, the list of the chunk's actions.
    oft = {"full_image": case.image, "wrist_image": case.image, "instruction": case.instruction} | state
    session = requests.Session()
    for k, row in enumerate(case.expected):
        reply = session.post(act, json=oft | (first if k == 0 else first | {"reset": False}), timeout=120).json()
        assert isinstance(reply, list) and all(isinstance(step, np.ndarray) for step in reply), reply
        worst = max(worst, difference(reply, row))
    assert worst < TOLERANCE, worst

    # Failures: status 200 and the text "error", as the originals; 422 for what is no JSON object.
    failed = requests.post(act, json={"instruction": "no image"}, timeout=120)
    assert failed.status_code == 200 and failed.json() == "error", failed.text
    assert "PVLA_SERVE_OBSERVATION" in failed.headers["x-pixelvla-error"]
    assert requests.post(act, json={"encoded": json.dumps(request), "more": 1}, timeout=120).status_code in (200, 422)
    assert requests.post(act, data="{", headers={"content-type": "application/json"}, timeout=120).status_code == 422
    client = f"json-numpy {version('json-numpy')}, requests {version('requests')}"
    print(json.dumps({"client": client, "difference": worst, "requests": 2 + len(case.expected)}))


main(sys.argv[1], sys.argv[2])
