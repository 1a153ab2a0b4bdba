//! The group `/restart`.

use crate::energy::Identity;
use crate::snapshot::content::Content;
use crate::solver::Checkpoint;

/// Adds the group.
pub fn add<'a>(content: &mut Content<'a>, checkpoint: &'a Checkpoint) {
    content.group("/restart");
    content.text("/restart", "machine", &checkpoint.machine);
    content.text("/restart", "nodes", &checkpoint.nodes.to_string());
    if let Some(origin) = &checkpoint.flow.origin {
        content.text("/restart", "origin", &origin.to_string());
    }
    if let Some(latest) = checkpoint.past.first() {
        let taus: Vec<f64> = checkpoint.past.iter().map(|past| past.tau).collect();
        let changes = checkpoint.past.iter().flat_map(|past| &past.changes);
        let shape = [
            taus.len(),
            latest.changes.len(),
            checkpoint.parameters.len(),
        ];
        content.reals("/restart/past", &shape, joined(changes));
        content.reals("/restart/past_tau", &[taus.len()], taus);
    }
    if let Some(memory) = &checkpoint.memory {
        let reuse = f64::from(u8::from(memory.reuse));
        let numbers = vec![memory.damping, memory.least, reuse];
        content.reals("/restart/minimizer", &[numbers.len()], numbers);
        if let (Some(matrix), Some(stage)) = (&memory.matrix, &checkpoint.linearized) {
            let parameters = matrix.parameters.as_slice();
            content.reals("/restart/matrix", &[parameters.len()], parameters);
            let numbers = vec![
                stage.turn.step as f64,
                stage.turn.attempt as f64,
                stage.strength,
                matrix.kept.damping,
                matrix.kept.mean,
            ];
            content.reals("/restart/matrix_stage", &[numbers.len()], numbers);
        }
    }
    if checkpoint.refinements > 0 {
        content.integers("/restart/refined", vec![checkpoint.refinements as i64]);
    }
    if let Some(first) = checkpoint.flow.relabelled.first() {
        let maps = &checkpoint.flow.relabelled;
        let all = joined(maps.iter().map(|map| &*map.parameters));
        let shape = [maps.len(), first.parameters.len()];
        content.reals("/restart/relabelled", &shape, all);
        let steps: Vec<i64> = maps.iter().map(|map| map.step as i64).collect();
        content.integers("/restart/relabelled_step", steps);
    }
    for (term, energy) in checkpoint.energies.iter().enumerate() {
        add_energy(content, &format!("/restart/energy_{term}"), energy);
    }
}

fn add_energy<'a>(content: &mut Content<'a>, path: &str, energy: &'a Identity) {
    content.group(path);
    content.text(path, "name", &energy.name);
    if let Some(plugin) = &energy.plugin {
        content.text(path, "version", &plugin.version);
        content.text(path, "abi", &plugin.abi);
        content.text(path, "file", &plugin.file);
    }
    for (name, values) in &energy.parameters {
        let path = format!("{path}/{name}");
        content.reals(&path, &[values.len()], values.as_slice());
    }
}

fn joined<'a>(lists: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    lists.flatten().copied().collect()
}
