"""PyTorch's rate on a reference network: image-steps (forward + input gradient, parameters frozen) per second.

Reads the tfjs layers-model folder given as the first argument (Sequential: BatchNormalization, Conv2D, ReLU, MaxPooling2D,
GlobalAveragePooling2D, Dense) and prints one JSON line. Usage: python3 torch_steps.py DIR BATCH ROUNDS
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

folder, batch, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
model = json.loads((folder / "model.json").read_text())
group = model["weightsManifest"][0]
raw = np.frombuffer(b"".join((folder / p).read_bytes() for p in group["paths"]), dtype="<f4")
weights, at = {}, 0
for entry in group["weights"]:
    size = int(np.prod(entry["shape"]))
    weights[entry["name"]] = torch.tensor(raw[at : at + size].reshape(entry["shape"]).copy())
    at += size

layers = model["modelTopology"]["model_config"]["config"]["layers"]
height, width, channels = layers[0]["config"]["batch_input_shape"][1:]


def forward(x):
    for layer in layers:
        kind, config = layer["class_name"], layer["config"]
        get = lambda role: weights[f"{config['name']}/{role}"]
        if kind == "BatchNormalization":
            x = F.batch_norm(x, get("moving_mean"), get("moving_variance"), get("gamma"), get("beta"), eps=config["epsilon"])
        elif kind == "Conv2D":
            x = F.conv2d(x, get("kernel").permute(3, 2, 0, 1).contiguous(), padding="same")
        elif kind == "Activation":
            x = F.relu(x)
        elif kind == "MaxPooling2D":
            x = F.max_pool2d(x, 2)
        elif kind == "GlobalAveragePooling2D":
            x = x.mean(dim=(2, 3))
        elif kind == "Dense":
            x = F.linear(x, get("kernel").t().contiguous(), get("bias"))
        else:
            sys.exit(f"layer {config['name']}: {kind} is not known here")
    return x


torch.manual_seed(0)
images = torch.rand(batch, channels, height, width)
labels = torch.zeros(batch, dtype=torch.long)
times = []
for _ in range(rounds + 2):
    x = images.clone().requires_grad_(True)
    start = time.perf_counter()
    torch.autograd.grad(F.cross_entropy(forward(x), labels, reduction="sum"), x)
    times.append(time.perf_counter() - start)
median = sorted(times[2:])[rounds // 2]
print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "stepsPerSecond": batch / median}))
