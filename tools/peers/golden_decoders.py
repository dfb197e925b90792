"""Goldens of the action decoders: OpenVLA-OFT's L1 head, OpenVLA's action tokens, pi0's time and action embeddings."""

import json

import numpy as np
import torch
from golden import backward, folder, gradients, randomise, save_golden
from pi0 import ActionEmbedding, time_features

SCRIPT = "tools/peers/golden_decoders.py"


class Block(torch.nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.ffn = torch.nn.Sequential(torch.nn.LayerNorm(width), torch.nn.Linear(width, width), torch.nn.ReLU())

    def forward(self, x):
        return x + self.ffn(x)


class MlpResNet(torch.nn.Module):
    """OpenVLA-OFT's L1 regression head, restated from reference models.md 3.2 under its own parameter names."""

    def __init__(self, inputs: int, hidden: int, outputs: int, blocks: int):
        super().__init__()
        self.layer_norm1 = torch.nn.LayerNorm(inputs)
        self.fc1 = torch.nn.Linear(inputs, hidden)
        self.mlp_resnet_blocks = torch.nn.ModuleList(Block(hidden) for _ in range(blocks))
        self.layer_norm2 = torch.nn.LayerNorm(hidden)
        self.fc2 = torch.nn.Linear(hidden, outputs)

    def forward(self, x):
        x = torch.relu(self.fc1(self.layer_norm1(x)))
        for block in self.mlp_resnet_blocks:
            x = block(x)
        return self.fc2(self.layer_norm2(x))


def oft_head() -> None:
    batch, chunk, dims, width, hidden = 2, 2, 3, 32, 32
    head = MlpResNet(dims * width, hidden, dims, 2)
    randomise(head, 300)
    g = torch.Generator().manual_seed(301)
    states = torch.randn(batch, chunk * dims, width, generator=g).requires_grad_()
    target = torch.rand(batch, chunk, dims, generator=g) * 2 - 1
    actions = head(states.reshape(batch, chunk, dims * width))
    loss = torch.nn.functional.l1_loss(actions, target)
    loss.backward()
    rename = lambda n: f"model.{n}"  # noqa: E731
    tensors = {
        "input.states": states,
        "input.target": target,
        "output.actions": actions,
        "output.loss": loss,
        "grad.states": states.grad,
        **gradients(head, rename),
    }
    save_golden(
        "decoders",
        "oft-head",
        tensors,
        {
            "what": "OpenVLA-OFT's action head (MLPResNet, 2 blocks) and its L1 loss.",
            "script": SCRIPT,
            "source": "restated in PyTorch (openvla-oft is not in the package registry); names of action_head--*_checkpoint.pt without `module.`",
            "seed": 300,
            "config": {
                "chunkSize": chunk,
                "actionDim": dims,
                "width": width,
                "hidden": hidden,
                "blocks": 2,
                "layerNormEps": 1e-5,
            },
            "meaning": {
                "input.states": "[B, K * A, D], A consecutive states are joined per time step",
                "input.target": "[B, K, A]",
                "output.actions": "[B, K, A]",
                "output.loss": "mean absolute error",
                "grad.*": "gradients of the loss",
            },
        },
        {rename(n): v for n, v in head.state_dict().items()},
    )


def action_tokens() -> None:
    """OpenVLA's ActionTokenizer, restated: 256 edges, np.digitize, ids counted down from the vocabulary's end."""
    vocabulary, bins = 32000, 256
    edges = np.linspace(-1, 1, bins)
    centres = (edges[:-1] + edges[1:]) / 2
    rng = np.random.default_rng(310)
    values = np.concatenate(
        [
            [-1.5, -1, -0.5, 0, 0.5, 1, 1.5],
            edges[[0, 1, 127, 128, 254, 255]],
            centres[[0, 127, 254]],
            rng.uniform(-1.1, 1.1, 40),
        ]
    )
    encode = lambda a: vocabulary - np.digitize(np.clip(a, -1, 1), edges)  # noqa: E731
    decode = lambda ids: centres[np.clip(vocabulary - ids - 1, 0, len(centres) - 1)]  # noqa: E731
    ids = encode(values)
    every = np.arange(vocabulary - bins, vocabulary)
    document = {
        "golden": "action-tokens",
        "what": "OpenVLA's action tokens: values to ids and every id back to its value.",
        "script": SCRIPT,
        "source": "restated with numpy.digitize from reference models.md 2.5 (openvla is not in the package registry)",
        "recipe": "npm run peers:goldens decoders",
        "config": {"vocabulary": vocabulary, "bins": bins, "low": -1, "high": 1},
        "versions": {"numpy": np.__version__},
        "values": values.tolist(),
        "ids": ids.tolist(),
        "decoded": decode(ids).tolist(),
        "everyId": every.tolist(),
        "everyValue": decode(every).tolist(),
    }
    assert ids[1] == 31999 and ids[5] == 31744 and ids[3] == 31872
    (folder("decoders") / "action-tokens.json").write_text(json.dumps(document) + "\n")
    print("  decoders/test/golden/action-tokens")


def flow_embedding() -> None:
    """What pi0's decoder does on its own: suffix embeddings, velocity from given hidden states, the flow-matching loss."""
    batch, horizon, dims, width = 2, 4, 6, 16
    part = ActionEmbedding(dims, width)
    randomise(part, 320)
    g = torch.Generator().manual_seed(321)
    state = torch.randn(batch, dims, generator=g).requires_grad_()
    actions, noise = torch.randn(2, batch, horizon, dims, generator=g).unbind(0)
    hidden = torch.randn(batch, horizon, width, generator=g).requires_grad_()
    time = torch.tensor([0.137, 0.9])
    noisy = time[:, None, None] * noise + (1 - time[:, None, None]) * actions
    suffix = part.embed_suffix(state, noisy, time)
    velocity = part.action_out_proj(hidden)
    loss = torch.nn.functional.mse_loss(velocity, noise - actions)
    outputs = {"suffix": suffix, "velocity": velocity, "loss": loss}
    cotangents = backward(outputs, 322)
    tensors = {
        "input.state": state,
        "input.actions": actions,
        "input.noise": noise,
        "input.time": time,
        "input.hidden": hidden,
        "grad.state": state.grad,
        "grad.hidden": hidden.grad,
        "output.timeFeatures": time_features(time, width),
        "output.noisy": noisy,
        **{f"output.{k}": v for k, v in outputs.items()},
        **cotangents,
        **gradients(part),
    }
    save_golden(
        "decoders",
        "flow-embedding",
        tensors,
        {
            "what": "pi0's state, action and time embeddings, velocity head and flow-matching loss, apart from the transformer.",
            "script": SCRIPT,
            "source": "restated in PyTorch from reference models.md 4.2 and 4.5 (openpi is not in the package registry)",
            "seed": 320,
            "config": {
                "horizon": horizon,
                "actionDim": dims,
                "stateDim": dims,
                "width": width,
                "minPeriod": 4e-3,
                "maxPeriod": 4.0,
            },
            "meaning": {
                "input.time": "[B], 1 = noise, 0 = action",
                "output.timeFeatures": "[B, W], sines then cosines, computed in float64",
                "output.noisy": "t * noise + (1 - t) * actions",
                "output.suffix": "[B, 1 + H, W]: state token, then action tokens",
                "output.velocity": "[B, H, A] = action_out_proj(input.hidden)",
                "output.loss": "mean squared error of velocity against noise - actions",
                "grad.*": "gradients of the sum over suffix, velocity and loss of sum(output * cotangent)",
            },
        },
        part.state_dict(),
    )


if __name__ == "__main__":
    oft_head()
    action_tokens()
    flow_embedding()
