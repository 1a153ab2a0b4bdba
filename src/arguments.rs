//! Checks of arrays that a caller hands over.

use crate::error::{Error, Result};

/// Refuses an array of another length.
pub(crate) fn check_length(name: &str, given: usize, accepted: usize) -> Result<()> {
    if given == accepted {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "`{name}` has {given} entries; accepted is {accepted}"
        )))
    }
}

/// Refuses an array that is not of whole points `[n][d]`, or holds what is not finite; returns n.
pub(crate) fn check_points(name: &str, points: &[f64], d: usize) -> Result<usize> {
    if !points.len().is_multiple_of(d) {
        return Err(Error::argument(format!(
            "`{name}` has {} entries; accepted is a multiple of `dimension` = {d}",
            points.len()
        )));
    }
    if let Some(index) = points.iter().position(|v| !v.is_finite()) {
        let (point, component) = (index / d, index % d);
        return Err(Error::argument(format!(
            "`{name}` holds {} at entry {index} (point {point}, component {component}, counted from 0); \
             accepted are finite numbers",
            points[index]
        )));
    }
    Ok(points.len() / d)
}
/// Checks that so much memory can be had, before it is taken in many parts: what runs out in one of them would end the
/// process.
///
/// # Errors
/// [`Memory`](crate::ErrorKind::Memory), naming what it is for.
pub(crate) fn require_memory(numbers: f64, what: &str) -> Result<()> {
    let refused = || {
        Error::memory(format!(
            "{what} take {:.1} GB, which cannot be had",
            8e-9 * numbers
        ))
    };
    if numbers >= (isize::MAX / 8) as f64 {
        return Err(refused());
    }
    let mut probe: Vec<f64> = Vec::new();
    probe
        .try_reserve_exact(numbers as usize)
        .map_err(|_| refused())
}

/// Numbers that a step keeps for a node, and for each of its axes, about.
const OF_A_NODE: f64 = 24.0;
const OF_AN_AXIS: f64 = 8.0;

/// Checks that memory for so many nodes can be had, with what a step keeps for each of them.
///
/// # Errors
/// [`Memory`](crate::ErrorKind::Memory) if not.
pub(crate) fn require_room(nodes: usize, dimension: usize) -> Result<()> {
    let each = OF_A_NODE + OF_AN_AXIS * dimension as f64;
    require_memory(
        nodes as f64 * each,
        &format!("{nodes} nodes in dimension {dimension}"),
    )
}
