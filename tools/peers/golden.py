"""Writing goldens: a safetensors file of float32 / integer tensors and a JSON sidecar that says how they were made."""

from __future__ import annotations

import json
import platform
import re
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]
MAX_BYTES = 300_000
PACKAGES = ("torch", "transformers", "timm", "peft", "safetensors", "numpy")

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


def folder(package: str) -> Path:
    path = ROOT / "packages" / package / "test" / "golden"
    path.mkdir(parents=True, exist_ok=True)
    return path


def portable(value: torch.Tensor) -> torch.Tensor:
    """Floats as float32, integers and booleans as int32: what every reader of goldens understands."""
    value = value.detach().cpu()
    return value.to(torch.float32 if value.is_floating_point() else torch.int32).contiguous().clone()


def save(path: Path, tensors: dict[str, torch.Tensor], max_bytes: int = MAX_BYTES) -> None:
    save_file({name: portable(value) for name, value in sorted(tensors.items())}, str(path))
    path.chmod(0o644)
    size = path.stat().st_size
    if size > max_bytes:
        raise SystemExit(
            f"Writing {path.name}: found {size} bytes, needs at most {max_bytes}. Choose a smaller configuration."
        )


def save_golden(
    package: str, name: str, tensors: dict, recipe: dict, weights: dict | None = None, max_bytes: int = MAX_BYTES
):
    """Writes NAME.safetensors (inputs, outputs, gradients), NAME.weights.safetensors (checkpoint layout) and NAME.json."""
    out = folder(package)
    save(out / f"{name}.safetensors", tensors, max_bytes)
    if weights is not None:
        save(out / f"{name}.weights.safetensors", weights, max_bytes)
    sidecar = {
        "golden": name,
        **recipe,
        "recipe": f"npm run peers:goldens {Path(recipe['script']).stem.removeprefix('golden_')}",
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        "tensors": {key: list(value.shape) for key, value in sorted(tensors.items())},
    }
    if weights is not None:
        sidecar["weights"] = {key: list(value.shape) for key, value in sorted(weights.items())}
    text = json.dumps(sidecar, indent=2)
    text = re.sub(r"\[[\d\s.,e+-]*\]", lambda m: re.sub(r"\s+", " ", m[0]).replace("[ ", "[").replace(" ]", "]"), text)
    text = re.sub(r"(?<=\d)e([+-])0(?=\d)", r"e\1", text)  # as Prettier writes numbers
    (out / f"{name}.json").write_text(text + "\n")
    print(f"  {package}/test/golden/{name}: {len(tensors)} tensors" + (f", {len(weights)} weights" if weights else ""))


def randomise(module: torch.nn.Module, seed: int, norm_offset: bool = False) -> None:
    """Replaces every parameter: matrices N(0, 1/fan_in), norm scales 1 + N(0, 0.1²) (N(0, 0.1²) where the model adds 1), rest N(0, 0.1²)."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in sorted(module.named_parameters()):
            noise = torch.randn(p.shape, generator=g)
            if name.endswith(("gamma", "lambda1")):  # layer scale
                p.copy_(0.5 + 0.1 * noise)
            elif p.ndim >= 2 and p.shape[0] != 1 and p.numel() > p.shape[0]:
                p.copy_(noise * (p[0].numel() ** -0.5))
            elif p.ndim >= 2:
                p.copy_(noise * 0.5)
            elif "norm" in name.lower() and name.endswith("weight"):
                p.copy_(0.1 * noise + (0.0 if norm_offset else 1.0))
            else:
                p.copy_(0.1 * noise)


def gradients(module: torch.nn.Module, rename=lambda name: name) -> dict[str, torch.Tensor]:
    """`grad.KEY` of every parameter that has one, under its name in the checkpoint."""
    return {f"grad.{rename(n)}": p.grad for n, p in module.named_parameters() if p.grad is not None}


def backward(outputs: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """Back-propagates sum(output * cotangent) over all outputs; returns the fixed random cotangents."""
    g = torch.Generator().manual_seed(seed)
    cotangents = {f"cotangent.{name}": torch.randn(value.shape, generator=g) for name, value in outputs.items()}
    total = sum((value * cotangents[f"cotangent.{name}"]).sum() for name, value in outputs.items())
    total.backward()
    return cotangents
