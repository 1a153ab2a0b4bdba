//! The index of a series: one file whose arrays show those of all snapshots.

use super::{folder, xdmf};
use crate::error::{Error, Result};
use crate::snapshot::arrays::Which;
use crate::snapshot::content::{Attribute, Block, Content, Piece, Values};
use crate::snapshot::frame::Frame;
use crate::snapshot::past::Past;
use crate::snapshot::{blocks, commit, ledger, render, seal};
use std::path::Path;

/// Replaces the index.
pub(super) fn write(folder: &Path, frame: &Frame, past: &[Past]) -> Result<()> {
    let [run, run_xmf, run_xdmf, points, points_xmf, points_xdmf] = folder::INDEX;
    // Some readers know the one ending, some the other.
    let xdmf = |name: &str, other: &str, text: String| {
        commit::replace(&folder.join(name), text.as_bytes())?;
        commit::alias(&folder.join(name), &folder.join(other))
    };
    replace(&folder.join(run), frame, past, "")?;
    let main = frame.grid.as_ref().map(|_| frame);
    match main {
        Some(frame) => {
            xdmf(run_xmf, run_xdmf, xdmf::of_grid(frame, past))?;
            if frame.points.is_some() {
                replace(&folder.join(points), &frame.of_points_alone(), past, "")?;
                xdmf(points_xmf, points_xdmf, xdmf::of_points(frame, past))?;
            }
            Ok(())
        }
        None => xdmf(run_xmf, run_xdmf, xdmf::of_points(frame, past)),
    }
}

/// Replaces one file of an index; `before` comes before the names of the snapshots.
pub(super) fn replace(path: &Path, frame: &Frame, past: &[Past], before: &str) -> Result<()> {
    let image = render::image(&content(frame, past, before)).map_err(|error| {
        Error::file(format!(
            "cannot make `{}`: HDF5 says: {error}",
            path.display()
        ))
    })?;
    let mut bytes = image.bytes;
    let seal = seal::of(&bytes);
    bytes.extend(seal);
    commit::replace(path, &bytes)
}

fn content<'a>(frame: &Frame, past: &[Past], before: &str) -> Content<'a> {
    let mut content = Content::default();
    content.text("/", "format", "movimento series");
    content.attribute("/", "format_version", Attribute::Integers(vec![1]));
    let times: Vec<f64> = past.iter().map(|past| past.time).collect();
    frame.add(
        &mut content,
        &times,
        &mut |which, path, shape| match which {
            Which::Figure(number) => figure(past, number),
            _ => {
                let steps = past.len() > 1;
                let one = if steps { &shape[1..] } else { shape };
                let pieces = blocks::runs(past).into_iter().map(|run| {
                    let number = past.get(run.first).map_or(0, |past| past.number);
                    let (name, shape, from) = match run.place {
                        None => (commit::name(number), one.to_vec(), Block::whole(one)),
                        Some(place) => (
                            commit::block_name(place.block),
                            [&[place.rows], one].concat(),
                            Block::steps(place.row, run.count, one),
                        ),
                    };
                    Piece {
                        file: format!("{before}{name}"),
                        array: path.to_owned(),
                        shape,
                        from,
                        to: match steps {
                            true => Block::steps(run.first, run.count, one),
                            false => Block::whole(one),
                        },
                    }
                });
                Values::Virtual {
                    kind: frame.kind(),
                    // What a snapshot that was deleted leaves.
                    fill: f64::NAN,
                    pieces: pieces.collect(),
                }
            }
        },
    );
    ledger::add(&mut content, past);
    content
}

/// The time series of a figure.
pub(in crate::snapshot) fn figure<'a>(past: &[Past], number: usize) -> Values<'a> {
    let rows = past.iter().filter_map(|past| past.figures.get(number));
    Values::Reals(rows.flatten().copied().collect())
}
