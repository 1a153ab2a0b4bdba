"""The series that tests/it/series.rs writes, as the readers expect it; told by a file of JSON.

Nothing in it can be taken for something else: no axis, no component, no time step."""

import json

import numpy as np


class Spec:
    def __init__(self, path):
        spec = json.load(open(path, encoding="utf-8"))
        self.d, self.axes, self.point = spec["d"], spec["axes"], spec["point"]
        self.times = np.array(spec["times"])
        self.resolution = spec["resolution"]
        self.tolerance = 2e-6 if spec["single"] else 1e-13
        self.dtype = np.float32 if spec["single"] else np.float64
        self.points = np.array(spec["points"]).reshape(-1, self.d)
        self.coordinates = [
            np.linspace(spec["lower"][a], spec["upper"][a], self.resolution) for a in self.axes
        ]
        self.kappa = spec["kappa"]

    def grid(self):
        """Positions [nz][ny][nx][d]."""
        shape = [self.resolution] * len(self.axes)
        x = np.empty(shape + [self.d])
        x[...] = self.point
        mesh = np.meshgrid(*reversed(self.coordinates), indexing="ij")
        for number, axis in enumerate(self.axes):
            x[..., axis] = mesh[len(self.axes) - 1 - number]
        return x

    def probe(self, x, t):
        powers = 10.0 ** np.arange(self.d)
        return 100.0 * t + (x**2) @ powers + np.sin(x[..., 0])

    def flux(self, x, t):
        return x * (1.0 + np.arange(self.d)) + t

    def five(self, x, t):
        return self.probe(x, t)[..., None] * (1.0 + np.arange(5))

    def shown(self, vector):
        """The components along the axes that are shown, and 0 for those that are missing."""
        out = np.zeros(vector.shape[:-1] + (3,))
        for number, axis in enumerate(self.axes):
            out[..., number] = vector[..., axis]
        return out

    def close(self, a, b, what):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape, (what, a.shape, b.shape)
        scale = max(1.0, np.abs(b).max())
        error = np.abs(a - b).max()
        assert error <= self.tolerance * scale, (what, error, scale)

    def check(self, fields, x, t, what):
        """Arrays by name at positions x and time t."""
        self.close(fields["probe"], self.probe(x, t), (what, "probe"))
        # A function of one component is no vector.
        flux = self.flux(x, t) if self.d > 1 else self.flux(x, t)[..., 0]
        self.close(fields["flux"], flux, (what, "flux"))
        self.close(fields["five"], self.five(x, t), (what, "five"))
        u = np.asarray(fields["u"], dtype=float)
        slope = np.asarray(fields["grad_u"], dtype=float)
        terms = np.asarray(fields["energy_densities"], dtype=float)
        assert u.shape == x.shape[:-1] and np.ptp(u) > 0.05, what
        self.close(terms[..., 0], 0.5 * self.kappa * (slope**2).sum(-1), (what, "dirichlet"))
        self.close(terms[..., 1], 0.5 * u**2, (what, "quadratic"))
        self.close(fields["energy_density"], terms.sum(-1), (what, "energy_density"))
