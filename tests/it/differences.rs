//! Second derivatives by differences, against closed forms.

use movimento::energy::{Batch, Derivatives, Differences, EnergyDensity, Traits};
use movimento::{Energy, ErrorKind, Result};
use std::sync::Arc;

/// `f = sin(u) (1 + |p|^2)^(1/2) + x_0^2 u`, without second derivatives.
struct Nonlinear;

impl EnergyDensity for Nonlinear {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            uses_position: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, b: &Batch<'_>, w: &mut Derivatives<'_>) -> Result<()> {
        assert!(w.f_uu.is_none() && w.f_up.is_none() && w.f_pp.is_none());
        for i in 0..b.n() {
            let (u, x) = (b.u[i], b.x[i * b.d]);
            let p = &b.p[i * b.d..(i + 1) * b.d];
            let s = (1.0 + p.iter().map(|p| p * p).sum::<f64>()).sqrt();
            if let Some(f) = &mut w.f {
                f[i] = u.sin() * s + x * x * u;
            }
            if let Some(f_u) = &mut w.f_u {
                f_u[i] = u.cos() * s + x * x;
            }
            for j in 0..b.d {
                if let Some(f_p) = &mut w.f_p {
                    f_p[i * b.d + j] = u.sin() * p[j] / s;
                }
                if let Some(f_x) = &mut w.f_x {
                    f_x[i * b.d + j] = if j == 0 { 2.0 * x * u } else { 0.0 };
                }
            }
        }
        Ok(())
    }
}

const D: usize = 3;
const N: usize = 50;

fn points() -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let wave = |i: usize, k: f64| (k * (i as f64 + 0.3)).sin();
    let x = (0..N * D).map(|i| wave(i, 1.3)).collect();
    let mut u: Vec<f64> = (0..N).map(|i| 3.0 * wave(i, 0.7)).collect();
    let mut p: Vec<f64> = (0..N * D).map(|i| 2.0 * wave(i, 2.1)).collect();
    // The points where a relative step would vanish.
    u[0] = 0.0;
    p[..D].fill(0.0);
    (x, u, p)
}

#[test]
fn they_agree_with_the_closed_forms() {
    let (x, u, p) = points();
    let batch = Batch {
        c: 1,
        d: D,
        t: 0.0,
        x: &x,
        u: &u,
        p: &p,
        h: &[],
    };
    let (mut f, mut f_x) = (vec![0.0; N], vec![0.0; N * D]);
    let (mut f_uu, mut f_up, mut f_pp) = (vec![0.0; N], vec![0.0; N * D], vec![0.0; N * D * D]);
    Differences::with_position(Nonlinear)
        .evaluate(
            &batch,
            &mut Derivatives {
                f: Some(&mut f),
                f_x: Some(&mut f_x),
                f_uu: Some(&mut f_uu),
                f_up: Some(&mut f_up),
                f_pp: Some(&mut f_pp),
                ..Derivatives::default()
            },
        )
        .unwrap();
    let close = |what: &str, got: f64, want: f64| {
        assert!(
            (got - want).abs() < 1e-7 * (1.0 + want.abs()),
            "{what}: {got} for {want}"
        );
    };
    for i in 0..N {
        let (u, x, p) = (u[i], x[i * D], &p[i * D..(i + 1) * D]);
        let s = (1.0 + p.iter().map(|p| p * p).sum::<f64>()).sqrt();
        close("f", f[i], u.sin() * s + x * x * u);
        close("f_uu", f_uu[i], -u.sin() * s);
        for j in 0..D {
            close(
                "f_x",
                f_x[i * D + j],
                if j == 0 { 2.0 * x * u } else { 0.0 },
            );
            close("f_up", f_up[i * D + j], u.cos() * p[j] / s);
            for k in 0..D {
                let same = if j == k { 1.0 } else { 0.0 };
                let at = (i * D + j) * D + k;
                close(
                    "f_pp",
                    f_pp[at],
                    u.sin() * (same / s - p[j] * p[k] / s.powi(3)),
                );
                assert_eq!(f_pp[at].to_bits(), f_pp[(i * D + k) * D + j].to_bits());
            }
        }
    }
}

/// `u ln u`, which is not defined below 0.
struct Entropy;

impl EnergyDensity for Entropy {
    fn traits(&self) -> Traits {
        Traits {
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, b: &Batch<'_>, w: &mut Derivatives<'_>) -> Result<()> {
        assert!(
            w.f_p.is_none(),
            "f_p of a density without gradient is zero without asking"
        );
        if let Some(f) = &mut w.f {
            f.iter_mut().zip(b.u).for_each(|(f, u)| *f = u * u.ln());
        }
        if let Some(f) = &mut w.f_u {
            f.iter_mut().zip(b.u).for_each(|(f, u)| *f = 1.0 + u.ln());
        }
        Ok(())
    }
}

#[test]
fn small_steps_stay_inside_a_half_line_and_p_is_left_alone() {
    let u = [1e-6, 1e-3, 1.0, 1e3];
    let (x, p) = ([0.5; 4], [f64::NAN; 4]);
    let batch = Batch {
        c: 1,
        d: 1,
        t: 0.0,
        x: &x,
        u: &u,
        p: &p,
        h: &[],
    };
    let (mut f_uu, mut f_up, mut f_pp) = ([1.0; 4], [1.0; 4], [1.0; 4]);
    Differences::new(Entropy)
        .evaluate(
            &batch,
            &mut Derivatives {
                f_uu: Some(&mut f_uu),
                f_up: Some(&mut f_up),
                f_pp: Some(&mut f_pp),
                ..Derivatives::default()
            },
        )
        .unwrap();
    for (f_uu, u) in f_uu.iter().zip(u) {
        assert!((f_uu * u - 1.0).abs() < 1e-3, "{f_uu} at {u}");
    }
    assert_eq!((f_up, f_pp), ([0.0; 4], [0.0; 4]));
}

/// Tails of a density are smaller than any step, in the units of most.
#[test]
fn a_density_is_not_asked_for_at_values_that_are_none() {
    let u = [1e-300, 1e-26, 1e-12, 1e7];
    let (x, p) = ([0.5; 4], [f64::NAN; 4]);
    let batch = Batch {
        c: 1,
        d: 1,
        t: 0.0,
        x: &x,
        u: &u,
        p: &p,
        h: &[],
    };
    let mut f_uu = [f64::NAN; 4];
    Differences::new(Entropy)
        .evaluate(
            &batch,
            &mut Derivatives {
                f_uu: Some(&mut f_uu),
                ..Derivatives::default()
            },
        )
        .unwrap();
    // Where the step is larger than u, of the slope from u on.
    for (f_uu, u) in f_uu.iter().zip(u) {
        assert!(*f_uu > 0.0 && f_uu * u < 1.0 + 1e-6, "{f_uu} at {u}");
    }
    assert!((f_uu[3] * 1e7 - 1.0).abs() < 1e-6);
}

#[test]
fn what_is_not_finite_is_named() {
    let energy = Energy::from_density("entropy-here", Arc::new(Differences::new(Entropy)));
    let term = energy.instantiate(2).unwrap();
    let (x, u, p) = ([0.1, 0.2, 0.3, 0.4], [1.0, -1.0], [0.0; 4]);
    let mut f = [0.0; 2];
    let batch = Batch {
        c: 1,
        d: 2,
        t: 0.0,
        x: &x,
        u: &u,
        p: &p,
        h: &[],
    };
    let error = term
        .local
        .unwrap()
        .evaluate(
            &batch,
            &mut Derivatives {
                f: Some(&mut f),
                ..Derivatives::default()
            },
        )
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFinite);
    assert_eq!(
        error.message(),
        "energy `entropy-here`: f is NaN at point 1 (counted from 0), x = (0.3, 0.4), u = -1; \
         accepted are finite numbers wherever a step may look"
    );
}
