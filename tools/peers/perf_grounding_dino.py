"""Peer of the Grounding DINO cases of `npm run perf -- segmenters`: transformers' GroundingDinoForObjectDetection, same weights and inputs.

Our side wrote config.json, model.safetensors, its inputs and its encoder's output to `params["folder"]`; features that
differ stop the benchmark.
"""

import torch
from perf_peer import Subject
from safetensors.torch import load_file
from transformers import GroundingDinoForObjectDetection


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    folder = params["folder"]
    model = GroundingDinoForObjectDetection.from_pretrained(folder).eval()
    feeds = load_file(f"{folder}/feeds.safetensors")
    pixels = feeds["pixels"].view(1, 3, params["height"], params["width"])
    ids = feeds["ids"].long()[None]

    def run():
        with torch.inference_mode():
            return model(pixel_values=pixels, input_ids=ids)

    found = run().encoder_last_hidden_state_vision.flatten()
    difference = ((found - feeds["encoderVision"]).abs().max() / found.abs().max()).item()
    if difference > 1e-3:
        raise ValueError(f"its encoded picture differs from ours by {difference:.1e} (relative)")
    return Subject(run=run, facts={"difference": f"{difference:.1e}"})
