//! All that can be asked of u at points at once.

use super::Solver;
use crate::arguments::{check_length, check_points};
use crate::error::Result;

/// What is wanted of u at n points; what is `None` is not computed.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// u, `[n][c]`.
    pub u: Option<&'a mut [f64]>,
    /// Its gradient, `[n][c][d]`.
    pub grad: Option<&'a mut [f64]>,
    /// Its second derivatives, `[n][c][d][d]`.
    pub hessian: Option<&'a mut [f64]>,
    /// Their trace, `[n][c]`.
    pub laplacian: Option<&'a mut [f64]>,
    /// du/dt, `[n][c]`.
    pub rate: Option<&'a mut [f64]>,
}

impl Solver {
    /// Evaluates all that is wanted of u at `x` (`[n][d]`), as [`evaluate`](Self::evaluate) does u.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, or for du/dt where the flow does not know it: of a
    /// transport map with an energy of `grad rho` or a kernel that bends at `x = y`, and of w2gn; [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite; and
    /// errors of the energies.
    pub fn evaluate_all(&self, x: &[f64], wanted: Wanted<'_>) -> Result<()> {
        let state = self.state()?;
        let (c, d) = (self.components(), self.domain().dimension());
        let n = check_points("x", x, d)?;
        let shapes = [
            ("u", &wanted.u, n * c),
            ("grad", &wanted.grad, n * c * d),
            ("hessian", &wanted.hessian, n * c * d * d),
            ("laplacian", &wanted.laplacian, n * c),
            ("rate", &wanted.rate, n * c),
        ];
        for (name, array, size) in shapes {
            check_length(name, array.as_ref().map_or(size, |array| array.len()), size)?;
        }
        if n == 0 {
            return Ok(());
        }
        let (cx, parameters) = (&self.now(), &state.parameters);
        let rate = match wanted.rate {
            Some(out) => Some((out, self.flow.rate_of_change(cx, parameters, x)?)),
            None => None,
        };
        let second = match wanted.hessian.is_some() || wanted.laplacian.is_some() {
            true => self.flow.second_derivatives(cx, parameters, x)?,
            false => Vec::new(),
        };
        let mut own = Vec::new();
        if wanted.u.is_some() || wanted.grad.is_some() {
            let u = wanted.u.unwrap_or_else(|| {
                own.resize(n * c, 0.0);
                &mut own
            });
            self.flow.evaluate(cx, parameters, x, u, wanted.grad)?;
        }
        if let Some((out, rate)) = rate {
            out.copy_from_slice(&rate);
        }
        if let Some(out) = wanted.laplacian {
            for (out, second) in out.iter_mut().zip(second.chunks_exact(d * d)) {
                *out = second.iter().step_by(d + 1).sum();
            }
        }
        if let Some(out) = wanted.hessian {
            out.copy_from_slice(&second);
        }
        Ok(())
    }
}
