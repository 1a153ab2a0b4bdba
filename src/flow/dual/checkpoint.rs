//! What a restart of potentials needs beside their parameters: the region, the features and the weights
//! that their basis is made with.

use super::Dual;
use super::begun::Begun;
use super::features::Features;
use super::site::{SIZES, Site, region};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::flow::Context;
use crate::flow::transport::Terms;
use crate::section::Section;

impl Begun {
    /// Saves it.
    pub fn save(&self, into: &mut Section) {
        let Self { dual, site, draws } = self;
        let features = &site.basis.features;
        into.set_list("region_lower", site.region.lower().to_vec());
        into.set_list("region_upper", site.region.upper().to_vec());
        into.set_list("hidden_layer", features.hidden());
        into.set_list("basis_weights", site.weights.clone());
        into.set_f64("reference_density", dual.reference);
        if let Some(top) = site.top {
            into.set_f64("top", top);
        }
        into.set_u64("draws", *draws);
        into.set_u64("per_axis", site.size.per_axis as u64);
    }

    /// Takes back what was saved, of a flow of these terms on a domain.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if what was saved does not fit,
    /// [`State`](crate::ErrorKind::State) if the energies have no potential, and errors of the energies.
    pub fn load(cx: &Context, (domain, terms): (&Domain, &Terms), saved: &Section) -> Result<Self> {
        let d = domain.dimension();
        let corner = |name: &str| -> Result<Vec<f64>> {
            let given = saved.get_list(name)?;
            if given.len() == d {
                return Ok(given.to_vec());
            }
            Err(saved.refused(name, &format!("{} numbers", given.len()), &format!("{d}")))
        };
        let box_now = region(corner("region_lower")?, corner("region_upper")?)?;
        let per_axis = saved.get_u64("per_axis")?;
        let sizes = SIZES[d - 1].iter();
        let size = sizes.clone().find(|size| size.per_axis as u64 == per_axis);
        let Some(size) = size else {
            let known: Vec<String> = sizes.map(|size| size.per_axis.to_string()).collect();
            return Err(saved.refused("per_axis", &per_axis.to_string(), &known.join(", ")));
        };
        let both = Site::nodes(domain, &box_now, *size)?;
        let weights = saved.get_list("basis_weights")?;
        if weights.len() != both[0].len() {
            let accepted = both[0].len().to_string();
            return Err(saved.refused("basis_weights", &weights.len().to_string(), &accepted));
        }
        let hidden = saved.get_list("hidden_layer")?;
        if hidden.len() % (d + 1) != 0 {
            let accepted = format!("a multiple of {}", d + 1);
            return Err(saved.refused("hidden_layer", &hidden.len().to_string(), &accepted));
        }
        let features = Features::of(hidden, box_now.lower(), box_now.upper());
        let reference = saved.get_f64("reference_density")?;
        let nodes = (both[0].x.as_slice(), d);
        let dual = Dual::new(
            (&cx.pool, cx.time),
            terms,
            nodes,
            reference,
            size.rounding(),
        )?;
        let dual =
            dual.ok_or_else(|| Error::state("the energies are not those of the snapshot; accepted are the same, in the same order"))?;
        let top = match saved.has("top") {
            true => Some(saved.get_f64("top")?),
            false => None,
        };
        let features = features.with(Site::given(cx, &dual, &box_now, top)?);
        let weights = weights.to_vec();
        let site = Site::of(cx, &dual, box_now, *size, both, weights, (features, top))?;
        Ok(Self {
            dual,
            site,
            draws: saved.get_u64("draws")?,
        })
    }
}
