//! The group `/network`: the arrays of [`crate::export`], with `_` for the dots in their names.

use super::content::Content;
use crate::export::Exported;

/// Adds the group.
pub(super) fn add<'a>(content: &mut Content<'a>, network: &'a Exported) {
    content.group("/network");
    for (key, note) in &network.notes {
        content.text("/network", key, note);
    }
    for array in &network.arrays {
        let path = format!("/network/{}", array.name.replace('.', "_"));
        content.reals(&path, &array.shape, array.values.as_slice());
    }
}
