"""Writes a PyTorch checkpoint's state_dict as a safetensors file: names, shapes and numbers, no code.

Usage: python3 scripts/torch_to_safetensors.py CHECKPOINT OUT.safetensors [--key NAME] [--trusted]

CHECKPOINT is what torch.save wrote: a state_dict, or a dictionary that holds one (`state_dict`, `net`, `model` ...; with
several of them --key says which). --trusted also takes what PyTorch's safe loading does not, which may run code in the
file. Needs torch and numpy, nothing else.
"""
import argparse
import inspect
import json
import sys

import numpy as np
import torch

# The format's names of numpy's types. Others (bfloat16, which numpy does not know) are written as float32.
DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "uint8": "U8", "bool": "BOOL"}


def load(file, trusted):
    """Tensors and plain values only, unless the file is trusted: a pickle may run any code."""
    known = "weights_only" in inspect.signature(torch.load).parameters
    if not known and not trusted:
        sys.exit(f"torch {torch.__version__} cannot load weights alone; add --trusted if you trust whoever made {file}")
    try:
        return torch.load(file, map_location="cpu", **({"weights_only": not trusted} if known else {}))
    except OSError as error:
        sys.exit(f"{file} could not be read: {error}")
    except Exception as error:
        sys.exit(
            f"{file} could not be loaded{'' if trusted else ' as weights alone'}: {str(error).splitlines()[0]}\n"
            + ("" if trusted else "Add --trusted if you trust whoever made it: loading may then run code that it holds.\n")
            + "If it holds a whole module, that needs the module's code: load it there, and save module.state_dict()."
        )


def is_state_dict(value):
    return isinstance(value, dict) and len(value) > 0 and all(isinstance(v, torch.Tensor) for v in value.values())


def state_dict_of(checkpoint, key):
    if isinstance(checkpoint, torch.nn.Module):
        return checkpoint.state_dict(), f"a whole {type(checkpoint).__name__}"
    if key is None and is_state_dict(checkpoint):
        return checkpoint, "the whole file"
    entries = checkpoint if isinstance(checkpoint, dict) else {}
    found = [name for name, value in entries.items() if is_state_dict(value)]
    if key is None and len(found) == 1:
        key = found[0]
    if key in found:
        return entries[key], f"its entry {key}"
    what = f"--key must be one of {', '.join(map(str, found))}" if found else "there is no state_dict in it"
    sys.exit(f"{what}; the file holds {', '.join(map(str, entries)) or type(checkpoint).__name__}")


def save_safetensors(state_dict, file):
    """8 bytes with the header's length, the header as JSON, the values; little-endian, row by row."""
    header, parts, at = {}, [], 0
    for name, tensor in state_dict.items():
        tensor = tensor.detach().cpu()
        if str(tensor.dtype).split(".")[-1] not in DTYPES:
            tensor = tensor.float()
        array = np.asarray(tensor.contiguous().numpy())
        raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
        header[name] = {"dtype": DTYPES[array.dtype.name], "shape": list(array.shape), "data_offsets": [at, at + len(raw)]}
        parts.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(file, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for raw in parts:
            out.write(raw)
    return at


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--key", help="the entry of the checkpoint that holds the state_dict")
    parser.add_argument("--trusted", action="store_true", help="load more than weights, which may run code in the file")
    args = parser.parse_args()
    state_dict, where = state_dict_of(load(args.checkpoint, args.trusted), args.key)
    plain = {name[len("module.") :] if name.startswith("module.") else name: tensor for name, tensor in state_dict.items()}
    try:
        size = save_safetensors(plain, args.out)
    except OSError as error:
        sys.exit(f"{args.out} could not be written: {error}")
    stripped = sum(name.startswith("module.") for name in state_dict)
    print(f"{args.out}: {len(plain)} tensors, {size} bytes, of {where}" + (f"; `module.` taken off {stripped} names" if stripped else ""))


if __name__ == "__main__":
    main()
