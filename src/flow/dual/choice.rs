//! Whether a flow of the library's choice is followed by potentials.

use super::Dual;
use super::initial::region_of;
use crate::domain::Domain;
use crate::error::Result;
use crate::flow::Context;
use crate::flow::transport::Terms;
use crate::initial::Initial;
use crate::quadrature::{Quadrature, Stream, generator};
use faer::linalg::solvers::SolveLstsq;
use faer::{ColRef, Mat};

/// What an external potential may differ by from a polynomial of second degree, relative to its size.
const QUADRATIC: f64 = 1e-6;

/// The most dimensions in which potentials on a grid of nodes are the library's choice.
const PLANE: usize = 2;

/// Nodes along an axis by which that is seen.
const NODES: usize = 12;

/// Whether a flow of these terms from this density is followed by potentials where that is the library's
/// choice. Transport maps stay where they are all but affine: from one Gaussian, or another density of a
/// formula, in potentials of second degree and in space.
///
/// # Errors
/// Errors of the density and of the energies.
pub(in crate::flow) fn suits(
    cx: &Context,
    domain: &Domain,
    terms: &Terms,
    initial: &Initial<'_>,
) -> Result<bool> {
    let Initial::Density(profile) = initial else {
        return Ok(false);
    };
    let d = domain.dimension();
    if d > PLANE
        || profile.dimension() != d
        || profile.is_fixed()
        || !cx.ranks().are_alone()
        || terms.names().next().is_none()
    {
        return Ok(false);
    }
    let Some(region) = region_of(domain, &**profile)? else {
        return Ok(false);
    };
    let rule = Quadrature::Gauss { per_axis: NODES };
    let nodes = rule.nodes(&region, &mut generator(0, Stream::Nodes, 0, 0))?;
    let mut rho = vec![0.0; nodes.len()];
    profile.density(&nodes.x, &mut rho, None)?;
    let most = rho.iter().fold(f64::MIN_POSITIVE, |a, b| a.max(*b));
    let Some(dual) = Dual::new((&cx.pool, cx.time), terms, (&nodes.x, d), most, 1.0)? else {
        return Ok(false);
    };
    // The walls of a box let no map stay affine.
    if !profile.is_elementary() || domain.is_box() {
        return Ok(true);
    }
    let external = dual.external(&cx.pool, cx.time, &nodes.x)?;
    Ok(!is_quadratic(&nodes.x, d, &external))
}

/// Whether values at points are those of a polynomial of second degree: by least squares.
pub(in crate::flow) fn is_quadratic(x: &[f64], d: usize, values: &[f64]) -> bool {
    let monomials = |x: &[f64]| {
        let mut row = vec![1.0];
        row.extend_from_slice(x);
        for (i, a) in x.iter().enumerate() {
            row.extend(x[i..].iter().map(|b| a * b));
        }
        row
    };
    let rows: Vec<Vec<f64>> = x.chunks_exact(d).map(monomials).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let matrix = Mat::from_fn(rows.len(), columns, |i, j| rows[i][j]);
    let wanted = ColRef::from_slice(values).as_mat();
    let fitted = &matrix * matrix.qr().solve_lstsq(wanted);
    let left: Vec<f64> = values
        .iter()
        .zip(fitted.col(0).iter())
        .map(|(v, f)| v - f)
        .collect();
    let size = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    size(&left) <= QUADRATIC * size(values)
}
