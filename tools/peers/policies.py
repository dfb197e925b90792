"""Whole policies in PyTorch, assembled from a recipe: the peer of `npm run perf -- policy-forward`.

The parts are timm's and transformers' own classes where they exist (DINOv2, SigLIP, Llama), with PyTorch's fused
attention, and `pi0.py` and `golden_decoders.py`'s heads elsewhere. Weights come from a file with our names, so that both
sides compute the same chunk and can be compared.
"""

from __future__ import annotations

import re

import torch
import torch.nn.functional as F
from golden_decoders import MlpResNet
from pi0 import ActionEmbedding, Stream, rotate, time_features
from policy_pixel_parts import Multiscale, SamPrompt
from safetensors.torch import load_file
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, SiglipVisionConfig, SiglipVisionModel
from transformers.cache_utils import DynamicCache

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def normalised(image: torch.Tensor, statistics) -> torch.Tensor:
    mean, std = (torch.tensor(values) for values in statistics)
    return ((image - mean) / std).permute(0, 3, 1, 2)


class Fused(nn.Module):
    """DINOv2 and SigLIP up to their second-to-last blocks; SigLIP's levels for the pixel encoder."""

    def __init__(self, o: dict):
        super().__init__()
        dino, siglip = o["dino"], o["siglip"]
        shared = dict(img_size=o["image"], patch_size=o["patch"], num_classes=0, global_pool="")

        def tower(size, **extra):
            return VisionTransformer(
                **shared,
                embed_dim=size["width"],
                depth=size["depth"] - 1,
                num_heads=size["heads"],
                mlp_ratio=size["mlpWidth"] / size["width"],
                final_norm=False,
                **extra,
            )

        self.featurizer = tower(dino, init_values=1.0, reg_tokens=o["registers"], no_embed_class=True)
        self.fused_featurizer = tower(siglip, class_token=False)
        self.prefix, self.taps = 1 + o["registers"], o["taps"]

    def forward(self, image):
        dino = self.featurizer.forward_features(normalised(image, IMAGENET))[:, self.prefix :]
        siglip = self.fused_featurizer
        x = siglip.patch_embed(normalised(image, HALF))
        x = siglip.pos_drop(siglip._pos_embed(x))
        levels = []
        for i, block in enumerate(siglip.blocks):
            x = block(x)
            if i in self.taps:
                levels.append(x)
        return torch.cat([dino, x], 2), levels


class Siglip(nn.Module):
    def __init__(self, o: dict):
        super().__init__()
        config = SiglipVisionConfig(
            hidden_size=o["width"],
            intermediate_size=o["mlpWidth"],
            num_hidden_layers=o["depth"],
            num_attention_heads=o["heads"],
            image_size=o["image"],
            patch_size=o["patch"],
            vision_use_head=False,
            attn_implementation="sdpa",
        )
        self.vision_model = SiglipVisionModel(config)
        self.taps = o["taps"]

    def forward(self, image):
        result = self.vision_model(pixel_values=normalised(image, HALF), output_hidden_states=True)
        return result.last_hidden_state, [result.hidden_states[i + 1] for i in self.taps]


class Projector(nn.Module):
    def __init__(self, name: str, vision: int, width: int):
        super().__init__()
        self.kind = name
        if name == "linear":
            self.linear = nn.Linear(vision, width)
        else:
            self.fc1, self.fc2, self.fc3 = (
                nn.Linear(vision, 4 * vision),
                nn.Linear(4 * vision, width),
                nn.Linear(width, width),
            )

    def forward(self, x):
        return self.linear(x) if self.kind == "linear" else self.fc3(F.gelu(self.fc2(F.gelu(self.fc1(x)))))


class LoraLinear(nn.Linear):
    """y = W x + (alpha / r) B (A x), unmerged, as peft runs it."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float):
        super().__init__(base.in_features, base.out_features, bias=False)
        self.lora_A = nn.Linear(base.in_features, rank, bias=False)
        self.lora_B = nn.Linear(rank, base.out_features, bias=False)
        self.scaling = alpha / rank

    def forward(self, x):
        return super().forward(x) + self.scaling * self.lora_B(self.lora_A(x))


def add_lora(module: nn.Module, rank: int, alpha: float) -> None:
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if name.endswith("_proj") and type(child) is nn.Linear:
                setattr(parent, name, LoraLinear(child, rank, alpha))


class Prompt(nn.Module):
    """Text embeddings with inserts in the place of their sentinels, and the vision tokens after BOS (or first)."""

    def __init__(self, options: dict, after_bos: bool):
        super().__init__()
        self.sentinels = (options.get("annotationsSentinel"), options.get("visualPromptsSentinel"))
        self.head = 1 if after_bos else 0

    def forward(self, text, ids, valid, vision, inserts):
        for sentinel, inserted in zip(self.sentinels, inserts):
            if inserted is None:
                continue
            tokens, token_valid = inserted
            here = ids == sentinel
            which = (here.cumsum(1) - 1).clamp_min(0)
            text = torch.where(here[..., None], tokens.gather(1, which[..., None].expand(-1, -1, text.shape[2])), text)
            if token_valid is not None:
                valid = torch.where(here, valid * token_valid.gather(1, which), valid)
        ones = valid.new_ones(vision.shape[:2])
        h = self.head
        x = torch.cat([text[:, :h], vision, text[:, h:]], 1)
        return x, torch.cat([valid[:, :h], ones, valid[:, h:]], 1)


class LlamaPolicy(nn.Module):
    def __init__(self, recipe: dict):
        super().__init__()
        o, d = recipe["backbone"]["options"], recipe["decoder"]
        self.chunk, self.dims = recipe["chunkSize"], recipe["actionDim"]
        self.kind, self.rule = d["name"], d["options"].get("attention", "block")
        config = LlamaConfig(
            vocab_size=o["vocabulary"],
            hidden_size=o["width"],
            intermediate_size=o["mlpWidth"],
            num_hidden_layers=o["layers"],
            num_attention_heads=o["heads"],
            rms_norm_eps=1e-6,
            attn_implementation="sdpa",
        )
        self.backbone = LlamaForCausalLM(config)
        self.prompt = Prompt(o, after_bos=True)
        self.bins = o.get("actionVocabulary", 32000)
        if self.kind == "continuous":
            self.backbone.lm_head = nn.Identity()
            self.decoder = nn.Module()
            self.decoder.model = MlpResNet(
                self.dims * o["width"], d["options"]["hidden"], self.dims, d["options"]["blocks"]
            )
            if d["options"].get("slots") == "learned":
                self.decoder.slots = nn.Parameter(torch.zeros(1, self.chunk * self.dims, o["width"]))
        edges = torch.linspace(-1, 1, 256, dtype=torch.float64)
        self.register_buffer("centres", ((edges[1:] + edges[:-1]) / 2).float(), persistent=False)

    def forward(self, vision, ids, valid, inserts, state, noise):
        text = self.backbone.model.embed_tokens(ids)
        x, valid = self.prompt(text, ids, valid, vision, inserts)
        return self.tokens(x, valid) if self.kind == "action-tokens" else self.parallel(x, valid)

    def parallel(self, x, valid):
        b, p, width = x.shape
        n = self.chunk * self.dims
        slots = self.decoder.slots.expand(b, -1, -1) if hasattr(self.decoder, "slots") else x.new_zeros(b, n, width)
        stop = self.backbone.model.embed_tokens(torch.full((b, 1), 2))
        last = (valid * torch.arange(p)).argmax(1)
        x = torch.cat([x, slots, stop], 1)
        valid = torch.cat([valid, valid.new_ones(b, n + 1)], 1)
        t = x.shape[1]
        index = torch.arange(t)
        allowed = index[None, :] <= index[:, None]
        if self.rule == "block":
            allowed = allowed | ((index >= p)[None, :] & (index >= p)[:, None])
        if self.rule == "full":
            allowed = torch.ones_like(allowed)
        mask = torch.where(allowed[None] & valid[:, None].bool(), 0.0, -1e9)[:, None]
        positions = (valid.cumsum(1) - 1).clamp_min(0).long()
        hidden = self.backbone.model(inputs_embeds=x, attention_mask=mask, position_ids=positions, use_cache=False)[0]
        first = hidden[torch.arange(b), last][:, None]
        states = torch.cat([first, hidden[:, p : p + n - 1]], 1)
        return self.decoder.model(states.reshape(b, self.chunk, -1))

    def tokens(self, x, valid):
        b, p, _ = x.shape
        last = (valid * torch.arange(p)).argmax(1)
        cache = DynamicCache(config=self.backbone.config)
        index = torch.arange(p)
        allowed = (index[None, :] <= index[:, None])[None] & valid[:, None].bool()
        mask = torch.where(allowed, 0.0, -1e9)[:, None]
        positions = (valid.cumsum(1) - 1).clamp_min(0).long()
        model = self.backbone.model
        hidden = model(inputs_embeds=x, attention_mask=mask, position_ids=positions, past_key_values=cache)[0]
        hidden = hidden[torch.arange(b), last][:, None]
        position = valid.sum(1, keepdim=True).long()
        ids = []
        n = self.chunk * self.dims
        for i in range(n):
            ids.append(self.backbone.lm_head(hidden).argmax(2))
            if i == n - 1:
                break
            valid = torch.cat([valid, valid.new_ones(b, 1)], 1)
            mask = torch.where(valid.bool(), 0.0, -1e9)[:, None, None]
            hidden = model(
                inputs_embeds=model.embed_tokens(ids[-1]),
                attention_mask=mask,
                position_ids=position + i,
                past_key_values=cache,
            )[0]
        picked = (self.bins - torch.cat(ids, 1) - 1).clamp(0, 254)
        return self.centres[picked].unflatten(1, (self.chunk, self.dims))


class Pi0Policy(nn.Module):
    def __init__(self, recipe: dict):
        super().__init__()
        o, d = recipe["backbone"]["options"], recipe["decoder"]["options"]
        self.steps, self.dims = d.get("steps", 10), recipe["actionDim"]
        shared = (o["layers"], o["heads"], o["headWidth"])
        self.backbone = nn.Module()
        self.backbone.paligemma = nn.Module()
        self.backbone.paligemma.model = nn.Module()
        self.backbone.gemma_expert = nn.Module()
        self.backbone.paligemma.model.language_model = Stream(o["width"], o["mlpWidth"], *shared, o["vocabulary"])
        self.backbone.gemma_expert.model = Stream(o["expertWidth"], o["expertMlpWidth"], *shared)
        self.decoder = ActionEmbedding(d["paddedActionDim"], o["expertWidth"])
        self.prompt = Prompt(o, after_bos=False)
        times = torch.tensor([1 - i / self.steps for i in range(self.steps)])
        self.register_buffer("times", time_features(times, o["expertWidth"]), persistent=False)

    def stream(self, stream, x, positions, mask, past=None):
        kept = []
        for i, layer in enumerate(stream.layers):
            q, k, v = layer.self_attn.project(layer.input_layernorm(x))
            q, k = rotate(q, positions), rotate(k, positions)
            if past is not None:
                k, v = torch.cat([past[i][0], k], 2), torch.cat([past[i][1], v], 2)
            kept.append((k, v))
            mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)
            x = x + layer.self_attn.o_proj(mixed.transpose(1, 2).flatten(2))
            x = x + layer.mlp(layer.post_attention_layernorm(x))
        return x, kept

    def forward(self, vision, ids, valid, inserts, state, noise):
        model = self.backbone.paligemma.model.language_model
        text = model.embed_tokens(ids) * model.embed_tokens.weight.shape[1] ** 0.5
        x, valid = self.prompt(text, ids, valid, vision, inserts)
        b, n = x.shape[0], noise.shape[1] + 1
        see = valid[:, None, None].bool()
        _, cache = self.stream(model, x, (valid.cumsum(1) - 1).clamp_min(0), see)
        positions = valid.sum(1, keepdim=True) + torch.arange(n)
        own = torch.ones(n, n, dtype=torch.bool)
        own[0, 1:] = False  # the state does not see the actions
        mask = torch.cat([see.expand(-1, -1, n, -1), own[None, None].expand(b, 1, -1, -1)], 3)
        part, expert = self.decoder, self.backbone.gemma_expert.model
        state_token = part.state_proj(state)[:, None]
        for i in range(self.steps):
            tokens = part.action_in_proj(noise)
            times = self.times[i].expand_as(tokens)
            mixed = part.action_time_mlp_out(F.silu(part.action_time_mlp_in(torch.cat([tokens, times], 2))))
            hidden, _ = self.stream(expert, torch.cat([state_token, mixed], 1), positions, mask, cache)
            noise = noise - part.action_out_proj(expert.norm(hidden[:, 1:])) / self.steps
        return noise[..., : self.dims]


class Policy(nn.Module):
    """image, tokens, ... -> chunk; attribute names are our parameter scopes."""

    def __init__(self, recipe: dict):
        super().__init__()
        o, b = recipe["visionEncoder"]["options"], recipe["backbone"]
        fused = recipe["visionEncoder"]["name"] == "fused-dinov2-siglip"
        self.visionEncoder = Fused(o) if fused else Siglip(o)
        level = o["siglip"]["width"] if fused else o["width"]
        vision = o["dino"]["width"] + level if fused else level
        width = b["options"]["width"]
        self.projector = Projector(recipe["projector"]["name"], vision, width)
        self.inner = (LlamaPolicy if b["name"] == "llama" else Pi0Policy)(recipe)
        if recipe.get("pixelEncoder"):
            self.pixelEncoder = Multiscale(recipe["pixelEncoder"]["options"], level, width)
        if recipe.get("promptEncoder"):
            self.promptEncoder = SamPrompt(recipe["promptEncoder"]["options"], width)
        if b.get("lora"):
            llama = self.inner.backbone if b["name"] == "llama" else self.inner.backbone.paligemma
            add_lora(llama, b["lora"]["rank"], b["lora"]["alpha"])

    def forward(
        self,
        image,
        tokens,
        tokenValid,
        state=None,
        noise=None,
        objectMask=None,
        promptPoints=None,
        promptLabels=None,
        promptMask=None,
    ):  # noqa: N803
        seen, levels = self.visionEncoder(image)
        inserts = [None, None]
        if objectMask is not None:
            inserts[0] = (self.pixelEncoder(levels, objectMask), None)
        if promptPoints is not None:
            inserts[1] = self.promptEncoder(promptPoints, promptLabels, promptMask)
        return self.inner(self.projector(seen), tokens, tokenValid, inserts, state, noise)


def load(recipe: dict, weights_file: str) -> tuple[Policy, list[str]]:
    """The policy with our weights, and the names of those we do not have (parts that the output does not depend on)."""
    policy = Policy(recipe).eval()
    ours = load_file(weights_file)
    renamed = {}
    for name, value in ours.items():
        name = re.sub(r"^(backbone|decoder)\.", r"inner.\1.", name).replace(".scale_factor", ".gamma")
        renamed[name] = value
    missing, unexpected = policy.load_state_dict(renamed, strict=False)
    assert not unexpected, f"weights the peer has no place for: {unexpected[:5]}"
    return policy, missing
