"""Runs exported folders in Python's onnxruntime with the folder's own runner and compares with the policy's actions in process.

serve_export.py FOLDER CASE.json   CASE as written by serving-cases.ts, with an image of the policy's size and its noise.
"""

from __future__ import annotations

import importlib.util
import json
import sys

import numpy as np
import onnxruntime

from serve_case import array, difference


def runner(folder: str):
    sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location("exported_run", f"{folder}/run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(folder: str, case_file: str) -> None:
    with open(case_file) as file:
        case = json.load(file)
    module = runner(folder)
    noise = np.array(case["noise"], np.float32) if "noise" in case else None
    mask = array(case["mask"]) if "mask" in case else None
    chunk = module.act(array(case["image"]), case["instruction"], np.array(case["state"], np.float32), mask, noise)
    found = {"onnxruntime": onnxruntime.__version__, "difference": difference(chunk, np.array(case["expected"]))}
    if noise is not None:  # the cached pair gives the model's own chunk
        session = lambda name: onnxruntime.InferenceSession(f"{folder}/{name}.onnx")
        whole, prefix, sample = session("model"), session("prefix"), session("sample")
        rng = np.random.default_rng(0)
        values = {i.name: rng.random(i.shape).astype(np.float32) for i in whole.get_inputs() if i.type == "tensor(float)"}
        values |= {i.name: np.ones(i.shape, np.int64) for i in whole.get_inputs() if i.type == "tensor(int64)"}
        take = lambda part, given: {i.name: given[i.name] for i in part.get_inputs()}
        names = [o.name for o in prefix.get_outputs()]
        cache = dict(zip(names, prefix.run(names, take(prefix, values))))
        pieces = sample.run(["chunk"], take(sample, values | cache))[0]
        found["pair"] = float(np.abs(whole.run(["chunk"], take(whole, values))[0] - pieces).max())
    print(json.dumps(found))


main(sys.argv[1], sys.argv[2])
