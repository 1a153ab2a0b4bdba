//! The checks, in the order in which they run.

use clap::builder::PossibleValuesParser;

use crate::child::{Channel, Subject};
use crate::child::{
    convexity, corners, create, derivatives, domain, entry, evaluation, extremes, leaks, memory,
    process, threads,
};
use crate::options::Options;

/// One check: a row here and a function.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    pub name: &'static str,
    /// Subject, in a line.
    pub about: &'static str,
    /// Advice for when it fails.
    pub advice: &'static str,
    /// Whether those that follow mean little when it fails.
    pub blocks: bool,
    pub work: Work,
}

/// Work of a check in its process.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// Something with the whole process, into which the plugin has not been loaded.
    Process(fn(&Options, &Channel)),
    /// Something with an energy of the plugin.
    Energy(fn(&Subject<'_>)),
    /// Nothing: the supervisor learns it from the other processes.
    Elsewhere,
}

/// The check of the plugin as a whole, before those of its energies.
pub const ENTRY: Check = Check {
    name: "entry",
    about: "the shared object loads; ABI version, sizes and functions of the entry",
    advice: "Export `movimento_plugin`, filled as in the templates, built with the header of \
             the ABI that the library has.",
    blocks: true,
    work: Work::Process(entry::check),
};

/// The check that no process of the energy printed; it has no process of its own.
pub const SILENCE: Check = Check {
    name: "silence",
    about: "nothing was printed",
    advice: "Print nothing: write what there is to say into `message` and return a status. The \
             host's output is not the plugin's.",
    blocks: false,
    work: Work::Elsewhere,
};

/// The check that finds where the energy can be evaluated, for those that follow.
pub const DOMAIN: Check = Check {
    name: "domain",
    about: "values of u that the energy accepts",
    advice: "Return 0 where the energy is finite, a status > 0 with a message where it is not \
             defined. If it is defined elsewhere, say where: --values, --positions, --gradients.",
    blocks: true,
    work: Work::Energy(domain::check),
};

/// The checks of one energy.
pub const ENERGY: &[Check] = &[
    Check {
        name: "descriptor",
        about: "id, texts, flags, parameters, tables declared and offered",
        advice: "Correct the movimento_descriptor; the header says what each field holds.",
        blocks: true,
        work: Work::Energy(create::descriptor),
    },
    Check {
        name: "create",
        about: "created with defaults and with other parameters in their ranges",
        advice: "`create` must succeed with the defaults, and with what the ranges allow or \
                 refuse it with a message.",
        blocks: true,
        work: Work::Energy(create::create),
    },
    DOMAIN,
    Check {
        name: "bounds",
        about: "nothing is read or written outside the arrays of a batch",
        advice: "The lengths are [n], [n][d] and [n][d][d]; outputs may be NULL; arrays are \
                 aligned to 8 bytes only.",
        blocks: true,
        work: Work::Energy(memory::bounds),
    },
    Check {
        name: "inputs",
        about: "inputs and the batch are not written to",
        advice: "Take inputs as const and copy what you change.",
        blocks: true,
        work: Work::Energy(memory::inputs),
    },
    Check {
        name: "repeats",
        about: "the same points give the same bits, again and in another instance",
        advice: "Keep no state between calls: no static counters, no caches, no unseeded numbers. \
                 Write every output that is wanted.",
        blocks: true,
        work: Work::Energy(evaluation::repeats),
    },
    Check {
        name: "derivatives",
        about: "every derivative against finite differences",
        advice: "Correct the formula of the derivative, or the flags: a term of x or grad u asks \
                 for USES_POSITION or USES_GRADIENT.",
        blocks: false,
        work: Work::Energy(derivatives::check),
    },
    Check {
        name: "corners",
        about: "finite where grad u = 0, where u = 0 and at the ends of x",
        advice: "grad u is exactly 0 at corners and where u is constant: write powers of |p| as powers of p.p, divide \
                 by nothing that vanishes there, and take a root of p.p + delta^2.",
        blocks: false,
        work: Work::Energy(corners::check),
    },
    Check {
        name: "convexity",
        about: "the declared convexity in (u, p), at random points and parameters",
        advice: "Do not declare MOVIMENTO_CONVEX: the solver relies on it.",
        blocks: false,
        work: Work::Energy(convexity::check),
    },
    Check {
        name: "subsets",
        about: "an output alone is what it is among the others",
        advice: "Compute each output independently of which others are wanted (not NULL).",
        blocks: false,
        work: Work::Energy(evaluation::subsets),
    },
    Check {
        name: "empty",
        about: "a batch of no points is legal",
        advice: "Return 0 when n is 0 and touch no array.",
        blocks: false,
        work: Work::Energy(evaluation::empty),
    },
    Check {
        name: "growth",
        about: "a batch of a newer host, which is larger, is accepted",
        advice: "Ask for struct_size >= the size you know, not for equality.",
        blocks: false,
        work: Work::Energy(evaluation::growth),
    },
    Check {
        name: "nan",
        about: "NaN gives a status or NaN, at its point only",
        advice: "Let NaN pass through, or refuse it with a status. Beware of max, min, casts to \
                 integers, table look-ups, and loops until convergence.",
        blocks: false,
        work: Work::Energy(extremes::nan),
    },
    Check {
        name: "infinite",
        about: "infinite and extreme inputs end in a status or in numbers",
        advice: "Do not convert inputs to indices or loop until they converge without a bound.",
        blocks: false,
        work: Work::Energy(extremes::infinite),
    },
    Check {
        name: "refusals",
        about: "parameters out of range, NaN, unknown or of a wrong length do no harm",
        advice: "Refuse what does not fit with a negative status and a message, whatever it is. \
                 The library refuses most of it before, other hosts may not.",
        blocks: false,
        work: Work::Energy(create::refusals),
    },
    Check {
        name: "message",
        about: "messages end within their size and are UTF-8",
        advice: "Write at most `message_size` bytes with the NUL: snprintf does.",
        blocks: false,
        work: Work::Energy(memory::message),
    },
    Check {
        name: "threads",
        about: "concurrent calls on one instance give the bits of serial ones",
        advice: "Use no static or shared scratch memory in `evaluate`: the stack, or memory of \
                 the call. Start no threads.",
        blocks: false,
        work: Work::Energy(threads::check),
    },
    Check {
        name: "leaks",
        about: "create, destroy, refusals and evaluations give back their memory",
        advice: "Free in `destroy` what `create` allocated, free it where `create` fails, and \
                 what `evaluate` allocates before it returns.",
        blocks: false,
        work: Work::Energy(leaks::check),
    },
    Check {
        name: "process",
        about: "rounding, signals, locale, folder, environment, files, threads are left alone",
        advice: "Change nothing that belongs to the process; restore it where a library does.",
        blocks: false,
        work: Work::Process(process::check),
    },
];

/// Every check, in the order in which they run.
fn all() -> impl Iterator<Item = Check> {
    let energy = ENERGY.iter().copied();
    [ENTRY].into_iter().chain(energy).chain([SILENCE])
}

/// The check of that name.
pub fn named(name: &str) -> Option<Check> {
    all().find(|check| check.name == name)
}

/// The names that `--only` takes.
pub fn names() -> PossibleValuesParser {
    let value = |check: Check| clap::builder::PossibleValue::new(check.name).help(check.about);
    all().map(value).collect::<Vec<_>>().into()
}
