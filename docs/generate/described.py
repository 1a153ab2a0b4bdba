"""Options, energies and figures of the report, as the library describes them."""

from __future__ import annotations

import math
from typing import Any

import movimento
from markdown_text import escaped, table

#: Headings of the options, by the first option of each group in the order of the library's table.
GROUPS = {
    "dimension": "The problem",
    "transport_weight": "Birth and death (`flow` = wfr)",
    "movement": "Time steps",
    "hidden": "The network",
    "quadrature": "Integrals",
    "relabel": "Transport maps",
    "initial_smoothing": "Initial conditions and checks",
    "form": "How a step is posed and minimised",
    "tolerance": "When a step is good enough",
    "fit_tolerance": "When a fit is good enough",
    "adam_learning_rate": "Adam, and the method of the paper (`transport` = w2gn)",
    "seed": "Random numbers and threads",
    "snapshot_resolution": "Snapshots",
}


def number(value: Any) -> str:
    if isinstance(value, float):
        return "no end" if math.isinf(value) else f"{value:g}"
    return str(value)


def shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(number, value)) or "not set"
    return number(value)


def span(minimum: Any, maximum: Any) -> str:
    """A range in words; the least and the largest number there is stand for no end."""
    low = None if minimum is None else "above 0" if minimum == 2.2250738585072014e-308 else f"from {number(minimum)}"
    high = None if maximum is None else f"to {number(maximum)}"
    return " ".join(filter(None, (low, high))) or "any"


def options() -> str:
    lines = [
        "# Options",
        "",
        "Made from `mov_options_describe` of the library; in Python `movimento.Options.describe()`. "
        "An option that is *live* may be changed during a run by `mov_solver_set_options`. "
        "Where a default of 0 chooses, what was chosen is in the [report](report.md) (`parameters`, `nodes`).",
        "",
    ]
    infos = movimento.Options.describe()
    groups: dict[str, list[Any]] = {}
    title = ""
    for name, info in infos.items():
        title = GROUPS.get(name, title)
        groups.setdefault(title, []).append(info)
    for title, members in groups.items():
        lines += [f"## {title}", ""]
        for it in members:
            accepted = ", ".join(f"`{choice}`" for choice in it.choices) or span(it.minimum, it.maximum)
            default = f"`{it.default}`" if it.type == "text" else shown(it.default)
            lines += [f"### `{it.name}` {{#{it.name}}}", ""]
            lines += [f"{it.type}; {accepted}; default {default}{'; *live*' if it.live else ''}", ""]
            lines += [escaped(it.help[0].upper() + it.help[1:] + "."), ""]
    return "\n".join(lines)


def energies() -> str:
    lines = [
        "# Energies",
        "",
        "Made from `mov_plugin_describe` of the plugins that come with the library; in Python `movimento.plugins()`. "
        "`u` is the field, or the density `rho` in Wasserstein space, and `p` its gradient. The flow of each in L2 "
        "is $u_t = \\nabla\\cdot f_p - f_u$, and in Wasserstein space "
        "$\\rho_t = \\nabla\\cdot(\\rho\\,\\nabla (f_\\rho + W * \\rho))$. Energies add up.",
        "",
        "What a flow cannot use it refuses by name: L2 interactions, and flows by potentials energies of `grad rho`.",
        "",
    ]
    for id, it in movimento.plugins().items():
        lines += [f"## `{id}` {{#{id}}}", "", f"{escaped(it.name)}, version {it.version}", ""]
        lines += ["```text", it.formula, "```", ""]
        rows = [
            [f"`{p.name}`", p.type, shown(p.default), span(p.minimum, p.maximum), escaped(p.help)]
            for p in it.parameters.values()
        ]
        if rows:
            lines += table(["parameter", "type", "default", "accepted", "meaning"], rows)
        lines += [f"Flags: {', '.join(it.flags) or 'none'}; tables: {', '.join(it.extensions)}.", ""]
        lines += [f"- {escaped(reference)}" for reference in it.references]
        lines.append("")
    return "\n".join(lines)


def report() -> str:
    rows = [[f"`{key}`", escaped(help)] for key, help in movimento.describe_report().items()]
    return "\n".join(
        [
            "# The report of a step",
            "",
            "Made from `mov_report_describe`. `mov_solver_report(solver, key, &value)` gives a figure; in Python "
            "`solver.report()` is a dictionary of all of them. Figures are measured at nodes that the step did not "
            "train on (*independent nodes*). Series of snapshots keep them in `/series`.",
            "",
            *table(["figure", "meaning"], rows),
            "## Reading it",
            "",
            "- `energy_slack` is not below zero by more than the nodes can tell: a step that violates the energy "
            "inequality is refused.",
            "- `stage_error` against `movement_distance`: how far the step is from the exact minimiser, and how far "
            "it went. A tenth is much, a thousandth is good.",
            "- `error_bound` is a proven bound where it is finite (convex energies, no flux through the boundary).",
            "- `boundary_flux`: what the natural condition makes vanish, as it was reached.",
            "- `retries`, `substeps`, `rejected`: what the step has cost beyond the plain way.",
            "",
        ]
    )
