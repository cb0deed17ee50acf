"""The networks of the tests and benches in PyTorch, with the names that public code gives their parts."""
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


class Normalize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32))

    def forward(self, x):
        return (x - self.mean[:, None, None]) / self.std[:, None, None]


def conv3x3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


class PlainCnn(nn.Module):
    """Convolutions with batch norm and ReLU, a max pool between two of them, the mean, a linear layer."""

    def __init__(self, channels, widths, classes, mean, std):
        super().__init__()
        self.normalize = Normalize(mean, std)
        for n, (inputs, outputs) in enumerate(zip([channels, *widths], widths), 1):
            self.add_module(f"conv{n}", conv3x3(inputs, outputs))
            self.add_module(f"bn{n}", nn.BatchNorm2d(outputs))
        self.depth = len(widths)
        self.logits = nn.Linear(widths[-1], classes)

    def forward(self, x):
        x = self.normalize(x)
        for n in range(1, self.depth + 1):
            x = x if n == 1 else F.max_pool2d(x, 2)
            x = F.relu(getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(x)))
        return self.logits(x.mean(dim=(2, 3)))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = conv3x3(inputs, outputs, stride)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = conv3x3(outputs, outputs)
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False))

    def forward(self, x):
        active = F.relu(self.bn1(x))
        beside = self.shortcut(active) if hasattr(self, "shortcut") else x
        return self.conv2(F.relu(self.bn2(self.conv1(active)))) + beside


class ImageBlock(nn.Module):
    """The same block under the names of the ImageNette code; `active`: its input is activated already."""

    def __init__(self, inputs, outputs, stride, active):
        super().__init__()
        self.pre_bn = None if active else nn.BatchNorm2d(inputs)
        self.conv1 = conv3x3(inputs, outputs, stride)
        self.bn1_2 = nn.BatchNorm2d(outputs)
        self.conv2 = conv3x3(outputs, outputs)
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False))

    def forward(self, x):
        active = x if self.pre_bn is None else F.relu(self.pre_bn(x))
        beside = self.downsample(active) if hasattr(self, "downsample") else x
        return self.conv2(F.relu(self.bn1_2(self.conv1(active)))) + beside


class PreActResNet18(nn.Module):
    """For CIFAR; `last_norm`: batch norm and ReLU before the mean, as in the paper's code."""

    def __init__(self, width, last_norm):
        super().__init__()
        self.conv1 = conv3x3(3, width)
        inputs = width
        for stage in range(4):
            outputs = width * 2**stage
            self.add_module(f"layer{stage + 1}", nn.Sequential(Block(inputs, outputs, 1 if stage == 0 else 2), Block(outputs, outputs, 1)))
            inputs = outputs
        if last_norm:
            self.bn = nn.BatchNorm2d(inputs)
        self.linear = nn.Linear(inputs, 10)

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
        if hasattr(self, "bn"):
            x = F.relu(self.bn(x))
        return self.linear(F.avg_pool2d(x, 4).flatten(1))


class PreActResNet18Imagenette(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage in range(4):
            outputs = width * 2**stage
            first = ImageBlock(inputs, outputs, 1 if stage == 0 else 2, active=stage == 0)
            self.add_module(f"layer{stage + 1}", nn.Sequential(first, ImageBlock(outputs, outputs, 1, active=False)))
            inputs = outputs
        self.final_bn = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = F.relu(self.final_bn(self.layer4(self.layer3(self.layer2(self.layer1(x))))))
        return self.fc(F.avg_pool2d(x, 5, 1).flatten(1))


class Vgg11(nn.Module):
    """`last`: the window of the mean after the convolutions; `fifth`: a fifth max pool before it."""

    def __init__(self, width, fifth, last):
        super().__init__()
        layers, inputs = [], 3
        for entry in [1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8] + (["M"] if fifth else []):
            if entry == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(inputs, entry * width, 3, padding=1), nn.BatchNorm2d(entry * width), nn.ReLU()]
                inputs = entry * width
        self.features = nn.Sequential(*layers)
        self.last = last
        self.classifier = nn.Linear(inputs, 10)

    def forward(self, x):
        return self.classifier(F.avg_pool2d(self.features(x), self.last).flatten(1))


def read_tfjs(folder):
    """The layers of a bundled model and its weights by name."""
    folder = Path(folder)
    model = json.loads((folder / "model.json").read_text())
    group = model["weightsManifest"][0]
    raw = np.frombuffer(b"".join((folder / p).read_bytes() for p in group["paths"]), dtype="<f4")
    weights, at = {}, 0
    for entry in group["weights"]:
        size = int(np.prod(entry["shape"]))
        weights[entry["name"]] = torch.tensor(raw[at : at + size].reshape(entry["shape"]).copy())
        at += size
    return model["modelTopology"]["model_config"]["config"]["layers"], weights


def bundled_net(folder):
    """A bundled model's weights in a PlainCnn; returns it and the shape [height, width, channels] of its images."""
    layers, weights = read_tfjs(folder)
    shape = layers[0]["config"]["batch_input_shape"][1:]
    configs = {layer["config"]["name"]: layer["config"] for layer in layers}
    deviation = torch.sqrt(weights["normalize/moving_variance"] + configs["normalize"]["epsilon"])
    kernels = [name for name in weights if name.startswith("conv") and name.endswith("/kernel")]
    widths = [weights[name].shape[3] for name in kernels]
    net = PlainCnn(shape[2], widths, configs["logits"]["units"], weights["normalize/moving_mean"].tolist(), deviation.tolist())
    state = {"logits.weight": weights["logits/kernel"].t(), "logits.bias": weights["logits/bias"]}
    roles = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    for n in range(1, len(widths) + 1):
        state[f"conv{n}.weight"] = weights[f"conv{n}/kernel"].permute(3, 2, 0, 1)
        for role, name in roles.items():
            state[f"bn{n}.{name}"] = weights[f"bn{n}/{role}"]
        assert getattr(net, f"bn{n}").eps == configs[f"bn{n}"]["epsilon"]
    missing = set(net.state_dict()) - set(state)
    assert all(name.startswith("normalize.") or name.endswith("num_batches_tracked") for name in missing), missing
    net.load_state_dict(state, strict=False)
    return net.eval().requires_grad_(False), shape


def with_random_weights(net):
    """Kernels that keep a signal's size, and batch norms as training leaves them: not 1, 0, 0 and 1."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    return net.eval().requires_grad_(False)
