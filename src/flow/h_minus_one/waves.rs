//! What the flow asks of the metric, of a field of waves.

use super::newton::{self, weighted};
use super::of_waves::Stage;
use super::spectrum::Spectrum;
use super::{at_rest, evaluated};
use crate::error::Result;
use crate::field::{Basis, Waves};
use crate::flow::l2::L2Flow;
use crate::flow::{Context, Flow, Frozen, Minimized, Posed, Turn};
use crate::minimize::{Stop, Watch};
use crate::objective::{Densities, Order};

/// Makes of the parameters of a field those of its projection to products of the box.
pub(super) fn project(flow: &L2Flow, parameters: &mut [f64]) {
    let Some(waves) = flow.waves() else {
        return;
    };
    let own = &mut parameters[flow.frozen()..];
    let products = waves.to_products(own, Basis::OfBox);
    own.copy_from_slice(&waves.from_products(&products));
}

/// Minimises a stage from the best of several guesses. Collective.
pub(super) fn minimize(
    flow: &L2Flow,
    waves: &Waves,
    posed: &Posed<'_>,
    guesses: Vec<Vec<f64>>,
    rest: f64,
    (stop, watch): (&Stop, &mut Watch<'_>),
) -> Result<Minimized> {
    let Posed {
        cx,
        nodes,
        centre,
        before,
        ..
    } = *posed;
    let spectrum = Spectrum::new(flow, cx, waves, nodes)?;
    let functional = flow.functional();
    let still = at_rest(&centre.values);
    let integrand = functional.without_movement(cx, nodes, &still)?;
    let frozen = flow.frozen();
    let (mean, _) = spectrum.parts(&before[frozen..]);
    let stiffness = spectrum.stiffness(centre.weights.as_deref())?;
    let mut stage = Stage {
        cx,
        spectrum: &spectrum,
        nodes: nodes.view(),
        functional: &integrand,
        mean,
        stiffness: &stiffness,
        centre: spectrum.parts_of(&centre.values)?,
        strength: centre.strength,
        rest,
    };
    let guesses = guesses.iter().map(|guess| {
        let (_, parts) = spectrum.parts(&guess[frozen..]);
        stage.potential(&parts)
    });
    let guesses = guesses.collect::<Result<_>>()?;
    let solved = newton::minimize(&mut stage, guesses, (stop, watch))?;
    let [_, parts] = stage.driven(&solved.unknowns)?;
    let mut parameters = before[..frozen].to_vec();
    parameters.append(&mut spectrum.coefficients(mean, &parts));
    Ok(Minimized {
        parameters,
        outcome: solved.outcome,
        scale: solved.scale,
    })
}

/// The distance of two states. Collective.
pub(super) fn distance(
    flow: &L2Flow,
    waves: &Waves,
    cx: &Context,
    frozen: Option<&Frozen<'_>>,
    [before, after]: [&[f64]; 2],
) -> Result<f64> {
    let nodes = flow.nodes(cx, Turn::default())?;
    let spectrum = Spectrum::new(flow, cx, waves, &nodes)?;
    let parts = |state: &[f64]| spectrum.parts(&state[flow.frozen()..]).1;
    let pairs = parts(after).into_iter().zip(parts(before));
    let change: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
    let weights = match frozen {
        Some(of) => flow.functional().weights(cx, &nodes, of)?,
        None => None,
    };
    let stiffness = spectrum.stiffness(weights.as_deref())?;
    Ok(spectrum.square(&stiffness, &change)?.max(0.0).sqrt())
}

/// du/dt at points.
pub(super) fn rates(
    flow: &L2Flow,
    waves: &Waves,
    cx: &Context,
    state: &[f64],
    x: &[f64],
) -> Result<Vec<f64>> {
    let nodes = flow.nodes(cx, Turn::default())?;
    let spectrum = Spectrum::new(flow, cx, waves, &nodes)?;
    let functional = flow.functional();
    let (mean, parts) = spectrum.parts(&state[flow.frozen()..]);
    let jets = spectrum.jets(mean, &parts)?;
    let still = at_rest(&jets.value);
    let integrand = functional.without_movement(cx, &nodes, &still)?;
    let mut densities = Densities::default();
    let at = (&jets, spectrum.shape());
    let done = densities.evaluate(&cx.pool, &integrand, &nodes.x, at, Order::First);
    cx.ranks().settle(done)?;
    let w = spectrum.weights();
    let slopes = spectrum.against(&weighted(w, &densities.f_u), &weighted(w, &densities.f_p))?;
    let of = Frozen {
        time: cx.time,
        parameters: state,
    };
    let weights = functional.weights(cx, &nodes, &of)?;
    let mut change = spectrum.driven(&spectrum.stiffness(weights.as_deref())?, &slopes)?;
    change.iter_mut().for_each(|c| *c = -*c);
    let [offset, ..] = functional.units().offset;
    let change = spectrum.coefficients(offset, &change);
    Ok(evaluated(flow, cx, state, &change, x))
}
