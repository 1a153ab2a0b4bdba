//! What is known of a snapshot that is on the disk.

use super::blocks::Place;
use super::open::texts;
use crate::fingerprint::Fingerprint;
use hdf5::File;

/// A snapshot that is on the disk.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Past {
    pub number: u64,
    pub time: f64,
    /// The numbers of each figure.
    pub figures: Vec<Vec<f64>>,
    /// The hash in its seal, by which the file is known again.
    pub seal: Option<Fingerprint>,
    /// The block that shows its fields, if there is one.
    pub place: Option<Place>,
}

/// The names of the figures of a snapshot or an index.
pub(super) fn figures(file: &File) -> hdf5::Result<Vec<String>> {
    match file.group("series") {
        Ok(group) => texts(&group, "figures"),
        Err(_) => Ok(Vec::new()),
    }
}
