"""Peer of `npm run perf -- annotate`: the same frames, boxes and SAM weights through transformers, as one would write it by hand.

Per frame: open the JPEG, preprocess, encode, one box prompt, mask in the picture's size, run-length encode. Our side wrote pictures, boxes, weights
and its first mask to `params["folder"]`; a mask that differs in more than a thousandth of the pixels stops the benchmark.
"""

import json

import numpy as np
import torch
from perf_peer import Subject, serve
from PIL import Image
from transformers import SamImageProcessor, SamModel, SamProcessor


def prepare(params: dict) -> Subject:
    torch.set_num_threads(params["threads"])
    folder, n_frames = params["folder"], params["nFrames"]
    model = SamModel.from_pretrained(folder).eval()
    processor = SamProcessor(SamImageProcessor.from_pretrained(folder))
    with open(f"{folder}/boxes.json") as file:
        boxes = json.load(file)

    def annotate(t: int) -> np.ndarray:
        image = Image.open(f"{folder}/{t}.jpg").convert("RGB")
        inputs = processor(image, input_boxes=[[[float(side) for side in boxes[t]]]], return_tensors="pt")
        with torch.inference_mode():
            outputs = model(**inputs, multimask_output=False)
        masks = processor.image_processor.post_process_masks(
            outputs.pred_masks, inputs["original_sizes"], inputs["reshaped_input_sizes"]
        )
        return masks[0][0, 0].numpy()

    def run() -> None:
        for t in range(n_frames):
            run_lengths(annotate(t))

    found = annotate(0)
    expected = np.fromfile(f"{folder}/first-mask.bin", dtype=np.uint8).reshape(found.shape) > 0
    difference = float(np.mean(found != expected))
    if difference > 1e-3:
        raise ValueError(f"its mask differs from ours in {100 * difference:.2f} % of the pixels")
    return Subject(run=run, work=(n_frames, "frame"), facts={"maskDifference": f"{100 * difference:.4f} % of the pixels"})


def run_lengths(mask: np.ndarray) -> list[int]:
    """Run lengths of a mask in column order, the first of zeros."""
    flat = np.concatenate([[0], mask.T.ravel().astype(np.uint8)])
    changes = np.flatnonzero(np.diff(flat))
    return np.diff(np.concatenate([[0], changes, [mask.size]])).tolist()


serve(prepare)
