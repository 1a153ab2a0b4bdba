//! The group `/restart`, written.

use crate::energy::Identity;
use crate::snapshot::file::{array, integer_list, text};
use crate::solver::Checkpoint;
use hdf5::{File, Group, Result};

/// Writes the group.
pub fn write(file: &File, checkpoint: &Checkpoint) -> Result<()> {
    let group = file.create_group("restart")?;
    text(&group, "machine", &checkpoint.machine)?;
    text(&group, "nodes", &checkpoint.nodes.to_string())?;
    if let Some(origin) = &checkpoint.origin {
        text(&group, "origin", &origin.to_string())?;
    }
    let size = checkpoint.parameters.len();
    if let Some(latest) = checkpoint.past.first() {
        let taus: Vec<f64> = checkpoint.past.iter().map(|past| past.tau).collect();
        let changes = checkpoint.past.iter().flat_map(|past| &past.changes);
        let shape = [taus.len(), latest.changes.len(), size];
        array(&group, "past", &shape, &joined(changes))?;
        array(&group, "past_tau", &[taus.len()], &taus)?;
    }
    if let Some(memory) = &checkpoint.memory {
        let reuse = f64::from(u8::from(memory.reuse));
        let numbers = [memory.damping, memory.least, reuse];
        array(&group, "minimizer", &[3], &numbers)?;
        if let (Some(matrix), Some(stage)) = (&memory.matrix, &checkpoint.linearized) {
            let numbers = [
                stage.step as f64,
                stage.attempt as f64,
                stage.strength,
                matrix.kept.damping,
                matrix.kept.mean,
            ];
            array(
                &group,
                "matrix",
                &[matrix.parameters.len()],
                &matrix.parameters,
            )?;
            array(&group, "matrix_stage", &[numbers.len()], &numbers)?;
        }
    }
    if let Some(first) = checkpoint.relabelled.first() {
        let maps = &checkpoint.relabelled;
        let all = joined(maps.iter().map(|map| &*map.parameters));
        let shape = [maps.len(), first.parameters.len()];
        array(&group, "relabelled", &shape, &all)?;
        let steps: Vec<i64> = maps.iter().map(|map| map.step as i64).collect();
        integer_list(&group, "relabelled_step", &steps)?;
    }
    for (term, energy) in checkpoint.energies.iter().enumerate() {
        write_energy(&group.create_group(&format!("energy_{term}"))?, energy)?;
    }
    Ok(())
}

fn write_energy(group: &Group, energy: &Identity) -> Result<()> {
    text(group, "name", &energy.name)?;
    if let Some(plugin) = &energy.plugin {
        text(group, "version", &plugin.version)?;
        text(group, "abi", &plugin.abi)?;
        text(group, "file", &plugin.file)?;
    }
    for (name, values) in &energy.parameters {
        array(group, name, &[values.len()], values)?;
    }
    Ok(())
}

fn joined<'a>(lists: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    lists.flatten().copied().collect()
}
