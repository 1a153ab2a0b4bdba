//! What a restart of potentials at labels needs beside their parameters: the features and their frame.

use super::begun::Begun;
use super::features::Features;
use crate::error::Result;
use crate::section::Section;

impl Begun {
    /// Saves it.
    pub fn save(&self, into: &mut Section) {
        let features = &self.features;
        into.set_list("centre", features.centre.clone());
        into.set_list("scale", features.scale.clone());
        into.set_list("hidden_layer", features.hidden().to_vec());
        into.set_u64("external_feature", features.external.into());
        into.set_u64("trained", self.trained as u64);
        into.set_u64("draws", self.draws);
    }

    /// The same labels with what was saved.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if what was saved does not fit.
    pub fn loaded(&self, saved: &Section) -> Result<Self> {
        let d = self.features.dimension();
        let list = |name: &str, multiple: usize, most: usize| -> Result<Vec<f64>> {
            let given = saved.get_list(name)?;
            if given.len() % multiple == 0 && (1..=most).contains(&given.len()) {
                return Ok(given.to_vec());
            }
            let accepted = format!("a multiple of {multiple} up to {most}");
            Err(saved.refused(name, &format!("{} numbers", given.len()), &accepted))
        };
        let trained = saved.get_u64("trained")?;
        if trained != self.trained as u64 {
            return Err(saved.refused("trained", &trained.to_string(), &self.trained.to_string()));
        }
        let features = Features::of(
            list("hidden_layer", d + 1, usize::MAX)?,
            list("centre", d, d)?,
            list("scale", d, d)?,
            saved.get_u64("external_feature")? != 0,
        );
        Ok(Self {
            features,
            draws: saved.get_u64("draws")?,
            ..self.clone()
        })
    }
}
