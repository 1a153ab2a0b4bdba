//! `kappa/2 |grad psi|^2 + (|psi|^2 - 1)^2 / (4 eps^2)` of a complex psi.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, First, Parameter, Result, Second, SystemForm, SystemFunctional,
    SystemPoints, SystemSample, SystemSecondForm,
};

/// The energy of Ginzburg and Landau of a complex field, whose parts are the components of u: vortices.
#[derive(Debug, Clone)]
pub struct GinzburgLandau {
    kappa: f64,
    /// `1 / eps^2`.
    height: f64,
}

impl Energy for GinzburgLandau {
    const DESCRIPTOR: Descriptor = Descriptor::new(
        c"ginzburg-landau",
        c"Ginzburg-Landau energy of a complex field",
    )
    .version(c"1.0.0")
    .formula(c"kappa/2 |p|^2 + (|u|^2 - 1)^2 / (4 eps^2), u = (Re psi, Im psi), p = grad u")
    .references(
        c"Bethuel, Brezis, Helein, Ginzburg-Landau Vortices, Birkhauser (1994), \
                  doi:10.1007/978-1-4612-0287-5",
    )
    .uses_gradient()
    .parameters(&[
        Parameter::real(c"kappa", 1.0, c"stiffness, > 0").positive(),
        Parameter::real(c"eps", 0.1, c"size of the vortices with kappa = 1, > 0").positive(),
    ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: arguments.real("kappa")?,
            height: arguments.real("eps")?.powi(-2),
        })
    }
}

impl SystemFunctional for GinzburgLandau {
    const COMPONENTS: usize = 2;
    const FIRST: Option<SystemForm<Self>> = Some(first);
    const SECOND: Option<SystemSecondForm<Self>> = Some(second);

    fn density(&self, s: &SystemSample) -> candle_core::Result<Tensor> {
        let well = (s.u.sqr()?.sum(1)? - 1.0)?.sqr()?;
        (s.p.sqr()?.sum(2)?.sum(1)? * (0.5 * self.kappa))? + (well * (0.25 * self.height))?
    }
}

fn first(energy: &GinzburgLandau, at: &SystemPoints<'_>, out: &mut First<'_>) -> Result<()> {
    let slopes = at.c * at.d;
    let points = at.u.chunks_exact(at.c).zip(at.p.chunks_exact(slopes));
    for (point, (u, p)) in points.enumerate() {
        let excess = u.iter().map(|u| u * u).sum::<f64>() - 1.0;
        if let Some(f) = out.f.as_deref_mut().and_then(|f| f.get_mut(point)) {
            let square: f64 = p.iter().map(|p| p * p).sum();
            *f = 0.5 * energy.kappa * square + 0.25 * energy.height * excess * excess;
        }
        let own = out.f_u.as_deref_mut();
        if let Some(f_u) = own.and_then(|f| f.chunks_exact_mut(at.c).nth(point)) {
            let pull = energy.height * excess;
            f_u.iter_mut().zip(u).for_each(|(f, u)| *f = pull * u);
        }
    }
    if let Some(f_p) = &mut out.f_p {
        let all = f_p.iter_mut().zip(at.p);
        all.for_each(|(f, p)| *f = energy.kappa * p);
    }
    Ok(())
}

fn second(energy: &GinzburgLandau, at: &SystemPoints<'_>, out: &mut Second<'_>) -> Result<()> {
    let (c, slopes) = (at.c, at.c * at.d);
    if let Some(f_uu) = &mut out.f_uu {
        for (matrix, u) in f_uu.chunks_exact_mut(c * c).zip(at.u.chunks_exact(c)) {
            let excess = u.iter().map(|u| u * u).sum::<f64>() - 1.0;
            for (row, (entries, a)) in matrix.chunks_exact_mut(c).zip(u).enumerate() {
                for (column, (entry, b)) in entries.iter_mut().zip(u).enumerate() {
                    let diagonal = if row == column { excess } else { 0.0 };
                    *entry = energy.height * (2.0 * a * b + diagonal);
                }
            }
        }
    }
    if let Some(f_pp) = &mut out.f_pp {
        for matrix in f_pp.chunks_exact_mut(slopes * slopes) {
            let diagonal = matrix.iter_mut().step_by(slopes + 1);
            diagonal.for_each(|entry| *entry = energy.kappa);
        }
    }
    Ok(())
}
