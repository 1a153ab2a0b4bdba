"""Evaluates an exported network with numpy alone, from its documented layout.

Usage: evaluate.py NETWORK.safetensors SNAPSHOT.h5 POINTS.txt

Prints the values at the points, those of the snapshot's group /network after those of the file, which must
be the same. The arrays of the file are read twice, by the package safetensors and by hand.
"""

import json
import struct
import sys

import h5py
import numpy as np
from safetensors import safe_open

ACTIVATIONS = {
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "softplus": lambda z: np.logaddexp(0.0, z),
    "elu": lambda z: np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0))),
}


def by_hand(path):
    """The format itself: the length of a JSON header, the header, the numbers."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            assert entry["dtype"] == "F64"
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            arrays[name] = np.frombuffer(data[start:end], "<f8").reshape(entry["shape"])
    return arrays, header["__metadata__"]


def features(x, arrays, notes):
    t = (x - arrays["embedding.origin"]) * arrays["embedding.scale"]
    if notes["embedding"] == "affine":
        return t
    columns = []
    for axis in range(t.shape[1]):
        for k in range(1, int(notes["harmonics"]) + 1):
            if notes["embedding"] == "fourier":
                columns.append(np.sin(k * t[:, axis]))
            columns.append(np.cos(k * t[:, axis]))
    return np.stack(columns, axis=1)


def network(x, arrays, notes):
    y = z = features(x, arrays, notes)
    last = int(notes["layers"]) - 1
    for k in range(last + 1):
        z = z @ arrays[f"layers.{k}.weight"].T + arrays[f"layers.{k}.bias"]
        if k < last:
            z = ACTIVATIONS[notes["activation"]](z)
    return z + y @ arrays["skip.weight"].T if "skip.weight" in arrays else z


def evaluate(x, arrays, notes):
    if notes["kind"] == "field":
        return network(x, arrays, notes)
    if notes["kind"] == "density":
        return np.logaddexp(0.0, network(x, arrays, notes)) / arrays["integral"]
    for part in range(int(notes["maps"])):
        before = f"maps.{part}."
        own = {name[len(before) :]: a for name, a in arrays.items() if name.startswith(before)}
        n = network(x, own, notes)
        if "frame.scale" in own:
            x = x + own["frame.scale"] * n
        else:
            r = np.pi / (own["frame.upper"] - own["frame.lower"])
            x = x + np.sin(r * (x - own["frame.lower"])) / r * n
    return x


path, snapshot, points = sys.argv[1:]
x = np.loadtxt(points, ndmin=2)
arrays, notes = by_hand(path)
with safe_open(path, framework="numpy") as file:
    assert set(file.keys()) == set(arrays)
    assert file.metadata() == notes
    for name in file.keys():
        assert file.get_tensor(name).dtype == np.float64
        assert (file.get_tensor(name) == arrays[name]).all(), name
with h5py.File(snapshot, "r") as file:
    group = file["network"]
    assert {key: value.decode() for key, value in group.attrs.items()} == notes
    assert set(group) == {name.replace(".", "_") for name in arrays}
    for name, array in arrays.items():
        assert (group[name.replace(".", "_")][:] == array).all(), name
for row in evaluate(x, arrays, notes):
    print(*(float(value).hex() for value in row))
