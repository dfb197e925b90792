"""Golden `transformer-4block`: loss, every gradient, and the parameters after 20 AdamW steps."""

import copy

import torch
from golden import randomise, save_golden
from transformer import DESCRIPTION, Transformer

SIZE = {"vocab": 24, "width": 20, "heads": 2, "blocks": 4, "length": 9}
BATCH, STEPS, SEED = 2, 20, 20
OPTIMIZER = {"lr": 3e-3, "betas": [0.9, 0.95], "eps": 1e-8, "weight_decay": 0.1}
CLIP = 1.0


def train(model, tokens, labels):
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=OPTIMIZER["lr"],
        betas=tuple(OPTIMIZER["betas"]),
        eps=OPTIMIZER["eps"],
        weight_decay=OPTIMIZER["weight_decay"],
    )
    losses, norms, first, logits0 = [], [], {}, None
    for step in range(STEPS):
        optimizer.zero_grad()
        logits, loss = model(tokens[step], labels[step])
        loss.backward()
        if step == 0:
            first = {name: p.grad.clone() for name, p in model.named_parameters()}
            logits0 = logits.detach().clone()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP))
        losses.append(loss.detach())
        optimizer.step()
    return torch.stack(losses), torch.stack(norms), first, logits0


def main() -> None:
    model = Transformer(**SIZE)
    randomise(model, SEED)
    g = torch.Generator().manual_seed(SEED + 1)
    tokens = torch.randint(0, SIZE["vocab"], (STEPS, BATCH, SIZE["length"]), generator=g)
    labels = torch.randint(0, SIZE["vocab"], (STEPS, BATCH, SIZE["length"]), generator=g)
    labels[torch.rand(labels.shape, generator=g) < 0.2] = -100

    start = {name: p.detach().clone() for name, p in model.named_parameters()}
    double = copy.deepcopy(model).double()
    losses, norms, first, logits0 = train(model, tokens, labels)
    losses64, _, first64, _ = train(double, tokens, labels)

    end = dict(model.named_parameters())
    worst = max(((end[n] - p).abs().max() / p.abs().max()).item() for n, p in double.named_parameters())
    worst_grad = max(((first[n] - p).abs().max() / p.abs().max()).item() for n, p in first64.items())
    print(
        f"  float32 against float64: gradients {worst_grad:.1e}, parameters after {STEPS} steps {worst:.1e}, loss {losses[0]:.4f} -> {losses[-1]:.4f}"
    )

    tensors = {"tokens": tokens, "labels": labels, "logits": logits0, "losses": losses, "gradNorms": norms}
    tensors |= {f"param.{n}": p for n, p in start.items()}
    tensors |= {f"grad.{n}": p for n, p in first.items()}
    tensors |= {f"after.{n}": p for n, p in end.items()}
    save_golden(
        "engines",
        "transformer-4block",
        tensors,
        {
            "what": "Loss, every gradient and the parameters after 20 AdamW steps of a 4-block pre-norm causal transformer.",
            "script": "tools/peers/golden_transformer_4block.py",
            "source": "plain PyTorch, tools/peers/transformer.py",
            "seed": SEED,
            "size": {
                **SIZE,
                "batch": BATCH,
                "mlp": 4 * SIZE["width"],
                "headDim": SIZE["width"] // SIZE["heads"],
                "ropeTheta": 10000,
                "normEps": 1e-5,
            },
            "model": DESCRIPTION,
            "training": {
                "steps": STEPS,
                "optimizer": "AdamW (decoupled weight decay on every parameter, bias correction)",
                **OPTIMIZER,
                "clip": {
                    "globalNorm": CLIP,
                    "rule": "gradients * min(1, clip / (norm + 1e-6)), norm over all parameters",
                },
                "batches": "step s uses tokens[s], labels[s]",
            },
            "meaning": {
                "tokens, labels": "[steps, B, T]",
                "logits": "[B, T, V] of step 0",
                "losses": "[steps], before each update",
                "gradNorms": "[steps], global norm before clipping",
                "param.*": "initial parameters",
                "grad.*": "gradients of step 0 before clipping",
                "after.*": "parameters after the last step",
            },
            "float32Error": {
                "why": "the same run in float64; the tolerance should not be below this",
                "gradients": worst_grad,
                "parametersAfter": worst,
            },
        },
    )


if __name__ == "__main__":
    main()
