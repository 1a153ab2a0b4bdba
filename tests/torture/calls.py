"""Writes a C program that calls every function of include/movimento.h at random: calls.py OUTPUT.c

What the header asks of a caller is kept (arrays are as long as it says, texts end, callbacks return); handles, sizes,
names, numbers, options and the order of calls are whatever comes up, wrong ones among them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bindings"))

import header

HANDLES = ("mov_options", "mov_energy", "mov_solver", "mov_state", "mov_writer")
#: Functions that take long however small the problem, or after which little can be done, each called so much less
#: often than another.
SLOW = {
    "mov_solver_free": 12,
    "mov_options_free": 12,
    "mov_energy_free": 12,
    "mov_state_free": 6,
    "mov_writer_free": 6,
    "mov_writer_close": 6,
    "mov_solver_set_communicator": 8,
    "mov_solver_step": 8,
    "mov_solver_step_by": 16,
    "mov_solver_step_to": 32,
    "mov_solver_run": 32,
    "mov_solver_restore": 4,
    "mov_solver_set_initial_snapshot": 32,
    "mov_solver_write_snapshot": 8,
    "mov_writer_create": 8,
    "mov_writer_write": 8,
    "mov_pack_snapshots": 32,
    "mov_index_snapshots": 16,
    "mov_solver_set_initial_callback": 8,
    "mov_solver_set_initial_values": 16,
    "mov_solver_set_initial_named": 16,
    "mov_solver_set_initial_density": 16,
    "mov_solver_set_initial_gaussians": 16,
    "mov_solver_set_initial_barenblatt": 16,
    "mov_solver_set_initial_particles": 16,
    "mov_solver_set_state_callback": 16,
    "mov_solver_set_state_values": 16,
    "mov_solver_add_increment_callback": 16,
    "mov_solver_add_increment_values": 16,
    "mov_solver_set_inside": 16,
    "mov_solver_set_options": 8,
    "mov_solver_velocity": 4,
    "mov_solver_clone": 4,
}


def argument(function: header.Function, it: header.Parameter) -> str:
    """An expression for a parameter."""
    kind, name = it.type, it.name
    for handle in HANDLES:
        if kind in (f"{handle} *", f"const {handle} *"):
            return f"({kind})a_handle({HANDLES.index(handle)})"
    if kind.endswith("_fn"):
        return f"chance(16) ? NULL : call_{kind.removeprefix('mov_').removesuffix('_fn')}"
    if kind == "const char *":
        texts = {"folder": "a_path()", "path": "a_path()", "name": "a_name()", "key": "a_name()"}
        if function.name.startswith("mov_options_"):
            texts = {"name": "an_option()", "value": "a_word()"}
        if function.name in ("mov_energy_create", "mov_energy_create_from_file"):
            texts = {"id": "an_energy()", "path": "a_path()"}
        if name == "parameter":
            return "a_parameter()"
        return texts.get(name, "a_word()")
    if kind == "uint64_t":
        # A buffer has at least so many.
        return "a_size()"
    numbers = {
        "double": "a_real()",
        "int64_t": "an_integer()",
        "int32_t": "(int32_t)a_small()",
        "uint32_t": "(uint32_t)a_small()",
        "void *": "NULL",
        "char *": "chance(8) ? NULL : text_out",
        "const double *": "a_list()",
        "double *": f"chance(16) ? NULL : real_out[{'01234567'[len(name) % 8]}]",
        "uint64_t *": "chance(16) ? NULL : count_out",
        "int64_t *": "chance(16) ? NULL : integer_out",
        "int32_t *": "chance(16) ? NULL : small_out",
        "const int64_t *": "chance(16) ? NULL : integer_in",
        "const int32_t *": "chance(16) ? NULL : small_in",
    }
    return numbers[kind]


def callback(it: header.Function) -> str:
    """A callback that fills what it is to fill with numbers from its points, and fails now and then."""
    parameters = ", ".join(f"{p.type} {p.name}" for p in it.parameters)
    name = f"call_{it.name.removeprefix('mov_').removesuffix('_fn')}"
    lines = [f"static {it.result} {name}({parameters}) {{"]
    lines += [f"  (void){p.name};" for p in it.parameters]
    names = {p.name for p in it.parameters}
    n = "n" if "n" in names else "1"
    d = "d" if "d" in names else "1"
    c = "c" if "c" in names else "1"
    sizes = {
        "f_p": f"{n} * {d} * {c}",
        "f_u": f"{n} * {c}",
        "f_h": f"{n} * {d} * {d}",
        "w_x": f"{n} * {d}",
        "grad": f"{n} * {d}",
        "phi": "2",
        "value": "1",
    }
    if it.name == "mov_collective_fn":
        lines.append("  return chance(200) ? -1 : 0;")
    elif it.name == "mov_inside_fn":
        lines.append("  for (uint64_t i = 0; i < n; i++) inside[i] = x[i * d] < 0.8;")
        lines.append("  return chance(200) ? -1 : 0;")
    elif it.result == "void":
        pass
    else:
        for p in it.parameters:
            if p.type == "double *":
                size = sizes.get(p.name, n)
                lines.append(
                    f"  if ({p.name}) for (uint64_t i = 0; i < (uint64_t)({size}); i++) {p.name}[i] = a_value();"
                )
        lines.append("  return chance(400) ? -1 : chance(400) ? 1 : 0;")
    lines.append("}\n")
    return "\n".join(lines)


def call(index: int, it: header.Function) -> str:
    arguments = ", ".join(argument(it, p) for p in it.parameters)
    made = {f"{handle} *": at for at, handle in enumerate(HANDLES)}
    lines = [f"  case {index}:"]
    if it.name in SLOW:
        lines.append(f"    if (!chance({SLOW[it.name]})) return 0;")
    lines.append(f'    last = "{it.name}";')
    if it.result in made:
        lines.append(f"    keep({made[it.result]}, {it.name}({arguments}));")
    elif it.result == "int32_t":
        lines.append(f"    count({it.name}({arguments}));")
    else:
        lines.append(f"    {it.name}({arguments});")
    lines.append("    return 1;")
    return "\n".join(lines)


PROGRAM = Path(__file__).with_name("calls.c.in")


def main() -> None:
    declared = header.read()
    callbacks = "\n".join(callback(it) for it in declared.callbacks)
    calls = "\n".join(call(index, it) for index, it in enumerate(declared.functions))
    text = PROGRAM.read_text(encoding="utf-8").replace("@CALLBACKS@", callbacks).replace("@CALLS@", calls)
    Path(sys.argv[1]).write_text(text.replace("@COUNT@", str(len(declared.functions))), encoding="utf-8")


if __name__ == "__main__":
    main()
