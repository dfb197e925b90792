"""Writes GOLDENS.md from the goldens' sidecars: what each holds, with tensor names and shapes."""

import json
import re
from collections import Counter

from golden import ROOT

HEAD = """# Goldens

Written by `npm run peers:goldens` (this page too). Every golden is `NAME.json` (recipe, configuration, meaning of every tensor, versions)
and `NAME.safetensors`; models also have `NAME.weights.safetensors` in the key layout of the public checkpoint. Floats are float32,
integers and booleans int32. Linear weights are `[out, in]`, convolutions `[out, in, kh, kw]`. Goldens change only through that command.

Suggested tolerances (relative to the greatest absolute value of a tensor): forward 2e-4 for models and 1e-4 for operators, gradients 1e-3
for models and 1e-4 for operators and the 4-block transformer. Give gradients a floor of 1e-3 x the greatest gradient of the golden: where there
is no RoPE, a key's bias (`k_proj.bias`, the middle third of `qkv.bias`) has a gradient of exactly zero in theory, and what is stored is rounding noise. In the lists, `*` stands for the parameters' names.
"""


def shapes(tensors: dict) -> list[str]:
    """Tensors one a line; families of parameters in one line with their count."""
    lines, families = [], Counter()
    for name, shape in tensors.items():
        match = re.match(r"^((?:\w+\.)?(?:param|grad|after|hf|merged))\.(.+\..+)$", name)
        if match:
            families[match[1]] += 1
        else:
            lines.append(f"- `{name}` {json.dumps(shape)}")
    return lines + [f"- `{family}.*` ({count} tensors)" for family, count in families.items()]


def section(path) -> str:
    golden = json.loads(path.read_text())
    place = path.relative_to(ROOT).parent
    lines = [
        f"## {golden['golden']}",
        "",
        golden["what"],
        "",
        f"Files: `{place}/{golden['golden']}.*`. Recipe: `{golden['recipe']}`. Source: {golden['source']}.",
        "",
    ]
    if "config" in golden or "size" in golden:
        lines += ["```json", json.dumps(golden.get("config", golden.get("size"))), "```", ""]
    if "cases" in golden:
        lines += ["| case | what | attributes | inputs with gradient |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{name}` | {case['what']} | {json.dumps(case['attributes']) if case['attributes'] else ''} | {', '.join(case['gradients'])} |"
            for name, case in golden["cases"].items()
        ]
        lines += ["", *[f"- `{key}`: {value}" for key, value in golden["meaning"].items()]]
        return "\n".join(lines)
    if "meaning" in golden:
        lines += [f"- `{key}`: {value}" for key, value in golden["meaning"].items()] + [""]
    if "tensors" in golden:
        lines += ["Tensors:", "", *shapes(golden["tensors"])]
    if "weights" in golden:
        lines += [
            "",
            f"Weights ({len(golden['weights'])}), in checkpoint layout:",
            "",
            "```",
            *[f"{key} {json.dumps(shape)}" for key, shape in golden["weights"].items()],
            "```",
        ]
    return "\n".join(lines)


def main() -> None:
    paths = sorted(
        path for path in ROOT.glob("packages/*/test/golden/*.json") if "golden" in json.loads(path.read_text())
    )
    text = HEAD + "\n" + "\n\n".join(section(path) for path in paths) + "\n"
    (ROOT / "tools/peers/GOLDENS.md").write_text(text)
    print(f"GOLDENS.md: {len(paths)} goldens")


if __name__ == "__main__":
    main()
