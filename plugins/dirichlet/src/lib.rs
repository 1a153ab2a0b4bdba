//! The Dirichlet energy, `dirichlet`, which is no Dirichlet condition (values on the boundary are given by
//! `mov_solver_set_dirichlet`):
//!
//! ```text
//! F(u) = kappa/2 int |grad u|^2 dx        f(x, u, p) = kappa/2 |p|^2
//! f_u = 0    f_p = kappa p    f_x = 0     f_uu = 0    f_up = 0    f_pp = kappa I
//! ```
//!
//! # Flows
//!
//! * In L2: the heat equation `u_t = kappa Laplacian u` with the natural boundary condition
//!   `du/dn = 0`.
//! * In Wasserstein space: the thin-film equation `u_t = -kappa div(u grad Laplacian u)`, with gravity the energy
//!   `thin-film`.
//!
//! # Parameters
//!
//! | name | default | range | meaning |
//! |---|---|---|---|
//! | `kappa` | 1 | > 0 | diffusivity |
//!
//! The energy is convex in L2; it is not displacement convex.

use movimento_plugin::{
    Arguments, Descriptor, Energy, Entry, First, FirstForm, Functional, Parameter, Points, Result,
    Second, SecondForm,
};

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(Dirichlet);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(Dirichlet);

/// `kappa/2 |p|^2`.
#[derive(Debug, Clone)]
pub struct Dirichlet {
    kappa: f64,
}

impl Energy for Dirichlet {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"dirichlet", c"Dirichlet energy")
        .version(c"1.0.0")
        .formula(c"kappa/2 |p|^2, p = grad u")
        .references(
            c"Ambrosio, Gigli, Savare, Gradient Flows in Metric Spaces and in the Space of \
              Probability Measures, 2nd ed., Birkhaeuser 2008, doi:10.1007/978-3-7643-8722-8\n\
              Giacomelli, Otto, Variational formulation for the lubrication approximation of \
              the Hele-Shaw flow, Calc. Var. 13 (2001) 377-403, doi:10.1007/s005260000077",
        )
        .uses_gradient()
        .convex()
        .parameters(&[Parameter::real(c"kappa", 1.0, c"diffusivity, > 0").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: arguments.real("kappa")?,
        })
    }
}

impl Functional for Dirichlet {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    movimento_plugin::with_candle! {
        fn density(
            &self,
            s: &movimento_plugin::Sample,
        ) -> movimento_plugin::candle_core::Result<movimento_plugin::candle_core::Tensor> {
            s.p.sqr()?.sum(1)? * (0.5 * self.kappa)
        }
    }
}

impl Dirichlet {
    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        if let Some(f) = &mut out.f {
            for (f, p) in f.iter_mut().zip(at.p.chunks_exact(at.d)) {
                *f = 0.5 * self.kappa * p.iter().map(|p| p * p).sum::<f64>();
            }
        }
        if let Some(f_p) = &mut out.f_p {
            for (f_p, p) in f_p.iter_mut().zip(at.p) {
                *f_p = self.kappa * p;
            }
        }
        Ok(())
    }

    fn second(&self, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
        if let Some(f_pp) = &mut out.f_pp {
            for matrix in f_pp.chunks_exact_mut(at.d * at.d) {
                matrix
                    .iter_mut()
                    .step_by(at.d + 1)
                    .for_each(|diagonal| *diagonal = self.kappa);
            }
        }
        Ok(())
    }
}
