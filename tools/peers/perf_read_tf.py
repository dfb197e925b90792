"""tf.data on an RLDS folder: every record of every split, every image of every camera decoded, two threads.

`dct` is decode_jpeg's `dct_method`: "" is the fast, inexact transform, "INTEGER_ACCURATE" the one whose pixels ours gives.
"""

import glob
import json
import os
from pathlib import Path

import tensorflow as tf

from perf_peer import Subject, serve


def prepare(params: dict) -> Subject:
    root = Path(__file__).parents[2] / params["dataset"]
    name = json.loads((root / "dataset_info.json").read_text())["name"]
    files = sorted(glob.glob(str(root / f"{name}-*.tfrecord-*")))
    threads = params["threads"]
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    cameras = params["cameras"]
    spec = {f"steps/observation/{c}": tf.io.RaggedFeature(tf.string) for c in cameras}
    spec |= {"steps/action": tf.io.RaggedFeature(tf.float32), "steps/observation/state": tf.io.RaggedFeature(tf.float32)}

    def decode(images):
        return {c: tf.io.decode_jpeg(images[c], channels=3, dct_method=params["dct"]) for c in cameras}

    def frames(record):
        example = tf.io.parse_single_example(record, spec)
        return tf.data.Dataset.from_tensor_slices({c: example[f"steps/observation/{c}"] for c in cameras})

    options = tf.data.Options()
    options.threading.private_threadpool_size = threads
    data = tf.data.TFRecordDataset(files).flat_map(frames).map(decode, num_parallel_calls=threads).batch(32).prefetch(2).with_options(options)
    facts: dict = {}

    def run() -> None:
        facts["frames"] = sum(int(batch[cameras[0]].shape[0]) for batch in data)

    run()
    return Subject(run=run, work=(facts["frames"], "frame"), facts=facts)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
serve(prepare)
