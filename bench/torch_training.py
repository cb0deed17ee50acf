"""PyTorch's training rate on CNN-4 (lib/training/nets.ts, `small`) for 28x28 grey images: images a second by way of training.

ST is a step on clean images; AT makes PGD-10 images in training mode first; TRADES makes KL points in evaluation mode, then steps on
CE + 6 KL. Prints one JSON line.
Usage: python3 torch_training.py BATCH STEPS
"""
import json
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

batch, steps = int(sys.argv[1]), int(sys.argv[2])
EPSILON, ALPHA, ATTACK_STEPS, BETA = 0.1, 0.02, 10, 6.0


def net():
    layers, channels = [], 1
    for index, filters in enumerate([16, 32, 48, 64]):
        if index > 0:
            layers.append(nn.MaxPool2d(2))
        layers += [nn.Conv2d(channels, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters), nn.ReLU()]
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


def ascend(model, x, start, loss):
    delta = start.clamp(-EPSILON, EPSILON)
    for _ in range(ATTACK_STEPS):
        moved = (x + delta).clamp(0, 1).requires_grad_(True)
        (gradient,) = torch.autograd.grad(loss(model(moved)), moved)
        delta = (moved.detach() - x + ALPHA * gradient.sign()).clamp(-EPSILON, EPSILON)
    return (x + delta).clamp(0, 1)


def standard(model, x, y):
    return F.cross_entropy(model(x), y)


def adversarial(model, x, y):
    moved = ascend(model, x, EPSILON * (2 * torch.rand_like(x) - 1), lambda z: F.cross_entropy(z, y, reduction="sum"))
    return F.cross_entropy(model(moved), y)


def kl(clean, moved):
    return F.kl_div(F.log_softmax(moved, 1), F.softmax(clean, 1), reduction="sum")


def trades(model, x, y):
    model.eval()
    with torch.no_grad():
        aim = model(x)
    moved = ascend(model, x, 0.001 * torch.randn_like(x), lambda z: kl(aim, z))
    model.train()
    clean = model(x)
    return F.cross_entropy(clean, y) + BETA / len(x) * kl(clean, model(moved))


def rate(loss):
    torch.manual_seed(0)
    model = net()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    x, y = torch.rand(batch, 1, 28, 28), torch.randint(0, 10, (batch,))
    times = []
    for _ in range(steps + 2):
        start = time.perf_counter()
        optimiser.zero_grad()
        loss(model, x, y).backward()
        optimiser.step()
        times.append(time.perf_counter() - start)
    return batch / sorted(times[2:])[steps // 2]


rates = {}
for threads in sorted({1, os.cpu_count()}):
    torch.set_num_threads(threads)
    rates[threads] = {"st": rate(standard), "at": rate(adversarial), "trades": rate(trades)}
print(json.dumps({"torch": torch.__version__, "rates": rates}))
