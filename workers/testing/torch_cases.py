"""Writes what tests of the conversion need: checkpoints, images and PyTorch's logits for them.

Usage: python3 torch_cases.py NET OUT_DIR [NET OUT_DIR ...]
NET is the folder of a bundled model, whose weights a PyTorch module of ours takes, or NAME:WIDTH, one of NETS with random
weights. OUT_DIR gets checkpoint.pt, images.bin (float32, NHWC) and logits.bin (float32).
"""
import sys
from pathlib import Path

import torch
from torch import nn

import torch_nets as nets

MEAN, STD = [0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]


def as_published(net):
    """The paper's training code: normalisation outside of the module, the optimizer beside its weights."""
    return nn.Sequential(nets.Normalize(MEAN, STD), net), {"state_dict": net.state_dict(), "optimizer": {"lr": 0.1}}


def parallel(net):
    """Trained on pixels as they are, by DataParallel."""
    return net, nn.DataParallel(net).state_dict()


def wrapped(net):
    whole = nn.Sequential(nets.Normalize(MEAN, STD), net)
    return whole, {"net": whole.state_dict(), "epoch": 3}


NETS = {
    "preact-bn": (lambda w: nets.PreActResNet18(w, last_norm=True), as_published, [32, 32, 3]),
    "preact": (lambda w: nets.PreActResNet18(w, last_norm=False), parallel, [32, 32, 3]),
    "preact-imagenette": (nets.PreActResNet18Imagenette, as_published, [160, 160, 3]),
    "vgg": (lambda w: nets.Vgg11(w, fifth=False, last=2), as_published, [32, 32, 3]),
    "vgg-max": (lambda w: nets.Vgg11(w, fifth=True, last=1), wrapped, [32, 32, 3]),
    "vgg-imagenette": (lambda w: nets.Vgg11(w, fifth=True, last=5), as_published, [160, 160, 3]),
}



def write_case(what, out):
    torch.manual_seed(1)
    if Path(what).is_dir():
        net, shape = nets.bundled_net(what)
        checkpoint, count = net.state_dict(), 16
    else:
        name, width = what.split(":")
        build, publish, shape = NETS[name]
        net, checkpoint = publish(nets.with_random_weights(build(int(width))))
        count = 4
    height, width, channels = shape
    # Patches of one colour, so that images differ in more than noise.
    patches = nn.functional.interpolate(torch.rand(count, channels, 4, 4), size=(height, width))
    images = patches * 0.8 + torch.rand(count, channels, height, width) * 0.2
    logits = net.eval()(images)
    out.mkdir()
    torch.save(checkpoint, out / "checkpoint.pt")
    images.permute(0, 2, 3, 1).contiguous().numpy().astype("<f4").tofile(out / "images.bin")
    logits.numpy().astype("<f4").tofile(out / "logits.bin")


for case in zip(sys.argv[1::2], sys.argv[2::2]):
    write_case(case[0], Path(case[1]))
