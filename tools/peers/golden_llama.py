"""Goldens of OpenVLA's language model: plain, with OpenVLA-OFT's action slots, and with a peft LoRA adapter."""

import json
import tempfile
from pathlib import Path

import torch
from golden import backward, folder, gradients, randomise, save, save_golden
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForCausalLM

SCRIPT = "tools/peers/golden_llama.py"
SIZE = {"width": 32, "layers": 2, "heads": 4, "mlpWidth": 48, "vocabulary": 96, "epsilon": 1e-6, "theta": 10000}
BATCH, TEXT, PATCHES, STEPS, DIMS = 2, 8, 4, 2, 3
LENGTHS = (8, 5)  # valid text tokens of each sample, BOS included
PAD, STOP = 90, 2
LLAMA = "language_model."


def model(seed: int) -> LlamaForCausalLM:
    config = LlamaConfig(
        vocab_size=SIZE["vocabulary"],
        hidden_size=SIZE["width"],
        intermediate_size=SIZE["mlpWidth"],
        num_hidden_layers=SIZE["layers"],
        num_attention_heads=SIZE["heads"],
        rms_norm_eps=SIZE["epsilon"],
        attn_implementation="eager",
    )
    llama = LlamaForCausalLM(config).eval()
    randomise(llama, seed)
    return llama


def text(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 80, (BATCH, TEXT), generator=g)
    ids[:, 0] = 1
    valid = torch.arange(TEXT)[None] < torch.tensor(LENGTHS)[:, None]
    ids[~valid] = PAD
    return ids, valid.int()


def multimodal(llama, ids, valid, patches) -> tuple[torch.Tensor, torch.Tensor]:
    """[BOS] [patches] [rest of the text], and its padding mask."""
    embedded = llama.model.embed_tokens(ids)
    ones = torch.ones(BATCH, PATCHES, dtype=valid.dtype)
    return torch.cat([embedded[:, :1], patches, embedded[:, 1:]], 1), torch.cat([valid[:, :1], ones, valid[:, 1:]], 1)


def additive(allowed: torch.Tensor) -> torch.Tensor:
    return torch.where(allowed, 0.0, torch.finfo(torch.float32).min)[:, None]


def config_json(**extra) -> dict:
    return (
        SIZE
        | {
            "keyValueHeads": SIZE["heads"],
            "bos": 1,
            "eos": STOP,
            "pad": PAD,
            "patches": PATCHES,
            "textLength": TEXT,
            "textLengths": list(LENGTHS),
        }
        | extra
    )


COMMON = {
    "input.ids": "[B, T] text ids, BOS first, right padded",
    "input.textValid": "[B, T], 1 = real token",
    "input.patches": "[B, N, D], inserted after column 0; positions count over the multimodal sequence",
    "weights": "layout of openvla/openvla-7b below language_model.",
    "grad.patches": "gradient of the inserted vision tokens",
}


def plain() -> None:
    llama = model(200)
    ids, valid = text(201)
    patches = torch.randn(BATCH, PATCHES, SIZE["width"], generator=torch.Generator().manual_seed(202)).requires_grad_()
    embeddings, mask = multimodal(llama, ids, valid, patches)
    result = llama(inputs_embeds=embeddings, attention_mask=mask, output_hidden_states=True)
    # Rows of padding mean nothing and are zeroed, in the values and so in the gradients.
    outputs = {"logits": result.logits * mask[..., None], "hidden": result.hidden_states[-1] * mask[..., None]}
    cotangents = backward(outputs, 203)
    tensors = {
        "input.ids": ids,
        "input.textValid": valid,
        "input.patches": patches,
        "grad.patches": patches.grad,
        "valid": mask,
        **{f"output.{k}": v for k, v in outputs.items()},
        **cotangents,
        **gradients(llama, lambda n: LLAMA + n),
    }
    save_golden(
        "backbones",
        "openvla-llama",
        tensors,
        {
            "what": "Llama as OpenVLA runs it: vision tokens after BOS, causal, right padding.",
            "script": SCRIPT,
            "source": "transformers LlamaForCausalLM (eager attention)",
            "seed": 200,
            "config": config_json(),
            "meaning": COMMON
            | {
                "valid": "[B, N + T], 1 = real position",
                "output.logits": "[B, N + T, V], rows of padding set to 0",
                "output.hidden": "[B, N + T, D] after model.norm, rows of padding set to 0",
                "cotangent.*": "fixed random tensors c; gradients are of sum(output * c) over both outputs",
            },
        },
        {LLAMA + n: v for n, v in llama.state_dict().items()},
    )


def slots() -> None:
    """[BOS] [patches] [prompt] [K * A zero slots] [stop], padding after it; window read one position to the left."""
    llama = model(210)
    ids, valid = text(211)
    patches = torch.randn(BATCH, PATCHES, SIZE["width"], generator=torch.Generator().manual_seed(212)).requires_grad_()
    count, longest = STEPS * DIMS, PATCHES + TEXT + STEPS * DIMS + 1
    rows, live = [], torch.zeros(BATCH, longest, dtype=torch.bool)
    for i, length in enumerate(LENGTHS):
        embedded = llama.model.embed_tokens(ids[i, :length])
        stop = llama.model.embed_tokens(torch.tensor([STOP]))
        row = torch.cat([embedded[:1], patches[i], embedded[1:], torch.zeros(count, SIZE["width"]), stop])
        live[i, : len(row)] = True
        rows.append(torch.cat([row, torch.zeros(longest - len(row), SIZE["width"])]))
    embeddings = torch.stack(rows)
    start = torch.tensor(LENGTHS) + PATCHES  # first slot of each sample
    index = torch.arange(longest)
    is_slot = (index[None] >= start[:, None]) & live
    causal = (index[None, :, None] >= index[None, None, :]).expand(BATCH, -1, -1)
    rules = {
        "full": torch.ones_like(causal),
        "block": causal | (is_slot[:, :, None] & is_slot[:, None, :]),
        "causal": causal,
    }
    tensors = {"input.ids": ids, "input.textValid": valid, "input.patches": patches}
    window = start[:, None] - 1 + torch.arange(count)[None]
    for i, (rule, allowed) in enumerate(rules.items()):
        llama.zero_grad()
        patches.grad = None
        result = llama(
            inputs_embeds=embeddings,
            attention_mask=additive(allowed & live[:, None, :]),
            position_ids=index[None].expand(BATCH, -1),
            output_hidden_states=True,
        )
        states = result.hidden_states[-1].gather(1, window[..., None].expand(-1, -1, SIZE["width"]))
        cotangent = torch.randn(states.shape, generator=torch.Generator().manual_seed(213 + i))
        (states * cotangent).sum().backward(retain_graph=True)
        tensors |= {
            f"{rule}.output.window": states,
            f"{rule}.cotangent.window": cotangent,
            f"{rule}.grad.patches": patches.grad.clone(),
        }
        if rule != "causal":
            tensors |= {f"{rule}.{key}": value.clone() for key, value in gradients(llama, lambda n: LLAMA + n).items()}
    save_golden(
        "backbones",
        "openvla-slots",
        tensors,
        {
            "what": "OpenVLA-OFT's parallel action slots on Llama: zero embeddings after the prompt, a stop token, the window read one position to the left.",
            "script": SCRIPT,
            "source": "transformers LlamaForCausalLM with explicit attention masks; slot layout restated from reference models.md 3.1 and 8.6",
            "seed": 210,
            "config": config_json(chunkSize=STEPS, actionDim=DIMS),
            "meaning": COMMON
            | {
                "sequence": "[BOS] [N patches] [rest of the text] [K * A zero slots] [embedding of id 2], then padding; the shorter sample's slots follow its text directly",
                "RULE.output.window": "[B, K * A, D] after model.norm: the last text token and all slots but the last",
                "rules": "full: everything sees everything; block: text causal, slots and stop token see all before them and each other; causal",
                "RULE.cotangent.window": "fixed random c; RULE.grad.* are gradients of sum(RULE.output.window * c)",
            },
        },
        {LLAMA + n: v for n, v in llama.state_dict().items() if "lm_head" not in n},
    )


def lora() -> None:
    llama = model(220)
    wrapper = torch.nn.Module()
    wrapper.language_model = llama  # so that module paths are those of OpenVLA
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    base = {LLAMA + n: v.clone() for n, v in llama.state_dict().items()}
    config = LoraConfig(r=4, lora_alpha=2, lora_dropout=0.0, target_modules=targets, init_lora_weights="gaussian")
    peft_model = get_peft_model(wrapper, config)
    g = torch.Generator().manual_seed(221)
    with torch.no_grad():
        for name, p in sorted(peft_model.named_parameters()):
            if "lora_" in name:
                p.copy_(torch.randn(p.shape, generator=g) * 0.25)
    ids, _ = text(222)
    logits = llama(input_ids=ids).logits
    cotangents = backward({"logits": logits}, 223)
    with tempfile.TemporaryDirectory() as path:
        peft_model.save_pretrained(path)
        adapter = load_file(str(Path(path) / "adapter_model.safetensors"))
        adapter_config = json.loads((Path(path) / "adapter_config.json").read_text())
    grads = {
        f"grad.{n.replace('.default', '')}": p.grad for n, p in peft_model.named_parameters() if p.grad is not None
    }
    assert {key.removeprefix("grad.") for key in grads} == set(adapter), (
        "only the adapter has gradients, under the saved names"
    )
    merged = peft_model.merge_and_unload()
    merged_logits = merged.language_model(input_ids=ids).logits
    tensors = {
        "input.ids": ids,
        "output.logits": logits,
        "output.mergedLogits": merged_logits,
        **cotangents,
        **grads,
        **{f"merged.{n}": v for n, v in merged.state_dict().items() if n.endswith("layers.0.self_attn.q_proj.weight")},
    }
    out = folder("backbones")
    save(out / "llama-lora.adapter.safetensors", adapter)
    adapter_config["target_modules"] = sorted(adapter_config["target_modules"])
    (out / "llama-lora.adapter_config.json").write_text(json.dumps(adapter_config, indent=2, sort_keys=True) + "\n")
    save_golden(
        "backbones",
        "llama-lora",
        tensors,
        {
            "what": "A LoRA adapter on Llama, saved by peft: output with the adapter, after merging, and the adapter's gradients.",
            "script": SCRIPT,
            "source": "peft on transformers LlamaForCausalLM",
            "seed": 220,
            "config": config_json(rank=4, alpha=2, scaling=0.5, targets=targets),
            "meaning": {
                "input.ids": "[B, T], no padding is masked here, no patches",
                "output.logits": "[B, T, V] with the adapter",
                "output.mergedLogits": "[B, T, V] after W <- W + 0.5 B A",
                "merged.*": "one merged weight",
                "grad.*": "gradients of sum(logits * cotangent) with respect to lora_A and lora_B, under the names of the adapter file; nothing else has one",
                "weights": "the base model",
                "llama-lora.adapter.safetensors": "adapter_model.safetensors as peft saved it",
                "llama-lora.adapter_config.json": "adapter_config.json as peft saved it (target list sorted)",
            },
            "adapter": {key: list(value.shape) for key, value in sorted(adapter.items())},
        },
        base,
    )


if __name__ == "__main__":
    plain()
    slots()
    lora()
