//! Waves of a box, for metrics that are not local: they are orthogonal in these too, and smooth fields with natural or
//! periodic conditions on its faces are few of them.

use super::capacity::Capacity;
use super::fit_data::Data;
use super::{L2Flow, WAVES};
use crate::domain::Domain;
use crate::error::Result;
use crate::field::{Basis, Channels, Field, JetShape, Jets, Normalized, OnGrid, Waves};
use crate::flow::{Beginning, Centre, Context, Flow, Past, Queries, State};
use crate::initial::Initial;
use crate::minimize::Watch;
use crate::objective::{Densities, Order};
use crate::quadrature::Quadrature;
use crate::report::FitReport;
use crate::section::Section;

/// Harmonics along each axis that a field begins with, and those that it may come to have, on a line and in the
/// plane.
const HARMONICS: [(usize, usize); 2] = [(256, 2048), (48, 128)];

/// Nodes along an axis for so many harmonics: of what energies of the fourth degree have of a product of waves no part
/// is taken for another.
const NODES: [usize; 2] = [3, 2];

/// The part of the variation of u that the last third of waves along an axis may have: as the parts of smooth fields
/// fall like powers of one number, those beyond the last are this to the power of three halves.
const LAST: f64 = 1e-3;
const THIRDS: [usize; 2] = [2, 3];

/// More waves are so many times as many.
const MORE: [usize; 2] = [4, 3];

/// The error of a fit up to which waves are taken without a look at others.
const FITS: f64 = 5e-3;

/// What differs by less than this part of its size is the same at all points.
const SAME: f64 = 1e-9;

/// The rule of nodes of waves.
pub(super) fn rule(waves: &Waves) -> Quadrature {
    let [over, under] = NODES;
    let each = waves.harmonics().iter().zip(waves.periodic());
    let each = each.map(|(n, is_periodic)| {
        // Half waves, or whole ones.
        let half_waves = n * if *is_periodic { 2 } else { 1 };
        2 * (over * half_waves).div_ceil(2 * under) + 2
    });
    Quadrature::Midpoints {
        per_axis: each.collect(),
    }
}

/// The waves of a checkpoint.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if what was saved does not fit.
pub(super) fn saved(cx: &Context, domain: &Domain, saved: &Section) -> Result<Waves> {
    let given = saved.get_counts(WAVES)?;
    let most = HARMONICS.iter().fold(0, |a, (_, b)| a.max(*b));
    let counts = given.iter().map(|n| usize::try_from(*n).ok());
    let counts = counts.collect::<Option<Vec<_>>>();
    let fits = |counts: &Vec<usize>| {
        counts.len() == domain.dimension() && counts.iter().all(|n| (1..=most).contains(n))
    };
    match counts.filter(fits) {
        Some(counts) => Ok(Waves::new(counts, periodic(cx, domain))),
        None => {
            let accepted = format!("{} numbers from 1 to {most}", domain.dimension());
            Err(saved.refused(WAVES, &format!("{given:?}"), &accepted))
        }
    }
}

/// Whether each axis is periodic.
fn periodic(cx: &Context, domain: &Domain) -> Vec<bool> {
    cx.settings.network.embedding(domain).periodic().collect()
}

impl L2Flow {
    /// The flow of waves that begins with u_0; `None` where the field is not of a kind that they suit, or where u_0 is
    /// not.
    pub(super) fn begun_with_waves(
        &self,
        cx: &Context,
        initial: &mut Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Self, Beginning)>> {
        let Some((first, most)) = HARMONICS.get(self.domain.dimension() - 1) else {
            return Ok(None);
        };
        if !self.suits_waves(cx, initial) {
            return Ok(None);
        }
        let d = self.domain.dimension();
        let mut waves = Waves::new(vec![*first; d], periodic(cx, &self.domain));
        loop {
            let mut flow = self.clone();
            let capacity = Capacity::of_waves(&self.domain, waves.clone());
            cx.ranks()
                .settle(capacity.and_then(|capacity| flow.take(cx, capacity)))?;
            let fitted = flow.fit(cx, initial.again(), 0.0, watch)?;
            if !flow.is_the_same_everywhere(cx)? {
                return Ok(None);
            }
            let more = waves.more_where(&flow.last_parts(&fitted.parameters), *most);
            match more {
                Some(more) => waves = more,
                None if fitted.fit.relative_error <= FITS => return Ok(Some((flow, fitted))),
                None => return Ok(None),
            }
        }
    }

    /// Whether the field is one that waves could suit: one of a box, of features that are the library's choice.
    fn suits_waves(&self, cx: &Context, initial: &Initial<'_>) -> bool {
        let asked = &cx.settings.discretization;
        self.non_local.is_some()
            && self.is_free(cx)
            && self.components() == 1
            && self.domain.is_box()
            && !self.given.nodes
            && asked.nodes.is_none()
            && asked.fit_nodes.is_none()
            && self.quadrature.random().is_none()
            && !matches!(initial, Initial::Values { .. })
            && !self.functional.uses_hessian()
            && self.functional.on_boundary().is_empty()
    }

    /// Whether energies and mobility of a field of one value and slope are the same at all points.
    fn is_the_same_everywhere(&self, cx: &Context) -> Result<bool> {
        let (functional, nodes) = (&self.functional, &self.check);
        let mut largest = [0.0; 3];
        let own = || -> Result<[f64; 3]> {
            let mut spread = [0.0; 3];
            let Normalized { offset, size } = functional.units();
            let sides: Vec<f64> = self.domain.sides().collect();
            for part in [0.0, 0.5] {
                let slopes = (0..nodes.x.len()).map(|i| size / sides[i % sides.len()]);
                let jets = Jets {
                    value: vec![offset[0] + part * size; nodes.len()],
                    slope: slopes.collect(),
                    ..Jets::default()
                };
                let at_rest = Centre {
                    values: jets.value.clone(),
                    ..Centre::default()
                };
                let integrand = functional.without_movement(cx, nodes, &at_rest)?;
                let shape = JetShape {
                    dimension: self.domain.dimension(),
                    components: 1,
                    channels: Channels::First,
                };
                let mut densities = Densities::default();
                let at = (&jets, shape);
                densities.evaluate(&cx.pool, &integrand, &nodes.x, at, Order::First)?;
                let mobility = functional.mobility();
                let mobility = mobility.map(|it| it.at(cx.time, &nodes.x, &jets.value));
                let mobility = mobility.transpose()?.unwrap_or_default();
                let d = self.domain.dimension();
                for (spread, (values, each)) in spread.iter_mut().zip([
                    (&densities.f_u, 1),
                    (&densities.f_p, d),
                    (&mobility, 1),
                ]) {
                    let size = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
                    let first: Vec<f64> = values.iter().take(each).copied().collect();
                    let off = |(i, v): (usize, &f64)| (v - first[i % each]).abs();
                    let most = values.iter().enumerate().map(off).fold(0.0_f64, f64::max);
                    // Energies that do not like such a value say nothing.
                    if size.is_finite() && size > 0.0 {
                        *spread = f64::max(*spread, most / size);
                    }
                }
            }
            Ok(spread)
        };
        // Where energies refuse a value, planes are as good as any.
        match cx.ranks().settle(own()) {
            Ok(own) => largest = own,
            Err(e) if e.kind().is_of_the_step() => largest[0] = f64::INFINITY,
            Err(e) => return Err(e),
        }
        cx.ranks().max(Ok(()), &mut largest)?;
        Ok(largest.iter().all(|spread| *spread <= SAME))
    }

    /// The projection of u_0 at the nodes of a fit; `None` where these are no grid.
    pub(super) fn projected(
        &self,
        cx: &Context,
        waves: &Waves,
        (field, units): (&Field, Normalized),
        data: &Data,
    ) -> Result<Option<Beginning>> {
        let network = field.network();
        let nodes = &data.nodes;
        let grid = OnGrid::new(waves, Basis::OfBox, network.embedding(), &nodes.x);
        let mut missing = [f64::from(u8::from(grid.is_none()))];
        cx.ranks().max(Ok(()), &mut missing)?;
        let (Some(grid), [0.0]) = (grid, missing) else {
            return Ok(None);
        };
        let pairs = nodes.w.iter().zip(&data.target.u);
        let seeds: Vec<f64> = pairs
            .map(|(w, u)| w * (u - units.offset[0]) / units.size)
            .collect();
        let own = grid.against(&cx.pool, &seeds, &[]);
        let mut products = vec![0.0; waves.products(Basis::OfBox)];
        let own = own.map(|own| products.copy_from_slice(&own));
        cx.ranks().sum(own, &mut products)?;
        let volume = self.domain.volume();
        let norms = waves.of_products(Basis::OfBox);
        let each = products.iter_mut().zip(&norms);
        each.for_each(|(p, (norm, _))| *p /= norm * volume);
        let mut parameters = network.wave_features(waves);
        parameters.truncate(network.outputs_start());
        parameters.append(&mut waves.from_products(&products));
        let relative_error = self.fit_error(cx, (field, units), data, &parameters)?;
        Ok(Some(Beginning {
            parameters,
            minimizer: self.linear_minimizer(),
            fit: FitReport {
                relative_error,
                iterations: 1,
                ..FitReport::default()
            },
        }))
    }

    /// The part of the variation of a field of waves that the last third along each axis has.
    fn last_parts(&self, state: &[f64]) -> Vec<f64> {
        let Some(waves) = &self.waves else {
            return Vec::new();
        };
        let products = waves.to_products(&state[self.frozen()..], Basis::OfBox);
        let norms = waves.of_products(Basis::OfBox);
        let mut all = 0.0;
        let mut last = vec![0.0; waves.harmonics().len()];
        let [over, under] = THIRDS;
        for (c, (norm, harmonics)) in products.iter().zip(&norms).skip(1) {
            let square = norm * c * c;
            all += square;
            let axes = last.iter_mut().zip(waves.harmonics()).zip(harmonics);
            for ((last, most), k) in axes {
                if under * k > over * most {
                    *last += square;
                }
            }
        }
        let part = |last: &f64| (last / f64::max(all, f64::MIN_POSITIVE)).sqrt();
        last.iter().map(part).collect()
    }

    /// Takes more waves along axes where the last have more of the field than they may; it stays as it is.
    pub(super) fn take_more_waves(&mut self, cx: &Context, state: &mut State) -> Result<()> {
        let Some(waves) = &self.waves else {
            return Ok(());
        };
        let (_, most) = HARMONICS[self.domain.dimension() - 1];
        let parts = self.last_parts(&state.parameters);
        let Some(wide) = waves.more_where(&parts, most) else {
            return Ok(());
        };
        let mut flow = self.clone();
        let capacity = Capacity::of_waves(&self.domain, wide.clone());
        cx.ranks()
            .settle(capacity.and_then(|capacity| flow.take(cx, capacity)))?;
        let (frozen, still) = (self.frozen(), flow.network().wave_features(&wide));
        let begin = flow.network().outputs_start();
        let widened = |state: &[f64], still: &[f64]| {
            let own = waves.widened(&wide, &state[frozen..]);
            [&still[..begin], &own].concat()
        };
        let parameters = widened(&state.parameters, &still);
        let none = vec![0.0; begin];
        let past = state.past.iter().map(|past| Past {
            tau: past.tau,
            changes: past.changes.iter().map(|c| widened(c, &none)).collect(),
        });
        let past = past.collect();
        log::info!(
            "step {}: the last waves have {:.1e} of the variation of u; up to {:?} from now on",
            state.step,
            parts.iter().fold(0.0_f64, |most, part| most.max(*part)),
            wide.harmonics()
        );
        state.reparametrize(parameters, flow.linear_minimizer());
        state.past = past;
        flow.prepared = None;
        *self = flow;
        Ok(())
    }
}

impl Waves {
    /// More of them along axes where the last have more than they may; `None` if there are none.
    fn more_where(&self, parts: &[f64], most: usize) -> Option<Self> {
        let [over, under] = MORE;
        let each = self.harmonics().iter().zip(parts);
        let more = each.map(|(n, part)| match *part > LAST {
            true => (n * over).div_ceil(under).min(most),
            false => *n,
        });
        let more: Vec<usize> = more.collect();
        (more != self.harmonics()).then(|| Self::new(more, self.periodic().to_vec()))
    }
}
