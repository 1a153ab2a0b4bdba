//! Input convex networks (Amos, Xu and Kolter, arXiv:1609.07152; the paper's section 2.3).
//!
//! `z_1 = s(W_1 x + b_1)`, `z_l = s(U_l z_{l-1} + W_l x + b_l)`, `N = u . z_L + |A x|^2 / 2 + v . x` with s
//! softplus and U, u not negative, so N is convex. The potential is `|x|^2/2 + N - N_0` with N_0 the
//! network of the start: at first it is the identity's exactly. As the curvature of N_0 is below 1,
//! `|x|^2/2 - N_0` is convex too, and so the potential, whatever the weights become. A network that was
//! merely small would have to start from no curvature, from where it could only grow.

use super::product::product;
use super::smooth::{sigmoid, softplus};
use candle_core::{DType, Device, Result, Tensor, Var};
use rand::RngExt;

/// The largest curvature of N_0, in any direction: half by the quadratic part, the rest by the units.
const QUADRATIC: f64 = 0.45;
const UNITS: f64 = 0.45;

/// The shape of a potential.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub dimension: usize,
    pub hidden: Vec<usize>,
}

/// The tensors of a layer: U (none in the first), W and b.
struct Layer {
    inner: Option<Tensor>,
    weights: Tensor,
    bias: Tensor,
}

/// The tensors of N.
struct Tensors {
    layers: Vec<Layer>,
    /// u, `[width]`
    output: Tensor,
    /// A, `[d][d]`
    quadratic: Tensor,
    /// v, `[d]`
    linear: Tensor,
}

impl Tensors {
    /// Which may not be negative, in the order in which they lie among the parameters.
    fn signs(&self) -> impl Iterator<Item = bool> {
        let layers = self.layers.iter().flat_map(|layer| match layer.inner {
            None => [false, false].iter(),
            Some(_) => [true, false, false].iter(),
        });
        layers.copied().chain([true, false, false])
    }
}

/// A potential.
pub(super) struct Icnn {
    /// The tensors of variables: what is set in these is seen in them.
    now: Tensors,
    start: Tensors,
    variables: Vec<Var>,
}

/// A potential and its slope at points.
pub(super) struct Jet {
    /// `[n]`
    pub value: Tensor,
    /// `[n][d]`
    pub slope: Tensor,
}

impl Shape {
    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        let (d, mut before, mut sum) = (self.dimension, 0, 0);
        for width in &self.hidden {
            sum += width * (before + d + 1);
            before = *width;
        }
        sum + before + d * d + d
    }

    /// Parameters whose units look in all directions, with kinks all over the box `[-1, 1]^d`.
    pub fn initialize(&self, rng: &mut impl RngExt) -> Vec<f64> {
        let d = self.dimension;
        let mut parameters = Vec::with_capacity(self.parameters());
        let mut even = |bound: f64| bound * (2.0 * rng.random::<f64>() - 1.0);
        let mut before = 0;
        // Bounds on the slopes and curvatures of the units of a layer.
        let (mut slopes, mut curvatures) = (Vec::new(), Vec::new());
        for width in &self.hidden {
            let mut inner = Vec::with_capacity(width * before);
            inner.extend((0..width * before).map(|_| (1.0 + even(1.0)) / before as f64));
            // A kink is about a third of the box wide.
            let rows: Vec<f64> = (0..width * d).map(|_| even(6.0)).collect();
            let lengths = rows.chunks_exact(d);
            let lengths = lengths.map(|row| row.iter().map(|w| w * w).sum::<f64>().sqrt());
            let bounds = lengths.enumerate().map(|(unit, length)| {
                let row = &inner[unit * before..(unit + 1) * before];
                let slope: f64 = row.iter().zip(&slopes).map(|(u, s)| u * s).sum();
                let curvature: f64 = row.iter().zip(&curvatures).map(|(u, c)| u * c).sum();
                let slope: f64 = length + slope;
                // s' <= 1 and s'' <= 1/4.
                (slope, curvature + 0.25 * slope * slope)
            });
            (slopes, curvatures) = bounds.unzip();
            let bound = rows.iter().fold(0.0_f64, |m, w| m.max(w.abs()));
            parameters.extend(inner);
            parameters.extend(rows);
            parameters.extend((0..*width).map(|_| even(bound)));
            before = *width;
        }
        let total: f64 = curvatures.iter().sum();
        parameters.extend((0..before).map(|_| UNITS / total));
        let identity = (0..d * d).map(|k| if k % (d + 1) == 0 { 1.0 } else { 0.0 });
        parameters.extend(identity.map(|e: f64| e * QUADRATIC.sqrt()));
        parameters.extend(vec![0.0; d]);
        parameters
    }

    /// The tensors of these parameters, each made by `make`.
    fn tensors(
        &self,
        parameters: &[f64],
        mut make: impl FnMut(Tensor) -> Result<Tensor>,
    ) -> Result<Tensors> {
        let d = self.dimension;
        let mut rest = parameters;
        let mut next = |shape: &[usize]| {
            let length = shape.iter().product::<usize>().min(rest.len());
            let (these, others) = rest.split_at(length);
            rest = others;
            make(Tensor::from_slice(these, shape, &Device::Cpu)?)
        };
        let mut layers = Vec::with_capacity(self.hidden.len());
        let mut before = 0;
        for width in &self.hidden {
            layers.push(Layer {
                inner: (before > 0).then(|| next(&[*width, before])).transpose()?,
                weights: next(&[*width, d])?,
                bias: next(&[*width])?,
            });
            before = *width;
        }
        Ok(Tensors {
            layers,
            output: next(&[before])?,
            quadratic: next(&[d, d])?,
            linear: next(&[d])?,
        })
    }
}

impl Icnn {
    /// The potential of these parameters; `start` are those of N_0.
    pub fn new(shape: &Shape, start: &[f64], parameters: &[f64]) -> Result<Self> {
        let mut variables = Vec::new();
        let now = shape.tensors(parameters, |tensor| {
            let variable = Var::from_tensor(&tensor)?;
            let tensor = variable.as_tensor().clone();
            variables.push(variable);
            Ok(tensor)
        })?;
        let icnn = Self {
            now,
            start: shape.tensors(start, Ok)?,
            variables,
        };
        icnn.clip()?;
        Ok(icnn)
    }

    /// The variables that are trained.
    pub fn variables(&self) -> Vec<Var> {
        self.variables.clone()
    }

    /// The parameters, as [`Shape::initialize`] makes them.
    pub fn parameters(&self) -> Result<Vec<f64>> {
        let mut parameters = Vec::new();
        for variable in &self.variables {
            parameters.extend(variable.flatten_all()?.to_vec1::<f64>()?);
        }
        Ok(parameters)
    }

    /// Makes weights 0 that became negative and may not be.
    pub fn clip(&self) -> Result<()> {
        let signed = self.variables.iter().zip(self.now.signs());
        let mut signed = signed.filter_map(|(variable, sign)| sign.then_some(variable));
        signed.try_for_each(|variable| variable.set(&variable.as_detached_tensor().relu()?))
    }

    /// The potential at points, `[n][d]`.
    pub fn value(&self, x: &Tensor) -> Result<Tensor> {
        let still = run(&self.start, x, false)?.value.detach();
        (run(&self.now, x, false)?.value + (x.sqr()?.sum(1)? * 0.5)?)? - still
    }

    /// The potential and its slope at points, `[n][d]`.
    pub fn jet(&self, x: &Tensor) -> Result<Jet> {
        let (now, start) = (run(&self.now, x, true)?, run(&self.start, x, true)?);
        Ok(Jet {
            value: ((now.value + (x.sqr()?.sum(1)? * 0.5)?)? - start.value)?,
            slope: ((now.slope + x)? - start.slope)?,
        })
    }
}

/// N and, if wanted, its slope, which is empty otherwise.
fn run(n: &Tensors, x: &Tensor, sloped: bool) -> Result<Jet> {
    let mut passes: Vec<Tensor> = Vec::with_capacity(n.layers.len());
    let mut z: Option<Tensor> = None;
    for layer in &n.layers {
        let mut a = product(x, &layer.weights.t()?)?.broadcast_add(&layer.bias)?;
        if let (Some(inner), Some(z)) = (&layer.inner, &z) {
            a = (a + product(z, &inner.t()?)?)?;
        }
        z = Some(softplus(&a)?);
        passes.push(a);
    }
    let turned = product(x, &n.quadratic.t()?)?;
    let column = |t: &Tensor| t.unsqueeze(1);
    let mut value =
        ((turned.sqr()?.sum(1)? * 0.5)? + product(x, &column(&n.linear)?)?.squeeze(1)?)?;
    if let Some(z) = &z {
        value = (value + product(z, &column(&n.output)?)?.squeeze(1)?)?;
    }
    if !sloped {
        let slope = Tensor::zeros((0,), DType::F64, &Device::Cpu)?;
        return Ok(Jet { value, slope });
    }
    let mut slope = product(&turned, &n.quadratic)?.broadcast_add(&n.linear)?;
    let mut seed: Option<Tensor> = None;
    for (layer, a) in n.layers.iter().zip(&passes).rev() {
        let rate = sigmoid(a)?;
        let through = match &seed {
            None => rate.broadcast_mul(&n.output)?,
            Some(seed) => (rate * seed)?,
        };
        slope = (slope + product(&through, &layer.weights)?)?;
        if let Some(inner) = &layer.inner {
            seed = Some(product(&through, inner)?);
        }
    }
    Ok(Jet { value, slope })
}
