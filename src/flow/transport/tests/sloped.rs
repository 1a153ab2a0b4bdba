//! Energies of `grad rho`: derivatives against differences, and what a step lowers.

use super::*;

/// `|p|^2/2 (1 + u/5) + u^2 sum p / 10 + 3/10 u sum sin x`.
struct Bent;

impl EnergyDensity for Bent {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            uses_position: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let d = batch.d;
        for (node, u) in batch.u.iter().enumerate() {
            let at = node * d..(node + 1) * d;
            let (x, p) = (&batch.x[at.clone()], &batch.p[at.clone()]);
            let square: f64 = p.iter().map(|p| p * p).sum();
            let sum: f64 = p.iter().sum();
            let sines: f64 = x.iter().map(|x| x.sin()).sum();
            if let Some(f) = &mut wanted.f {
                f[node] = 0.5 * square * (1.0 + 0.2 * u) + 0.1 * u * u * sum + 0.3 * u * sines;
            }
            if let Some(f) = &mut wanted.f_u {
                f[node] = 0.1 * square + 0.2 * u * sum + 0.3 * sines;
            }
            if let Some(f) = &mut wanted.f_uu {
                f[node] = 0.2 * sum;
            }
            for axis in 0..d {
                let entry = node * d + axis;
                if let Some(f) = &mut wanted.f_p {
                    f[entry] = p[axis] * (1.0 + 0.2 * u) + 0.1 * u * u;
                }
                if let Some(f) = &mut wanted.f_x {
                    f[entry] = 0.3 * u * x[axis].cos();
                }
                if let Some(f) = &mut wanted.f_up {
                    f[entry] = 0.2 * p[axis] + 0.2 * u;
                }
                if let Some(f) = &mut wanted.f_pp {
                    for other in 0..d {
                        f[entry * d + other] = match axis == other {
                            true => 1.0 + 0.2 * u,
                            false => 0.0,
                        };
                    }
                }
            }
        }
        Ok(())
    }
}

fn bent(d: usize, on_box: bool) -> Problem {
    let mut problem = Problem::new(d, on_box);
    let term = Term {
        name: "bent".to_owned(),
        local: Some(Arc::new(Bent)),
        ..Term::default()
    };
    problem.flow.add_term(term).unwrap();
    problem
}

#[test]
fn the_gradient_is_that_of_the_value() {
    for (d, on_box) in [(1, false), (2, false), (3, false), (2, true)] {
        let problem = bent(d, on_box);
        problem.check_gradient(None, &format!("d = {d}"));
    }
}

#[test]
fn the_products_of_the_model_are_those_of_its_rows() {
    for (d, on_box) in [(1, false), (2, true), (3, false)] {
        let problem = bent(d, on_box);
        let n = problem.parameters.len();
        let mut gradient = vec![0.0; n];
        problem.with(None, |step| {
            step.linearize(&problem.parameters, &mut gradient).unwrap();
            let mut linear = step.linear();
            let stride = linear.nodes().next_multiple_of(64) * linear.rows_per_node();
            let mut rows = vec![0.0; n * stride];
            linear.rows(0..problem.labels.len(), &mut rows, stride);
            let rows = Mat::from_fn(stride, n, |i, j| rows[j * stride + i]);
            let v = problem.direction(9);
            let image = rows.transpose() * (&rows * Mat::from_fn(n, 1, |i, _| v[i]));
            let mut product = vec![0.0; n];
            linear.product(&v, &mut product).unwrap();
            let size = (0..n).map(|i| image[(i, 0)].abs()).fold(0.0, f64::max);
            for (i, p) in product.iter().enumerate() {
                // Second derivatives of the map along v are by differences.
                assert!(
                    (p - image[(i, 0)]).abs() < 1e-6 * size,
                    "{p} {}",
                    image[(i, 0)]
                );
            }
        });
    }
}

/// The slope of the density that is pushed is that of its values.
#[test]
fn the_energy_of_observed_slopes_is_that_of_the_stage() {
    for d in [1, 2] {
        let problem = bent(d, false);
        let observed = problem
            .flow
            .observe(&problem.cx.pool, &problem.labels, &problem.parameters)
            .unwrap();
        let energies = problem
            .flow
            .energies(&problem.cx, &problem.labels, &observed);
        let all: f64 = energies.unwrap().iter().sum();
        let moved = observed.u.iter().zip(&problem.centre.values);
        let squares: Vec<f64> = moved.map(|(x, c)| (x - c) * (x - c)).collect();
        let points = squares.chunks_exact(d).zip(&problem.labels.w);
        let motion: f64 = points.map(|(s, w)| 3.5 * w * s.iter().sum::<f64>()).sum();
        let value = problem.with(None, |step| step.value(&problem.parameters).unwrap());
        assert!((all + motion - value).abs() < 1e-9 * value.abs(), "{d}");
    }
}

#[test]
fn strong_forms_are_refused() {
    for (form, d, text) in [
        (
            crate::objective::FormChoice::Residual,
            2,
            "`form` is residual",
        ),
        (crate::objective::FormChoice::Auto, 5, "`dimension` is 5"),
    ] {
        let message = super::super::sloped::check(form, d)
            .unwrap_err()
            .to_string();
        assert!(message.contains(text), "{message}");
    }
}
