"""What the serving clients share: the case written by serving-cases.ts, and the comparison with its actions."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-5


def array(part: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(part["data"]), np.uint8).reshape(part["shape"])


@dataclass
class Case:
    """One observation, and the chunks `expected` [K, Nc, A] of K queries in a row from the start of an episode."""

    name: str
    instruction: str
    image: np.ndarray
    state: np.ndarray
    mask: np.ndarray | None
    execute_steps: int
    expected: np.ndarray


def load(file: str) -> Case:
    with open(file) as opened:
        raw = json.load(opened)
    mask = array(raw["mask"]) if "mask" in raw else None
    state = np.array(raw["state"], dtype=np.float64)
    expected = np.array(raw["expected"], dtype=np.float64)
    return Case(raw["name"], raw["instruction"], array(raw["image"]), state, mask, raw["executeSteps"], expected)


def difference(actions, expected) -> float:
    """Largest deviation, relative to the expected actions' scale where that is above 1."""
    actions = np.asarray(actions, dtype=np.float64)
    assert actions.shape == expected.shape, (actions.shape, expected.shape)
    return float(np.abs(actions - expected).max() / max(1.0, np.abs(expected).max()))
