"""Peer of `npm run perf -- segmenters`: transformers' models of three families, chosen by `params["family"]`."""

from importlib import import_module

from perf_peer import Subject, serve

MODULES = {"sam": "perf_sam", "sam2": "perf_sam2", "grounding-dino": "perf_grounding_dino"}


def prepare(params: dict) -> Subject:
    return import_module(MODULES[params["family"]]).prepare(params)


serve(prepare)
