//! The fingerprint of a flow, by which a restart knows its nodes again.

use super::Flow;
use crate::fingerprint::{Fingerprint, Numbers};

/// The fingerprint of every node that a flow's steps do not draw anew, and of its volume.
pub(crate) fn fingerprint(flow: &dyn Flow) -> Fingerprint {
    let mut numbers = Numbers::default();
    flow.add_fingerprint(&mut numbers);
    numbers.add(&[flow.domain().volume()]);
    numbers.finish()
}
