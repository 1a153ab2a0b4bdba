//! Networks as arrays, for those who evaluate them elsewhere; the layout is that of
//! [`crate::export`].

use super::transport::Map;
use crate::export::Exported;
use crate::field::Network;

/// Begins an export with the notes on a network.
pub(crate) fn begin(network: &Network) -> Exported {
    let embedding = network.embedding();
    Exported {
        arrays: Vec::new(),
        notes: vec![
            ("format", "movimento network".to_owned()),
            ("format_version", "1".to_owned()),
            ("movimento_version", env!("CARGO_PKG_VERSION").to_owned()),
            ("dimension", network.dimension().to_string()),
            ("layers", (network.widths().len() - 1).to_string()),
            ("activation", network.activation().name().to_owned()),
            ("embedding", embedding.name().to_owned()),
            ("harmonics", embedding.harmonics().to_string()),
            (
                "embedding_axes",
                embedding.names().collect::<Vec<_>>().join(" "),
            ),
        ],
    }
}

/// Adds the arrays of a network, with this before their names.
pub(super) fn add_network(out: &mut Exported, before: &str, network: &Network, parameters: &[f64]) {
    for (name, shape, values) in network.arrays(parameters) {
        out.add(format!("{before}{name}"), shape, values);
    }
    let (origin, scale) = network.embedding().axes();
    for (name, values) in [("origin", origin), ("scale", scale)] {
        let name = format!("{before}embedding.{name}");
        out.add(name, vec![values.len()], values);
    }
}

/// Adds the arrays of a transport map, with this before their names.
pub(super) fn add_map(out: &mut Exported, before: &str, map: &Map, parameters: &[f64]) {
    add_network(out, before, map.network(), parameters);
    for (name, values) in map.displacement().arrays() {
        let name = format!("{before}frame.{name}");
        out.add(name, vec![values.len()], values);
    }
}
