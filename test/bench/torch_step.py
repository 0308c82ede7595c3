"""The steps of `npm run bench -- executors` in PyTorch: forward and backward from pooled embeddings, as a traced step has it.

python torch_step.py THREADS ROUNDS; one line of JSON: milliseconds a step, by model and way.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

THREADS, ROUNDS = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(THREADS)
torch.manual_seed(1)


def sampled_softmax(users, items, negatives, bias, masked):
    """Users and positives [2048 × 64], 2,048 shared negatives: cosine, temperature 0.1."""
    u, v = F.normalize(users), F.normalize(torch.cat([items, negatives]))
    positive = (u * v[: len(u)]).sum(1, keepdim=True) / 0.1 + bias[: len(u), None]
    negative = (u @ v[len(u) :].T / 0.1 + bias[len(u) :]).masked_fill(masked, -1e30)
    return F.cross_entropy(torch.cat([positive, negative], 1), torch.zeros(len(u), dtype=torch.long))


class Tower(nn.Module):
    """152 numbers of six embeddings, and 16 more: 128 with layer norm and ReLU, then 64 of length 1."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(168, 128), nn.LayerNorm(128), nn.ReLU(), nn.Linear(128, 64))

    def forward(self, embeddings, numbers):
        return F.normalize(self.layers(torch.cat([numbers, embeddings], 1)))


user_tower, item_tower = Tower(), Tower()


def in_batch_softmax(users, user_numbers, items, item_numbers, bias, masked):
    u, v = user_tower(users, user_numbers), item_tower(items, item_numbers)
    logits = (u @ v.T / 0.1 + bias).masked_fill(masked, -1e30)
    return F.cross_entropy(logits, torch.arange(len(u)))


def leaf(*shape):
    return torch.randn(*shape, requires_grad=True)


ID_ONLY = (leaf(2048, 64), leaf(2048, 64), leaf(2048, 64), torch.randn(4096), torch.zeros(2048, 2048, dtype=torch.bool))
FEATURES = (leaf(1024, 152), torch.randn(1024, 16), leaf(1024, 152), torch.randn(1024, 16), torch.randn(1024), torch.zeros(1024, 1024, dtype=torch.bool))


def measure(step, inputs):
    weights = [*user_tower.parameters(), *item_tower.parameters()]
    times = []
    for _ in range(ROUNDS + 5):
        for tensor in [*weights, *inputs]:
            tensor.grad = None
        started = time.perf_counter()
        step(*inputs).backward()
        times.append(1000 * (time.perf_counter() - started))
    return sorted(times[5:])[ROUNDS // 2]


found = {"version": torch.__version__, "eager": {}, "compiled": {}, "why": None}
for name, step, inputs in (("id-only", sampled_softmax, ID_ONLY), ("features", in_batch_softmax, FEATURES)):
    found["eager"][name] = measure(step, inputs)
    if not hasattr(torch, "compile"):
        found["why"] = "torch.compile came with PyTorch 2"
        continue
    try:
        found["compiled"][name] = measure(torch.compile(step), inputs)
    except Exception as error:  # no C++ compiler here
        found["why"] = f"torch.compile: {type(error).__name__}: {str(error).splitlines()[0][:100]}"
print(json.dumps(found))
