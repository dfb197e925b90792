"""Peer of the SAM cases of `npm run perf -- segmenters`: transformers' SamModel with the same weights and inputs.

Our side wrote config.json, model.safetensors, its inputs and outputs to `params["folder"]`; a difference stops the benchmark.
"""

import torch
from perf_peer import Subject
from safetensors.torch import load_file
from transformers import SamModel


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    folder = params["folder"]
    model = SamModel.from_pretrained(folder).eval()
    feeds = load_file(f"{folder}/feeds.safetensors")
    expected = feeds["expected"]
    if params["part"] == "encoder":
        pixels = feeds["pixels"].view(1, 3, 1024, 1024)

        def run():
            with torch.inference_mode():
                return model.get_image_embeddings(pixels)

        found = run().permute(0, 2, 3, 1).flatten()
    else:
        embedding = feeds["embedding"].view(1, 64, 64, 256).permute(0, 3, 1, 2).contiguous()
        points = torch.tensor([[[[200 * 1.6, 150 * 1.6]]]])
        labels = torch.ones(1, 1, 1, dtype=torch.int)

        def forward():
            return model(image_embeddings=embedding, input_points=points, input_labels=labels).pred_masks

        def run():
            with torch.inference_mode():
                masks = torch.nn.functional.interpolate(forward()[0], (1024, 1024), mode="bilinear")
                return torch.nn.functional.interpolate(masks[..., :768, :1024], (480, 640), mode="bilinear") > 0

        with torch.inference_mode():
            found = forward().flatten()
    difference = ((found - expected).abs().max() / found.abs().max()).item()
    if difference > 1e-3:
        raise ValueError(f"its output differs from ours by {difference:.1e} (relative)")
    return Subject(run=run, facts={"difference": f"{difference:.1e}"})
