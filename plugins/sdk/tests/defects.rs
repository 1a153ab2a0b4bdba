//! Energies with one defect each: the checks must find it.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::check::{Check, closed_forms};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Entry, First, FirstForm, Functional, PairForm, PairKernel,
    PairValues, Pairs, Points, Result, Sample, Second, SecondForm,
};

/// `u^3/3 + u p_0 + |p|^2/2`, sound, with every derivative in closed form but for one defect.
struct Cubic<const DEFECT: usize>;

const SOUND: usize = 0;
const F_U: usize = 1;
const F_P: usize = 2;
const F_UU: usize = 3;
const F_UP: usize = 4;
const F_PP: usize = 5;
const F_X: usize = 6;
const LOSES_NAN: usize = 7;

impl<const DEFECT: usize> Energy for Cubic<DEFECT> {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"cubic", c"Cubic")
        .formula(c"u^3/3 + u p_0 + |p|^2/2")
        .uses_gradient();

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl<const DEFECT: usize> Functional for Cubic<DEFECT> {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        let p0 = s.p.narrow(1, 0, 1)?.squeeze(1)?;
        ((s.u.powf(3.0)? * (1.0 / 3.0))? + (&s.u * p0)?)? + (s.p.sqr()?.sum(1)? * 0.5)?
    }
}

impl<const DEFECT: usize> Cubic<DEFECT> {
    fn defect(which: usize) -> f64 {
        if which == DEFECT { 1e-5 } else { 0.0 }
    }

    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        for (i, (&u, p)) in at.u.iter().zip(at.p.chunks_exact(at.d)).enumerate() {
            if let Some(f) = &mut out.f {
                let square: f64 = p.iter().map(|p| p * p).sum();
                f[i] = u * u * u / 3.0 + u * p[0] + 0.5 * square;
                if DEFECT == LOSES_NAN {
                    f[i] = f[i].max(-1e9);
                }
            }
            if let Some(f_u) = &mut out.f_u {
                f_u[i] = u * u + p[0] + Self::defect(F_U);
            }
            for j in 0..at.d {
                if let Some(f_p) = &mut out.f_p {
                    let first = if j == 0 { u } else { Self::defect(F_P) };
                    f_p[i * at.d + j] = p[j] + first;
                }
                if let Some(f_x) = &mut out.f_x {
                    f_x[i * at.d + j] = Self::defect(F_X);
                }
            }
        }
        Ok(())
    }

    fn second(&self, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
        for i in 0..at.n {
            if let Some(f_uu) = &mut out.f_uu {
                f_uu[i] = 2.0 * at.u[i] + Self::defect(F_UU);
            }
            if let Some(f_up) = &mut out.f_up {
                f_up[i * at.d] = 1.0 + Self::defect(F_UP);
            }
            for j in 0..at.d {
                if let Some(f_pp) = &mut out.f_pp {
                    f_pp[(i * at.d + j) * at.d + j] = 1.0;
                    f_pp[i * at.d * at.d + 1] = Self::defect(F_PP);
                }
            }
        }
        Ok(())
    }
}

static CUBICS: Entry = movimento_plugin::plugin_entry!(
    Cubic<SOUND>,
    Cubic<F_U>,
    Cubic<F_P>,
    Cubic<F_UU>,
    Cubic<F_UP>,
    Cubic<F_PP>,
    Cubic<F_X>,
    Cubic<LOSES_NAN>
);

#[test]
fn defects_are_found_and_named() {
    Check::new(&CUBICS, 0).dimension(2).run().unwrap();
    closed_forms::<Cubic<SOUND>>(2, &[], (-1.0, 1.0)).unwrap();
    let names = [
        "",
        "f_u",
        "f_p[1]",
        "f_uu",
        "f_up",
        "f_pp",
        "f_x",
        "NaN stays NaN",
    ];
    for (index, name) in names.iter().enumerate().skip(1) {
        let report = Check::new(&CUBICS, index as u32)
            .dimension(2)
            .run()
            .unwrap_err()
            .to_string();
        assert!(report.contains(&format!("FAILED {name}")), "{report}");
    }
    let report = closed_forms::<Cubic<F_U>>(2, &[], (-1.0, 1.0))
        .unwrap_err()
        .to_string();
    assert!(report.contains("FAILED f_u"), "{report}");
}

/// Everything by autograd, with second derivatives left to the host, in all three variables.
struct Plain;

impl Energy for Plain {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"plain", c"Plain")
        .formula(c"exp(u) x_0 + |p|^2")
        .uses_gradient()
        .uses_position();

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl Functional for Plain {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        (s.u.exp()? * s.x.narrow(1, 0, 1)?.squeeze(1)?)? + s.p.sqr()?.sum(1)?
    }
}

/// Uses the position without saying so; depends on neither `u` nor `p`.
struct Undeclared;

impl Energy for Undeclared {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"undeclared", c"Undeclared").formula(c"|x|^2");

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl Functional for Undeclared {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        s.x.sqr()?.sum(1)
    }
}

/// A kernel by autograd.
struct Square;

impl Energy for Square {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"square", c"Square").formula(c"|x - y|^2");

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl PairKernel for Square {
    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        (x - y)?.sqr()?.sum(1)
    }
}

/// A kernel that is not symmetric, with the gradient of another.
struct Skew;

impl Energy for Skew {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"skew", c"Skew").formula(c"x_0 - 2 y_0");

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl PairKernel for Skew {
    const GRADIENT: Option<PairForm<Self>> = Some(Self::closed);

    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        (x - (y * 2.0)?)?.narrow(1, 0, 1)?.squeeze(1)
    }
}

impl Skew {
    fn closed(&self, at: &Pairs<'_>, out: &mut PairValues<'_>) -> Result<()> {
        for i in 0..at.n {
            if let Some(w) = &mut out.w {
                w[i] = at.x[i * at.d] - 2.0 * at.y[i * at.d];
            }
        }
        Ok(())
    }
}

/// A density and a kernel in one energy, both by autograd; a wrong gradient of the kernel if SKEW.
struct Both<const SKEW: bool>;

impl<const SKEW: bool> Energy for Both<SKEW> {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(if SKEW { c"both-skew" } else { c"both" }, c"Both")
            .formula(c"u^2 and |x - y|^2");

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl<const SKEW: bool> Functional for Both<SKEW> {
    fn density(&self, s: &Sample) -> TensorResult<Tensor> {
        s.u.sqr()
    }
}

impl<const SKEW: bool> PairKernel for Both<SKEW> {
    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        let w = (x - y)?.sqr()?.sum(1)?;
        if SKEW { w + x.sum(1)? } else { Ok(w) }
    }
}

// A plugin may mix densities and kernels, and an energy may be both.
static MIXED: Entry =
    movimento_plugin::plugin_entry!(Plain, Square, Undeclared, Skew, Both<false>, Both<true>);

#[test]
fn densities_and_kernels_mix() {
    for d in 1..=3 {
        Check::by_id(&MIXED, "plain").dimension(d).run().unwrap();
        Check::by_id(&MIXED, "square").dimension(d).run().unwrap();
    }
}

#[test]
fn an_energy_of_both_kinds_offers_both_tables_and_both_are_checked() {
    for d in 1..=3 {
        let report = Check::by_id(&MIXED, "both").dimension(d).run().unwrap();
        for what in ["f_u", "w_x[0]"] {
            assert!(report.findings().iter().any(|f| f.what == what), "{report}");
        }
    }
    let wrong = Check::by_id(&MIXED, "both-skew").run().unwrap_err();
    let failed = wrong.findings().iter().filter(|f| !f.passed);
    let failed: Vec<_> = failed.map(|f| f.what.as_str()).collect();
    assert_eq!(failed, ["w(x, y) = w(y, x)"]);
}

#[test]
fn undeclared_dependence_is_found() {
    let report = Check::by_id(&MIXED, "undeclared")
        .run()
        .unwrap_err()
        .to_string();
    assert!(report.contains("FAILED f_x[0]"), "{report}");
}

#[test]
fn kernels_are_held_to_symmetry_and_their_gradient() {
    let report = Check::by_id(&MIXED, "skew").run().unwrap_err().to_string();
    assert!(report.contains("FAILED w(x, y) = w(y, x)"), "{report}");
    assert!(report.contains("FAILED w_x[0]"), "{report}");
}

#[test]
fn an_unknown_id_is_a_failed_check() {
    let report = Check::by_id(&MIXED, "nothing")
        .run()
        .unwrap_err()
        .to_string();
    assert!(report.contains("there are 6 energies"), "{report}");
}
