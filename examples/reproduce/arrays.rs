//! Plain arrays and texts in an HDF5 file.

use hdf5::types::VarLenUnicode;
use hdf5::{File, Group};
use movimento::{Error, ErrorKind, Result};
use std::path::Path;

/// What a file holds: arrays by their paths, and texts, which are attributes of the whole.
#[derive(Default)]
pub struct Contents {
    arrays: Vec<(String, Vec<usize>, Vec<f64>)>,
    texts: Vec<(String, String)>,
}

impl Contents {
    /// Adds an array, row-major; an empty one, or one that is not whole, is left out.
    pub fn array(&mut self, path: &str, shape: &[usize], values: &[f64]) {
        let size: usize = shape.iter().product();
        if size == values.len() && size > 0 {
            let entry = (path.to_owned(), shape.to_vec(), values.to_vec());
            self.arrays.push(entry);
        }
    }

    /// Adds a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.texts.push((name.to_owned(), text.to_owned()));
    }
}

/// Writes the file, in place of one that is there.
pub fn write(path: &Path, contents: &Contents) -> Result<()> {
    put(path, contents).map_err(|e| {
        let message = format!("{}: {e}", path.display());
        Error::new(ErrorKind::File, message)
    })
}

fn put(path: &Path, contents: &Contents) -> hdf5::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    }
    let file = File::create(path)?;
    for (path, shape, values) in &contents.arrays {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut group: Group = file.group("/")?;
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            group = match group.group(part) {
                Ok(group) => group,
                Err(_) => group.create_group(part)?,
            };
        }
        let dataset = group.new_dataset::<f64>().shape(shape).create(name)?;
        dataset.write_raw(values)?;
    }
    for (name, text) in &contents.texts {
        let text: VarLenUnicode = text.parse().map_err(|e| format!("{name}: {e:?}"))?;
        let attribute = file.new_attr::<VarLenUnicode>().create(name.as_str())?;
        attribute.write_scalar(&text)?;
    }
    file.flush()
}
