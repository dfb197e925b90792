"""peft itself loads an adapter that our writer wrote, computes the golden's logits with it, and merges it to the golden's.

    tools/peers/.venv/bin/python tools/peers/check_peft.py

The other direction, our reader on peft's own file, is a golden: packages/data/src/checkpoints/peft/peft.test.ts.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from importlib.metadata import version

import torch
from peft import PeftModel
from safetensors.torch import load_file

from golden import ROOT
from golden_llama import LLAMA, model

GOLDEN = ROOT / "packages/backbones/test/golden"


def main() -> None:
    golden = load_file(str(GOLDEN / "llama-lora.safetensors"))
    llama = model(220)
    base = load_file(str(GOLDEN / "llama-lora.weights.safetensors"))
    llama.load_state_dict({name.removeprefix(LLAMA): value for name, value in base.items()})
    wrapper = torch.nn.Module()
    wrapper.language_model = llama
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")  # peft warns about missing and unexpected keys
        command = ["node", "--conditions=@pixelvla/source", "--import", "tsx", "packages/data/test/write-peft-adapter.ts"]
        subprocess.run([*command, folder], cwd=ROOT, check=True)
        adapted = PeftModel.from_pretrained(wrapper, folder)
        ids = golden["input.ids"].long()
        with torch.no_grad():
            logits = (adapted.base_model.model.language_model(input_ids=ids).logits - golden["output.logits"]).abs().max()
            merged = adapted.merge_and_unload().language_model(input_ids=ids).logits
    difference = (merged - golden["output.mergedLogits"]).abs().max()
    print(f"peft {version('peft')}: logits with our adapter differ by {logits:.1e}, merged by {difference:.1e}")
    assert logits < 1e-5 and difference < 1e-5


main()
