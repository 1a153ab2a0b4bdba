//! Samples of u_0 for a fit: on nodes of a rule, or the host's values at points.

use super::L2Flow;
use super::fit::{Fit, Target};
use crate::arguments::{check_length, check_points};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::{CHUNK, Normalized};
use crate::flow::{Context, Flow, Queries, Turn};
use crate::initial::{self, Smoothed};
use crate::options::Settings;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

/// One point in so many is held out to measure the fit of values at given points.
const HOLD_OUT: usize = 8;

/// The least standard deviation of u_0, relative to its mean, that is a variation.
const LEAST_VARIATION: f64 = 1e-12;

/// Samples of u_0 to fit, and others to measure the fit on.
#[derive(Default)]
pub(super) struct Data {
    pub nodes: Nodes,
    pub target: Target,
    pub has_gradient: bool,
    pub check: Nodes,
    pub check_values: Vec<f64>,
}

/// The rule of the nodes on which u_0 is fitted.
pub(super) fn fit_rule(
    settings: &Settings,
    rule: &Quadrature,
    domain: &Domain,
) -> Result<Quadrature> {
    match settings.discretization.fit_nodes {
        None => Ok(rule.clone()),
        Some(nodes) => rule.resized("fit_nodes", nodes.get(), domain),
    }
}

impl L2Flow {
    /// Nodes of the fit: the host's, or those of the rule of the option `fit_nodes`.
    fn fit_nodes(&self, cx: &Context) -> Result<Nodes> {
        if self.given.nodes || cx.settings.discretization.fit_nodes.is_none() {
            return Ok(self.nodes(cx, Turn::default())?.of_the_domain());
        }
        let mut rng = generator(cx.seed(), Stream::Nodes, 0, 0);
        let rule = fit_rule(&cx.settings, &self.quadrature, &self.domain)?;
        Ok(cx.own(rule.nodes(&self.domain, &mut rng)?))
    }

    /// u_0 on the fit's nodes and on the independent ones.
    pub(super) fn sample(
        &self,
        cx: &Context,
        field: &mut initial::Field<'_>,
        has_gradient: bool,
    ) -> Result<Data> {
        let (c, d) = (self.components(), self.domain.dimension());
        let nodes = self.fit_nodes(cx)?;
        let width = cx.settings.discretization.initial_smoothing;
        let smoothed = width.map(|width| Smoothed::new(&self.domain, width, field));
        let smoothed = smoothed.transpose()?;
        let mut smooth = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
            if let Some(smoothed) = &smoothed {
                smoothed.evaluate(x, u, grad);
            }
            Ok(())
        };
        let (field, has_gradient): (&mut initial::Field<'_>, bool) = match &smoothed {
            Some(_) => (&mut smooth, true),
            None => (field, has_gradient),
        };
        let mut target = Target {
            components: c,
            u: vec![0.0; nodes.len() * c],
            grad: vec![0.0; if has_gradient { nodes.len() * c * d } else { 0 }],
        };
        // Of few nodes a rank may have none.
        if !nodes.is_empty() {
            let grad = has_gradient.then_some(target.grad.as_mut_slice());
            field(&nodes.x, &mut target.u, grad)?;
        }
        initial::check_values("u_0", &target.u, &nodes.x, d)?;
        initial::check_values("grad u_0", &target.grad, &nodes.x, d)?;
        let check = self.check.clone();
        let mut check_values = vec![0.0; check.len() * c];
        if !check.is_empty() {
            field(&check.x, &mut check_values, None)?;
        }
        initial::check_values("u_0", &check_values, &check.x, d)?;
        Ok(Data {
            nodes,
            target,
            has_gradient,
            check,
            check_values,
        })
    }

    /// Values at given points, some of them held out; each rank has its own.
    pub(super) fn hold_out(
        &self,
        cx: &Context,
        x: &[f64],
        u: &[f64],
        grad: Option<&[f64]>,
    ) -> Result<Data> {
        let (c, d) = (self.components(), self.domain.dimension());
        let n = check_points("x", x, d)?;
        check_length("u", u.len(), n * c)?;
        check_points("u", u, c)?;
        if let Some(grad) = grad {
            check_length("grad", grad.len(), x.len() * c)?;
            check_points("grad", grad, c * d)?;
        }
        self.domain.check_inside(x)?;
        let held_out = n / HOLD_OUT;
        let mut total = [n as f64, held_out as f64];
        cx.ranks().sum(Ok(()), &mut total)?;
        let [n, checks] = total;
        self.check_equations(
            n,
            (n - checks) * (c * if grad.is_some() { 1 + d } else { 1 }) as f64,
        )?;
        let mut data = Data {
            nodes: Nodes::default(),
            target: Target {
                components: c,
                ..Target::default()
            },
            has_gradient: grad.is_some(),
            check: Nodes::default(),
            check_values: Vec::new(),
        };
        for (index, (x, u)) in x.chunks_exact(d).zip(u.chunks_exact(c)).enumerate() {
            if index % HOLD_OUT == HOLD_OUT - 1 {
                data.check.x.extend_from_slice(x);
                data.check_values.extend_from_slice(u);
            } else {
                data.nodes.x.extend_from_slice(x);
                data.target.u.extend_from_slice(u);
                if let Some(grad) = grad {
                    data.target
                        .grad
                        .extend_from_slice(&grad[index * c * d..(index + 1) * c * d]);
                }
            }
        }
        let volume = self.domain.volume();
        let even = |own: usize, all: f64| vec![volume / all.max(1.0); own];
        data.nodes.w = even(data.target.u.len() / c, n - checks);
        data.check.w = even(data.check_values.len() / c, checks);
        Ok(data)
    }

    /// Refuses `n` points of the host that give fewer equations than there are parameters.
    pub(super) fn check_equations(&self, n: f64, equations: f64) -> Result<()> {
        let parameters = self.parameters() - self.frozen();
        if equations >= parameters as f64 {
            return Ok(());
        }
        Err(Error::argument(format!(
            "`n` = {n} points give {equations} equations for the {parameters} parameters of the \
             network; accepted are at least as many: give more points or a smaller `hidden`"
        )))
    }
}

/// The root mean square of values at weighted points, `[n][c]`.
pub(super) fn root_mean_square(cx: &Context, nodes: &Nodes, values: &[f64]) -> Result<f64> {
    let c = (values.len() / nodes.len().max(1)).max(1);
    let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
    let points = nodes.w.iter().zip(values.chunks_exact(c));
    let squares = points.map(|(w, v)| w * square(v));
    let mut sums = [squares.sum(), nodes.w.iter().sum()];
    cx.ranks().sum(Ok(()), &mut sums)?;
    let [square, volume] = sums;
    Ok((square / volume).sqrt())
}

/// The error of a fit at the independent points relative to the size of u_0: of several components the largest
/// of theirs, each relative to a size of its own.
pub(super) fn relative_error(
    cx: &Context,
    data: &Data,
    units: Normalized,
    misfit: &[f64],
) -> Result<f64> {
    let c = data.target.components;
    if c == 1 {
        return Ok(root_mean_square(cx, &data.check, misfit)? / units.size);
    }
    let mut largest: f64 = 0.0;
    for i in 0..c {
        let own: Vec<f64> = misfit.iter().skip(i).step_by(c).copied().collect();
        let (_, deviation) = spread(cx, data, i)?;
        let size = match size_of(units.offset[i], deviation) {
            0.0 => units.size,
            size => size,
        };
        largest = largest.max(root_mean_square(cx, &data.check, &own)? / size);
    }
    Ok(largest)
}

/// The mean of a component of u_0 at the nodes of the fit, and its standard deviation there.
fn spread(cx: &Context, data: &Data, component: usize) -> Result<(f64, f64)> {
    let (target, n) = (data.target.fit(0.0, &[]), data.nodes.len());
    let own = |lane| {
        let u = target.part(lane).u;
        u.iter().skip(component).step_by(target.components)
    };
    let [sum, count] = cx.ranks().sum_over(n, CHUNK, |lane| {
        [own(lane.clone()).sum(), lane.len() as f64]
    })?;
    let offset = sum / count.max(1.0);
    let [spread] = cx.ranks().sum_over(n, CHUNK, |lane| {
        [own(lane).map(|u| (u - offset) * (u - offset)).sum()]
    })?;
    Ok((offset, (spread / count.max(1.0)).sqrt()))
}

/// The size of what varies by so much around an offset: of a constant its magnitude. A variation that is
/// rounding is none.
fn size_of(offset: f64, deviation: f64) -> f64 {
    match deviation > LEAST_VARIATION * offset.abs() {
        true => deviation,
        false => offset.abs(),
    }
}

/// The mean of u_0 at the nodes of the fit, and its standard deviation there, or what values on the boundary are
/// off the mean where that is more; of a constant its magnitude. Of several components it is the size of the one
/// that varies most.
pub(super) fn units(
    cx: &Context,
    data: &Data,
    on_boundary: impl Fn(f64) -> Result<f64>,
) -> Result<Normalized> {
    let mut units = Normalized::NONE;
    let (mut varying, mut constant) = (0.0_f64, 0.0_f64);
    for i in 0..data.target.components {
        let (offset, deviation) = spread(cx, data, i)?;
        let deviation = deviation.max(on_boundary(offset)?);
        units.offset[i] = offset;
        let size = size_of(offset, deviation);
        match deviation > LEAST_VARIATION * offset.abs() {
            true => varying = varying.max(size),
            false => constant = constant.max(size),
        }
    }
    units.size = match (varying, constant) {
        (0.0, 0.0) => 1.0,
        (0.0, constant) => constant,
        (varying, _) => varying,
    };
    Ok(units)
}

/// The root mean square of what u_0 is off a lift at the nodes of the fit.
pub(super) fn distance_from(
    cx: &Context,
    data: &Data,
    lift: impl Fn(&[f64]) -> f64,
) -> Result<f64> {
    let (target, n) = (&data.target.u, data.nodes.len());
    let d = data.nodes.x.len() / n.max(1);
    let [sum, count] = cx.ranks().sum_over(n, CHUNK, |lane| {
        let points = data.nodes.x[lane.start * d..lane.end * d].chunks_exact(d);
        let pairs = points.zip(&target[lane.clone()]);
        [
            pairs.map(|(x, u)| (u - lift(x)).powi(2)).sum(),
            lane.len() as f64,
        ]
    })?;
    Ok((sum / count.max(1.0)).sqrt())
}

/// A squared length that makes gradients weigh about as much as values: values of u_0 vary
/// over `size / |grad u|`.
pub(super) fn gradient_weight(cx: &Context, units: Normalized, data: &Data) -> Result<f64> {
    let (target, n) = (data.target.fit(0.0, &[]), data.nodes.len());
    let [slope, count] = cx.ranks().sum_over(n, CHUNK, |lane| {
        let Fit { u, grad, .. } = target.part(lane);
        [grad.iter().map(|g| g * g).sum(), u.len() as f64]
    })?;
    let square = units.size * units.size;
    Ok(if slope > 0.0 {
        square * count / slope
    } else {
        0.0
    })
}
