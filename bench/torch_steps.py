"""PyTorch's rates on a reference network: image-steps (forward + input gradient, parameters frozen) and forwards per second.

Reads the tfjs layers-model folder given as the first argument and prints one JSON line.
Usage: python3 torch_steps.py DIR BATCH ROUNDS
"""
import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "workers" / "testing"))
from torch_nets import bundled_net

batch, rounds = int(sys.argv[2]), int(sys.argv[3])
net, (height, width, channels) = bundled_net(sys.argv[1])
torch.manual_seed(0)
images = torch.rand(batch, channels, height, width)
labels = torch.zeros(batch, dtype=torch.long)
times = []
for _ in range(rounds + 2):
    x = images.clone().requires_grad_(True)
    start = time.perf_counter()
    torch.autograd.grad(F.cross_entropy(net(x), labels, reduction="sum"), x)
    times.append(time.perf_counter() - start)
forward = []
with torch.no_grad():
    for _ in range(rounds + 2):
        start = time.perf_counter()
        net(images)
        forward.append(time.perf_counter() - start)


def rate(seconds):
    return batch / sorted(seconds[2:])[rounds // 2]


figures = {"torch": torch.__version__, "threads": torch.get_num_threads()}
print(json.dumps({**figures, "stepsPerSecond": rate(times), "forwardsPerSecond": rate(forward)}))
