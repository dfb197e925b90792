"""Make the registry's torchvision wheel importable beside a CPU build of torch.

The wheel's compiled operators link against CUDA libraries that the CPU build of torch does not have, so they do not
load, and torchvision then fails while registering shape rules for two of them. Declaring the two operators' signatures
(without kernels) is enough for everything in pure Python: model definitions, transforms, feature extraction. Operators
that need a kernel (nms, roi_align) still fail when they are called, as they should.
"""

import importlib.util
from pathlib import Path

MARK = "# pixelvla: operator signatures for a CPU build of torch"
PATCH = f"""{MARK}
import torch as _torch
_signatures = _torch.library.Library("torchvision", "FRAGMENT")
for _s in ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
           "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"):
    if not hasattr(_torch.ops.torchvision, _s.split("(")[0]):
        _signatures.define(_s)
"""


def main() -> None:
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise SystemExit("torchvision is not installed")
    path = Path(spec.origin).parent / "_meta_registrations.py"
    text = path.read_text()
    if MARK not in text:
        path.write_text(PATCH + text)
    import torchvision  # noqa: F401  (the check that it now imports)

    print(f"torchvision {torchvision.__version__} imports (pure Python part)")


if __name__ == "__main__":
    main()
