import movimento
import numpy as np

# A mesh as a finite element code has it: points, and triangles by the numbers of their corners. Here a disc of
# radius 1 as rings of triangles.
RINGS, SECTORS = 16, 48
angle = 2 * np.pi * np.arange(SECTORS) / SECTORS
rings = [np.stack([r * np.cos(angle), r * np.sin(angle)], 1) for r in np.arange(1, RINGS + 1) / RINGS]
points = np.concatenate([np.zeros((1, 2)), *rings])
triangles = [[0, 1 + k, 1 + (k + 1) % SECTORS] for k in range(SECTORS)]
for r in range(RINGS - 1):
    for k in range(SECTORS):
        a, b = 1 + r * SECTORS + k, 1 + r * SECTORS + (k + 1) % SECTORS
        triangles += [[a, a + SECTORS, b + SECTORS], [a, b + SECTORS, b]]
corners = points[np.array(triangles)]  # (triangles, 3, 2)


def rule(corners, barycentric, share):
    """Quadrature nodes (n, 2) and weights (n,) of all triangles; the weights of the rule are positive."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = 0.5 * np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    x = np.einsum("qk,tkd->tqd", barycentric, corners)
    return x.reshape(-1, 2), np.outer(area, share).ravel()


inside = rule(corners, np.full((3, 3), 1 / 6) + np.eye(3) / 2, np.full(3, 1 / 3))
checks = rule(corners, np.full((1, 3), 1 / 3), np.ones(1))
# The boundary: the middles of the outer edges, with their outward normals and lengths.
ends = rings[-1], np.roll(rings[-1], -1, 0)
edge = (ends[0] + ends[1]) / 2
normal = edge / np.linalg.norm(edge, axis=1, keepdims=True)
length = np.linalg.norm(ends[1] - ends[0], axis=1)

options = {"lower": -1.0, "upper": 1.0, "hidden": [300], "training": "outputs"}  # features: see the text
with movimento.Solver(options, tau=0.02, movement="second") as solver:
    solver.add_energy("dirichlet")
    solver.set_nodes(*inside, *checks)
    solver.set_boundary(edge, normal, length)
    solver.add_boundary_energy("quadratic", kappa=2.0)  # u_n + 2 u = 0: heat goes over into the surroundings
    solver.set_initial(movimento.Values(inside[0], 1 - (inside[0] ** 2).sum(1) / 2))
    solver.step_to(0.2)
    u = solver.evaluate(points)  # back at the points of the mesh
    print(
        f"u = {u[0]:.3f} in the middle, {u[-1]:.3f} at the edge; boundary_flux {solver.report()['boundary_flux']:.0e}"
    )
