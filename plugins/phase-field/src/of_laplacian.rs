//! Closed forms of densities `f(u, Laplacian u)`.

use movimento_plugin::{HessianFirst, HessianPoints, HessianSecond, Result};

/// A density of u and its Laplacian l.
pub(crate) trait OfLaplacian {
    /// `f`, `f_u`, `f_l`.
    fn first(&self, u: f64, l: f64) -> [f64; 3];

    /// `f_uu`, `f_ul`, `f_ll`.
    fn second(&self, u: f64, l: f64) -> [f64; 3];
}

/// u and its Laplacian at each point.
fn jets<'a>(at: &'a HessianPoints<'_>) -> impl Iterator<Item = (f64, f64)> + 'a {
    let d = at.d;
    let traces = at.h.chunks_exact(d * d);
    let traces = traces.map(move |h| h.iter().step_by(d + 1).sum());
    at.u.iter().copied().zip(traces)
}

/// The closed form of first order.
pub(crate) fn first<F: OfLaplacian>(
    energy: &F,
    at: &HessianPoints<'_>,
    out: &mut HessianFirst<'_>,
) -> Result<()> {
    let d = at.d;
    for (point, (u, l)) in jets(at).enumerate() {
        let [f, f_u, f_l] = energy.first(u, l);
        for (array, value) in [(&mut out.f, f), (&mut out.f_u, f_u)] {
            if let Some(place) = array.as_deref_mut().and_then(|a| a.get_mut(point)) {
                *place = value;
            }
        }
        set_diagonal(&mut out.f_h, (point, d), f_l);
    }
    Ok(())
}

/// The closed form of second order.
pub(crate) fn second<F: OfLaplacian>(
    energy: &F,
    at: &HessianPoints<'_>,
    out: &mut HessianSecond<'_>,
) -> Result<()> {
    let d = at.d;
    let size = d * d;
    for (point, (u, l)) in jets(at).enumerate() {
        let [f_uu, f_ul, f_ll] = energy.second(u, l);
        if let Some(place) = out.f_uu.as_deref_mut().and_then(|a| a.get_mut(point)) {
            *place = f_uu;
        }
        set_diagonal(&mut out.f_uh, (point, d), f_ul);
        let all = out.f_hh.as_deref_mut();
        let own = all.and_then(|all| all.chunks_exact_mut(size * size).nth(point));
        let rows = own
            .into_iter()
            .flat_map(|own| own.chunks_exact_mut(size).step_by(d + 1));
        for entry in rows.flat_map(|row| row.iter_mut().step_by(d + 1)) {
            *entry = f_ll;
        }
    }
    Ok(())
}

/// Writes the diagonal of the matrix of a point.
fn set_diagonal(array: &mut Option<&mut [f64]>, (point, d): (usize, usize), value: f64) {
    let all = array.as_deref_mut();
    let own = all.and_then(|all| all.chunks_exact_mut(d * d).nth(point));
    let entries = own
        .into_iter()
        .flat_map(|own| own.iter_mut().step_by(d + 1));
    entries.for_each(|entry| *entry = value);
}
