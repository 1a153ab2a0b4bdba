//! The solvers against each other, on the linearisation of a fit.

use super::*;
use crate::domain::{Domain, DomainChoice};
use crate::field::Field;
use crate::field::{Activation, Embedding, EmbeddingChoice, Network};
use crate::flow::l2::fit::Target;
use crate::linear_algebra::dot;
use crate::minimize::Objective;
use crate::objective::Pointwise;
use crate::parallel::Pool;
use crate::quadrature::{Quadrature, Stream, generator};

/// Calls `work` with the objective of a fit, its gradient and the number of its parameters.
fn on_a_fit(per_axis: usize, hidden: &[usize], work: impl FnOnce(&mut Pointwise<'_>, &[f64])) {
    let domain = Domain::new(DomainChoice::Box, vec![0.0; 2], vec![1.0; 2]).unwrap();
    let embedding = Embedding::new(EmbeddingChoice::Neumann, 2, &domain);
    let network = Network::new(embedding, Activation::Tanh, 2, hidden.iter().copied());
    let field = Field::from(network);
    let mut rng = generator(1, Stream::Weights, 0, 0);
    let nodes = Quadrature::Gauss { per_axis };
    let nodes = nodes.nodes(&domain, &mut rng).unwrap();
    let wave = |x: &[f64]| (3.0 * x[0]).cos() * (1.0 + x[1]).sin();
    let target = Target {
        components: 1,
        u: nodes.x.chunks(2).map(wave).collect(),
        grad: Vec::new(),
    };
    let fit = Box::new(target.fit(0.0, &[]));
    let pool = Pool::new(2).unwrap();
    let mut objective = Pointwise::new(&field, &pool, nodes.view(), fit);
    let parameters = field.network().initialize(&mut rng);
    let mut gradient = vec![0.0; parameters.len()];
    objective.linearize(&parameters, &mut gradient).unwrap();
    work(&mut objective, &gradient);
}

/// The step of a method at a damping relative to the mean diagonal, and that diagonal.
fn step(method: Method, objective: &mut Pointwise<'_>, q: &[f64], damping: f64) -> (Vec<f64>, f64) {
    let mut solver = Solver::new(method);
    let mut linear = objective.linear();
    solver.set(&mut *linear, false).unwrap();
    let mu = damping * solver.mean();
    assert!(solver.damp(&*linear, mu).unwrap());
    let solution = solver.solve(&mut *linear, mu, q, 0.0).unwrap().unwrap();
    (solution.step, solver.mean())
}

#[test]
fn dense_and_sample_space_solve_the_same_system() {
    // 144 rows, and 109 or 485 parameters.
    for hidden in [[8, 6], [20, 18]] {
        on_a_fit(12, &hidden, |objective, q| {
            let (dense, mean) = step(Method::Dense, objective, q, 1e-6);
            let (sample, same) = step(Method::Sample, objective, q, 1e-6);
            assert!((mean / same - 1.0).abs() < 1e-12);
            // Both satisfy (G + mu) s = -q.
            for s in [&dense, &sample] {
                let mut image = vec![0.0; s.len()];
                objective.linear().product(s, &mut image).unwrap();
                let residual: Vec<f64> = image
                    .iter()
                    .zip(s)
                    .zip(q)
                    .map(|((g, s), q)| g + 1e-6 * mean * s + q)
                    .collect();
                assert!(dot(&residual, &residual).sqrt() < 1e-10 * dot(q, q).sqrt());
            }
        });
    }
}

#[test]
fn conjugate_gradients_reach_what_the_matrix_gives() {
    on_a_fit(20, &[14, 12], |objective, q| {
        let (dense, mean) = step(Method::Dense, objective, q, 1e-5);
        let (krylov, estimated) = step(Method::Krylov, objective, q, 1e-5 * 1.0);
        // The mean diagonal is an estimate there, and the damping goes with it.
        assert!(
            (estimated / mean - 1.0).abs() < 0.5,
            "{estimated} for {mean}"
        );
        let gain = |s: &[f64], objective: &mut Pointwise<'_>| {
            let mut image = vec![0.0; s.len()];
            objective.linear().product(s, &mut image).unwrap();
            -dot(q, s) - 0.5 * dot(s, &image)
        };
        let (full, reached) = (gain(&dense, objective), gain(&krylov, objective));
        assert!((reached / full - 1.0).abs() < 1e-2, "{reached} of {full}");
    });
}

#[test]
fn an_old_factor_preconditions() {
    on_a_fit(20, &[14, 12], |objective, q| {
        let (dense, mean) = step(Method::Dense, objective, q, 1e-4);
        let mut solver = Solver::new(Method::Dense);
        let mut linear = objective.linear();
        solver.set(&mut *linear, false).unwrap();
        solver.set(&mut *linear, true).unwrap();
        assert!(!solver.is_fresh());
        let mu = 1e-4 * mean;
        assert!(solver.damp(&*linear, mu).unwrap());
        let solution = solver.solve(&mut *linear, mu, q, 0.0).unwrap().unwrap();
        let (a, b) = (dot(q, &solution.step), dot(q, &dense));
        assert!((a / b - 1.0).abs() < 2e-3, "{a} and {b}");
    });
}
