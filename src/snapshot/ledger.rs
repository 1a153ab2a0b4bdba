//! The snapshots that an index lists, with what a writer that goes on needs of each, so that it need not open
//! them: ten thousand files take half a minute to be opened.
//!
//! | object in the index | type and shape | content |
//! |---|---|---|
//! | `/files/number` | int64 (nt) | the number in the name of each snapshot |
//! | `/files/seal` | int64 (nt, 2) | the hash in its seal, the high half first; 0 if it has no seal |
//! | `/files/block` | int64 (nt, 5) | the block by which it is shown: number in its name, or -1 for none; row, of how many; seal |
//!
//! Times and figures are in the index anyway. It is believed only if its own seal fits it, and of a snapshot
//! only if the seal at the end of the file is still the one that is listed: the file is then as long as it
//! was and is the one that was listed, wherever it was copied to.

use super::blocks::{Place, named};
use super::content::{Content, Values, int64};
use super::frame::FigureFrame;
use super::layout;
use super::open;
use super::past::{self, Past};
use super::seal;
use crate::fingerprint::Fingerprint;
use hdf5::File;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// How many numbers say where a block has a snapshot.
const BLOCK: usize = 5;

/// Adds the list to an index.
pub fn add(content: &mut Content<'_>, past: &[Past]) {
    content.group(layout::FILES);
    let numbers = past.iter().map(|past| past.number as i64);
    content.integers(
        &format!("{}/number", layout::FILES),
        numbers.collect::<Vec<_>>(),
    );
    let halves = |hash: u128| [(hash >> 64) as i64, hash as i64];
    let seals = past
        .iter()
        .flat_map(|past| halves(past.seal.map_or(0, |seal| seal.0)));
    let seals = Values::Integers(seals.collect());
    content.array(&format!("{}/seal", layout::FILES), &[past.len(), 2], seals);
    let blocks = past.iter().flat_map(|past| match past.place {
        None => [-1, 0, 0, 0, 0],
        Some(place) => {
            let [high, low] = halves(place.seal.0);
            let number = place.block as i64;
            [number, int64(place.row), int64(place.rows), high, low]
        }
    });
    let blocks = Values::Integers(blocks.collect());
    content.array(
        &format!("{}/block", layout::FILES),
        &[past.len(), BLOCK],
        blocks,
    );
}

/// A hash from its halves.
fn whole(high: i64, low: i64) -> u128 {
    u128::from(high as u64) << 64 | u128::from(low as u64)
}

/// The block of a snapshot, from the numbers that say it.
fn placed(numbers: &[i64]) -> Option<Place> {
    let [number, row, rows, high, low] = *numbers else {
        return None;
    };
    let place = Place {
        block: u64::try_from(number).ok()?,
        row: usize::try_from(row).ok()?,
        rows: usize::try_from(rows).ok()?,
        seal: Fingerprint(whole(high, low)),
    };
    (place.row < place.rows).then_some(place)
}

/// Snapshots and figures that an index lists.
#[derive(Default)]
pub struct Ledger {
    /// Name and shape of the figures that are listed.
    figures: Vec<(String, Vec<usize>)>,
    past: HashMap<u64, Past>,
    /// Whether an index with a list was read.
    is_there: bool,
}

impl Ledger {
    /// Reads the ledger of the index at `path`; empty if there is none, or not a whole one with a list.
    pub fn read(path: &Path) -> Self {
        if !path.exists() {
            return Self::default();
        }
        let read = || -> Result<Self, String> {
            seal::check(path).map_err(|error| error.to_string())?;
            let file = open::file(path).map_err(|error| error.to_string())?;
            Self::of(&file).map_err(|error| error.to_string())
        };
        read().unwrap_or_else(|why| {
            log::debug!(
                "all snapshots are opened, as `{}` lists none: {why}",
                path.display()
            );
            Self::default()
        })
    }

    fn of(file: &File) -> hdf5::Result<Self> {
        let numbers = file.dataset("files/number")?.read_raw::<i64>()?;
        let seals = file.dataset("files/seal")?.read_raw::<i64>()?;
        let times = file.dataset("t")?.read_raw::<f64>()?;
        let count = numbers.len();
        // The first indices have no blocks.
        let blocks = match file.dataset("files/block") {
            Ok(array) => array.read_raw::<i64>()?,
            Err(_) => [-1; BLOCK].repeat(count),
        };
        if count == 0
            || times.len() != count
            || seals.len() != 2 * count
            || blocks.len() != BLOCK * count
        {
            return Err("its list is not of as many files as it has times".into());
        }
        let (mut figures, mut values) = (Vec::new(), Vec::new());
        for name in past::figures(file)? {
            let array = file.dataset(&format!("series/{name}"))?;
            let shape = open::row_shape(&array)?;
            let all = array.read_raw::<f64>()?;
            let each: usize = shape.iter().product();
            if all.len() != count * each {
                return Err(format!("its figure `{name}` is not of {count} steps").into());
            }
            figures.push((name, shape));
            values.push((all, each));
        }
        let rows = numbers.iter().zip(seals.chunks_exact(2)).zip(&times);
        let past = rows
            .enumerate()
            .filter_map(|(row, ((number, seal), time))| {
                let [high, low] = *seal else { return None };
                let hash = whole(high, low);
                let place = blocks.get(row * BLOCK..(row + 1) * BLOCK)?;
                let figures = values
                    .iter()
                    .map(|(all, each)| all[row * each..(row + 1) * each].to_vec());
                let number = u64::try_from(*number).ok()?;
                let past = Past {
                    number,
                    time: *time,
                    figures: figures.collect(),
                    seal: Some(Fingerprint(hash)).filter(|_| hash != 0),
                    place: placed(place),
                };
                Some((number, past))
            });
        Ok(Self {
            past: past.collect(),
            figures,
            is_there: true,
        })
    }

    /// Whether an index with a list was read.
    pub const fn is_there(&self) -> bool {
        self.is_there
    }

    /// Whether a snapshot is listed.
    pub fn lists(&self, number: u64) -> bool {
        self.past.contains_key(&number)
    }

    /// The numbers that are listed, in order, and the seals that these snapshots had.
    pub fn listed(&self) -> Vec<(u64, Option<Fingerprint>)> {
        let mut all: Vec<_> = self.past.iter().map(|(n, past)| (*n, past.seal)).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all
    }

    /// The blocks by which snapshots are shown, and their seals.
    pub fn blocks(&self) -> BTreeMap<u64, Fingerprint> {
        named(self.past.values())
    }

    /// How many files a reader of the index opens beside it.
    pub fn files(&self) -> usize {
        let alone = self.past.values().filter(|past| past.place.is_none());
        alone.count() + self.blocks().len()
    }

    /// Takes the entry of a snapshot, if its file is the one that was listed.
    pub fn take(&mut self, number: u64, path: &Path) -> Option<Past> {
        let listed = self.past.get(&number)?.seal?;
        let there = seal::read(path).ok()??;
        (listed == there).then(|| self.past.remove(&number))?
    }

    /// Whether these are the figures that are listed.
    pub fn has(&self, figures: &[FigureFrame]) -> bool {
        let same = |(a, (name, shape)): (&FigureFrame, &(String, Vec<usize>))| {
            a.name == *name && a.shape == *shape
        };
        figures.len() == self.figures.len() && figures.iter().zip(&self.figures).all(same)
    }
}
