//! The network as others evaluate it.

use super::Solver;
use crate::error::Result;
use crate::export::Exported;
use crate::flow::Flow;
use crate::flow::transport::Map;
use crate::network::Network;

impl Solver {
    /// The network as it is now, with all that its evaluation takes.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    pub fn exported(&self) -> Result<Exported> {
        let parameters = &self.state()?.parameters;
        let network = self.flow.network();
        let embedding = network.embedding();
        let notes = vec![
            ("format", "movimento network".to_owned()),
            ("format_version", "1".to_owned()),
            ("movimento_version", env!("CARGO_PKG_VERSION").to_owned()),
            ("dimension", network.dimension().to_string()),
            ("layers", (network.widths().len() - 1).to_string()),
            ("activation", network.activation().name().to_owned()),
            ("embedding", embedding.name().to_owned()),
            ("harmonics", embedding.harmonics().to_string()),
        ];
        let mut out = Exported {
            arrays: Vec::new(),
            notes,
        };
        let kind = match &self.flow {
            Flow::L2(_) => {
                add_network(&mut out, "", network, parameters);
                "field"
            }
            Flow::Map(flow) => {
                let before = self.relabelled.iter();
                let before = before.map(|it| (&it.map, it.parameters.as_slice()));
                let all = before.chain([(flow.map(), parameters.as_slice())]);
                let mut count = 0;
                for (map, parameters) in all {
                    add_map(&mut out, &format!("maps.{count}."), map, parameters);
                    count += 1;
                }
                out.notes.push(("maps", count.to_string()));
                "map"
            }
            Flow::W2gn(flow) => {
                add_network(&mut out, "", network, parameters);
                let integral = flow.integral(&self.pool, &self.check, parameters)?;
                out.add("integral".to_owned(), vec![1], &[integral]);
                "density"
            }
        };
        out.notes.push(("kind", kind.to_owned()));
        Ok(out)
    }
}

fn add_network(out: &mut Exported, before: &str, network: &Network, parameters: &[f64]) {
    for (name, shape, values) in network.arrays(parameters) {
        out.add(format!("{before}{name}"), shape, values);
    }
    let (origin, scale) = network.embedding().axes();
    for (name, values) in [("origin", origin), ("scale", scale)] {
        let name = format!("{before}embedding.{name}");
        out.add(name, vec![values.len()], values);
    }
}

fn add_map(out: &mut Exported, before: &str, map: &Map, parameters: &[f64]) {
    add_network(out, before, map.network(), parameters);
    for (name, values) in map.frame() {
        let name = format!("{before}frame.{name}");
        out.add(name, vec![values.len()], values);
    }
}
