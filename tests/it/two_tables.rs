//! Energies that offer a density and an interaction: the sum of both, or refused by name.

use crate::support::common::*;
use crate::support::wasserstein::{density, grid, options, solver, standard};
use movimento::energy::{Batch, Derivatives, PairBatch};
use movimento::{Energy, ErrorKind, Options, Solver};
use std::path::Path;

const KAPPA: f64 = 0.7;
const ATTRACTION: f64 = 1.3;

/// The energy of tests/plugins/both.c.
fn both(folder: &Path) -> Energy {
    let object = shared_object("tests/plugins/both.c", folder, "both.so", &[]);
    let mut energy = Energy::from_file(&object, None).unwrap();
    energy.set("kappa", &[KAPPA]).unwrap();
    energy.set("attraction", &[ATTRACTION]).unwrap();
    energy
}

/// The two energies that it is the sum of.
fn apart() -> [Energy; 2] {
    [
        energy("internal", "quadratic", &[("kappa", &[KAPPA])]),
        energy(
            "interaction",
            "interaction-quadratic",
            &[("kappa", &[ATTRACTION])],
        ),
    ]
}

#[test]
fn a_term_has_the_density_and_the_kernel() {
    let folder = tempfile::tempdir().unwrap();
    let term = both(folder.path()).instantiate(2).unwrap();
    let [quadratic, attraction] = apart().map(|energy| energy.instantiate(2).unwrap());
    let (x, y) = ([0.3, -0.4, 1.0, 2.0], [0.5, 0.1, -1.0, 0.25]);
    let batch = Batch {
        c: 1,
        d: 2,
        t: 0.0,
        x: &x,
        u: &[0.4, 1.7],
        p: &[0.0; 4],
        h: &[],
    };
    let of_density = |term: &movimento::energy::Term| {
        let mut buffers = [2, 2, 4, 4, 2, 4, 8, 0, 0, 0, 0].map(|length| vec![9.0; length]);
        let mut wanted = Derivatives::from_buffers(&mut buffers);
        let density = term.local.as_ref().unwrap();
        density.evaluate(&batch, &mut wanted).unwrap();
        buffers
    };
    assert_eq!(of_density(&term), of_density(&quadratic));
    let pairs = PairBatch {
        d: 2,
        t: 0.0,
        x: &x,
        y: &y,
    };
    let of_kernel = |term: &movimento::energy::Term| {
        let (mut w, mut w_x) = ([9.0; 2], [9.0; 4]);
        let kernel = term.pair.as_ref().unwrap();
        kernel
            .evaluate(&pairs, Some(&mut w), Some(&mut w_x))
            .unwrap();
        (w, w_x)
    };
    assert_eq!(of_kernel(&term), of_kernel(&attraction));
    assert!(quadratic.pair.is_none() && attraction.local.is_none());
}

/// The value, the gradient that the residual is made of, and steps of each form.
#[test]
fn in_wasserstein_space_it_is_the_sum() {
    let folder = tempfile::tempdir().unwrap();
    let at = grid(1, 2.0, 33);
    for form in ["weak", "residual"] {
        let mut options = options(1, "euler", 0.05, &[6]);
        options.set("form", form).unwrap();
        let mut one = solver(&options, &[both(folder.path())], standard(1));
        let mut two = solver(&options, &apart(), standard(1));
        for step in 0..4 {
            let (of_one, of_two) = (one.energies().unwrap(), two.energies().unwrap());
            assert_eq!((of_one.len(), of_two.len()), (1, 2));
            let sum: f64 = of_two.iter().sum();
            let off = (of_one[0] - sum).abs();
            assert!(off <= 1e-14 * sum.abs(), "{form}, step {step}: {off:e}");
            assert!(of_two.iter().all(|part| *part > 0.05), "{of_two:?}");
            assert_eq!(
                density(&one, &at),
                density(&two, &at),
                "{form}, step {step}"
            );
            one.step().unwrap();
            two.step().unwrap();
            let (a, b) = (one.report().unwrap(), two.report().unwrap());
            assert_eq!(a.residual.to_bits(), b.residual.to_bits(), "{form}");
            let off = (a.energy - b.energy).abs();
            assert!(off <= 1e-14 * b.energy.abs(), "{form}: {off:e}");
        }
    }
}

#[test]
fn in_l2_it_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::new();
    options.set("dimension", 1).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let refused = solver.add_energy(&both(folder.path())).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Plugin);
    for part in [
        "`both`",
        "movimento.pair/1",
        "the L2 flow",
        "movimento.local/1",
    ] {
        assert!(refused.message().contains(part), "{refused}");
    }
    assert!(solver.energy_names().is_empty());
    let refused = solver.add_energy(&apart()[1]).unwrap_err();
    assert!(
        refused
            .message()
            .contains("which `interaction-quadratic` does not offer")
    );
}
