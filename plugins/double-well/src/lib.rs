//! The double-well energy, `double-well`:
//!
//! ```text
//! F(u) = eps^-2 int (u^2 - 1)^2 / 4 dx    f(x, u, p) = (u^2 - 1)^2 / (4 eps^2)
//! f_u = eps^-2 (u^3 - u)    f_uu = eps^-2 (3 u^2 - 1)    all others 0
//! ```
//!
//! # Flows
//!
//! * In L2: the reaction `u_t = -eps^-2 (u^3 - u)`; together with the energy `dirichlet` the
//!   Allen-Cahn equation `u_t = kappa Laplacian u - eps^-2 (u^3 - u)`, whose interfaces are about
//!   `eps` wide for `kappa = 1`.
//! * In W2: `u_t = eps^-2 div(u (3 u^2 - 1) grad u)`, which runs backwards where `3 u^2 < 1`:
//!   use it with a regularising energy only.
//!
//! # Parameters
//!
//! | name | default | range | meaning |
//! |---|---|---|---|
//! | `eps` | 0.25 | > 0 | width of the interfaces |
//!
//! Not convex: `f_uu >= -eps^-2`, so one L2 step has a unique minimiser for `tau < eps^2`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Entry, First, FirstForm, Functional, Parameter, Points, Result,
    Sample, Second, SecondForm,
};

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(DoubleWell);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(DoubleWell);

/// `(u^2 - 1)^2 / (4 eps^2)`.
#[derive(Debug, Clone)]
pub struct DoubleWell {
    /// `eps^-2`.
    scale: f64,
}

impl Energy for DoubleWell {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"double-well", c"Double-well energy")
        .version(c"1.0.0")
        .formula(c"eps^-2 (u^2 - 1)^2 / 4")
        .references(
            c"Allen, Cahn, A microscopic theory for antiphase boundary motion and its \
              application to antiphase domain coarsening, Acta Metall. 27 (1979) 1085-1095, \
              doi:10.1016/0001-6160(79)90196-2\n\
              Modica, The gradient theory of phase transitions and the minimal interface \
              criterion, Arch. Rational Mech. Anal. 98 (1987) 123-142, doi:10.1007/BF00251230",
        )
        .parameters(&[Parameter::real(c"eps", 0.25, c"width of the interfaces, > 0").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            scale: arguments.real("eps")?.powi(-2),
        })
    }
}

impl Functional for DoubleWell {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        (s.u.sqr()? - 1.0)?.sqr()? * (0.25 * self.scale)
    }
}

impl DoubleWell {
    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        if let Some(f) = &mut out.f {
            for (f, u) in f.iter_mut().zip(at.u) {
                let well = u * u - 1.0;
                *f = 0.25 * self.scale * (well * well);
            }
        }
        if let Some(f_u) = &mut out.f_u {
            for (f_u, u) in f_u.iter_mut().zip(at.u) {
                *f_u = self.scale * u * (u * u - 1.0);
            }
        }
        Ok(())
    }

    fn second(&self, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
        if let Some(f_uu) = &mut out.f_uu {
            for (f_uu, u) in f_uu.iter_mut().zip(at.u) {
                *f_uu = self.scale * (3.0 * u * u - 1.0);
            }
        }
        Ok(())
    }
}
