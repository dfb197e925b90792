"""Peer of the SAM 2 cases of `npm run perf -- segmenters`: transformers' Sam2Model and Sam2VideoModel, same weights and inputs.

Our side wrote the model's folder, its inputs and its output to `params["folder"]`; a difference stops the benchmark.
"""

import numpy as np
import torch
from perf_peer import Subject
from safetensors.torch import load_file
from transformers import Sam2Model, Sam2VideoModel, Sam2VideoProcessor
from transformers.models.sam2.image_processing_sam2 import Sam2ImageProcessor
from transformers.models.sam2_video.video_processing_sam2_video import Sam2VideoVideoProcessor

WIDTH, HEIGHT = 640, 480


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    feeds = load_file(f"{params['folder']}/feeds.safetensors")
    part = {"encoder": encoder, "click": click, "track": track}[params["part"]]
    run, found = part(params["folder"], feeds)
    expected = feeds["expected"]
    difference = ((found - expected).abs().max() / found.abs().max()).item()
    if difference > 1e-3:
        raise ValueError(f"its output differs from ours by {difference:.1e} (relative)")
    return Subject(run=run, facts={"difference": f"{difference:.1e}"})


def encoder(folder: str, feeds: dict):
    model = Sam2Model.from_pretrained(folder).eval()
    pixels = feeds["pixels"].view(1, 3, 1024, 1024)

    def run():
        with torch.inference_mode():
            return model.get_image_embeddings(pixels)

    found = run()[2] - model.no_memory_embedding.detach().view(1, -1, 1, 1)
    return run, found.permute(0, 2, 3, 1).flatten()


def click(folder: str, feeds: dict):
    model = Sam2Model.from_pretrained(folder).eval()

    def channels_first(name: str, side: int):
        return feeds[name].view(1, side, side, -1).permute(0, 3, 1, 2).contiguous()

    embedding = channels_first("embedding", 64) + model.no_memory_embedding.detach().view(1, -1, 1, 1)
    levels = [channels_first("highRes0", 256), channels_first("highRes1", 128), embedding]
    points = torch.tensor([[[[200 * 1024 / WIDTH, 150 * 1024 / HEIGHT]]]])
    labels = torch.ones(1, 1, 1, dtype=torch.int)

    def forward():
        # The call adds to the list it is given.
        return model(image_embeddings=list(levels), input_points=points, input_labels=labels).pred_masks

    def run():
        with torch.inference_mode():
            return torch.nn.functional.interpolate(forward()[0], (HEIGHT, WIDTH), mode="bilinear") > 0

    with torch.inference_mode():
        found = forward().flatten()
    return run, found


def track(folder: str, feeds: dict):
    model = Sam2VideoModel.from_pretrained(folder).eval()
    processor = Sam2VideoProcessor(Sam2ImageProcessor(), Sam2VideoVideoProcessor())
    frames = feeds["frames"].view(-1, HEIGHT, WIDTH, 3).numpy().astype(np.uint8)
    session = processor.init_video_session(video=list(frames))
    processor.add_inputs_to_inference_session(session, 0, 1, input_boxes=[[[0, 150, 130, 290]]])
    last = len(frames) - 1
    with torch.inference_mode():
        for frame in range(last):
            model(session, frame)

    def run():
        # The session keeps the last frame's features, as ours does.
        with torch.inference_mode():
            return model(session, last)

    return run, run().pred_masks.flatten()
