//! Record of a flow that outlives the process beside the parameters.

use super::Flow;
use crate::fingerprint::{Fingerprint, Numbers};
use std::sync::Arc;

/// Record that a restart needs of a flow beyond the parameters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saved {
    /// Fingerprint of the labels of rho_0, for a flow of maps.
    pub origin: Option<Fingerprint>,
    /// The times that the labels of maps were taken anew.
    pub relabelled: Vec<Relabelling>,
}

/// Labels that were taken anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Relabelling {
    /// Steps taken then.
    pub step: u64,
    /// Parameters of the map until then.
    pub parameters: Arc<Vec<f64>>,
}

/// The fingerprint of every node that a flow's steps do not draw anew, and of its volume.
pub(crate) fn fingerprint(flow: &dyn Flow) -> Fingerprint {
    let mut numbers = Numbers::default();
    flow.add_fingerprint(&mut numbers);
    numbers.add(&[flow.domain().volume()]);
    numbers.finish()
}
