//! PFHub's benchmark 7a: Allen-Cahn's equation with a manufactured source.

use super::boundaries::Known;
use crate::problem::term;
use crate::reference::RippledFront;
use movimento::domain::BoundaryValue;
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::{Energy, Result};
use std::sync::Arc;

const FRONT: RippledFront = RippledFront::PFHUB_A;

/// The sides where y is least and where it is most.
const BELOW: i32 = 2;
const ABOVE: i32 = 3;

pub fn energies() -> Result<Vec<Energy>> {
    let source = |t: f64, x: &[f64]| FRONT.source(t, x);
    Ok(vec![
        term("dirichlet", &[("kappa", &[FRONT.kappa])])?,
        Energy::from_density("well", Arc::new(Well)),
        Energy::from_source("source", Arc::new(source)),
    ])
}

pub fn start() -> Known {
    Known {
        d: 2,
        pose: |solver| {
            solver.set_dirichlet(Some(BELOW), &BoundaryValue::Constant(1.0))?;
            solver.set_dirichlet(Some(ABOVE), &BoundaryValue::Constant(0.0))
        },
        u: |x, t| FRONT.value(t, x),
        rate: None,
        begins: None,
        covers: |_| true,
    }
}

/// `u^2 (u - 1)^2`, whose derivative is `4 u (u - 1) (u - 1/2)`.
struct Well;

impl EnergyDensity for Well {
    fn traits(&self) -> Traits {
        Traits {
            derivatives: SuppliedDerivatives::All,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        let Derivatives { f, f_u, f_uu, .. } = wanted;
        for (n, u) in batch.u.iter().enumerate() {
            let both = u * (u - 1.0);
            if let Some(f) = f {
                f[n] = both * both;
            }
            if let Some(f_u) = f_u {
                f_u[n] = 4.0 * both * (u - 0.5);
            }
            if let Some(f_uu) = f_uu {
                f_uu[n] = 12.0 * both + 2.0;
            }
        }
        Ok(())
    }
}
