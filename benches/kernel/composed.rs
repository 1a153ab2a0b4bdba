//! The same in Candle: composed tensor operations, the parameter gradient by its autograd.

use crate::case::{Case, KAPPA, STRENGTH, centre};
use crate::contender::{Answer, Contender, Task, norm};
use candle_core::{DType, Device, Result, Tensor, Var};

/// How grad u is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// d tangents forward through the layers.
    Forward,
    /// The reverse pass, written out.
    Reverse,
}

pub struct Composed {
    form: Form,
    layers: Vec<(Var, Var)>,
    directions: Vec<(Tensor, Tensor)>,
    /// Positions and centres, in parts that fit in memory.
    batches: Vec<(Tensor, Tensor)>,
    nodes: usize,
}

/// `(W, b)` of each layer of an array laid out like the parameters.
fn layers(widths: &[usize], array: &[f64], dtype: DType) -> Result<Vec<(Tensor, Tensor)>> {
    let mut rest = array;
    let mut layers = Vec::new();
    for pair in widths.windows(2) {
        let (weights, after) = rest.split_at(pair[0] * pair[1]);
        let (biases, after) = after.split_at(pair[1]);
        rest = after;
        layers.push((
            Tensor::from_slice(weights, (pair[1], pair[0]), &Device::Cpu)?.to_dtype(dtype)?,
            Tensor::from_slice(biases, pair[1], &Device::Cpu)?.to_dtype(dtype)?,
        ));
    }
    Ok(layers)
}

impl Composed {
    pub fn new(case: &Case, form: Form, batch: usize, single: bool) -> Result<Self> {
        let dtype = if single { DType::F32 } else { DType::F64 };
        let mut widths = vec![case.dimension];
        widths.extend(case.hidden);
        widths.push(1);
        let variables = layers(&widths, &case.parameters(), dtype)?
            .into_iter()
            .map(|(w, b)| Ok((Var::from_tensor(&w)?, Var::from_tensor(&b)?)))
            .collect::<Result<_>>()?;
        let nodes = case.quadrature();
        let d = case.dimension;
        let batches = nodes
            .x
            .chunks(batch * d)
            .map(|x| {
                let c: Vec<f64> = x.chunks_exact(d).map(centre).collect();
                let x = Tensor::from_slice(x, (x.len() / d, d), &Device::Cpu)?;
                let c = Tensor::from_slice(&c, c.len(), &Device::Cpu)?;
                Ok((x.to_dtype(dtype)?, c.to_dtype(dtype)?))
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            form,
            layers: variables,
            directions: layers(&widths, &case.direction(), dtype)?,
            batches,
            nodes: case.nodes,
        })
    }

    /// u, `[n]`, and the sum of squares of grad u, `[n]`.
    fn field(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        match self.form {
            Form::Forward => self.forward(x),
            Form::Reverse => self.reverse(x),
        }
    }

    fn forward(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let (n, d) = x.dims2()?;
        let unit = Tensor::eye(d, x.dtype(), &Device::Cpu)?;
        let mut tangents = (0..d)
            .map(|i| {
                let row = unit.get(i)?.unsqueeze(0)?;
                row.broadcast_as((n, d))?.contiguous()
            })
            .collect::<Result<Vec<_>>>()?;
        let mut h = x.clone();
        for (index, (w, b)) in self.layers.iter().enumerate() {
            let w = w.as_tensor().t()?;
            h = h.matmul(&w)?.broadcast_add(b)?;
            for tangent in &mut tangents {
                *tangent = tangent.matmul(&w)?;
            }
            if index + 1 < self.layers.len() {
                h = h.tanh()?;
                let slope = (1.0 - h.sqr()?)?;
                for tangent in &mut tangents {
                    *tangent = (&*tangent * &slope)?;
                }
            }
        }
        let mut squares = tangents[0].sqr()?;
        for tangent in &tangents[1..] {
            squares = (squares + tangent.sqr()?)?;
        }
        Ok((h.squeeze(1)?, squares.squeeze(1)?))
    }

    fn reverse(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let mut h = x.clone();
        let mut slopes = Vec::new();
        for (index, (w, b)) in self.layers.iter().enumerate() {
            h = h.matmul(&w.as_tensor().t()?)?.broadcast_add(b)?;
            if index + 1 < self.layers.len() {
                h = h.tanh()?;
                slopes.push((1.0 - h.sqr()?)?);
            }
        }
        let hidden = self.layers[..self.layers.len() - 1].iter().zip(slopes);
        let mut g = self.layers[self.layers.len() - 1].0.as_tensor().clone();
        for ((w, _), slope) in hidden.rev() {
            g = slope.broadcast_mul(&g)?.matmul(w)?;
        }
        Ok((h.squeeze(1)?, g.sqr()?.sum(1)?))
    }

    fn gradient(&self) -> Result<(f64, Vec<Tensor>)> {
        let mut value = 0.0;
        let mut sums: Vec<Tensor> = Vec::new();
        for (x, c) in &self.batches {
            let (u, squares) = self.field(x)?;
            let moved = ((u - c)?.sqr()? * (0.5 * STRENGTH))?;
            let sum = (moved + (squares * (0.5 * KAPPA))?)?.sum_all()?;
            let sum = (sum / self.nodes as f64)?;
            let gradients = sum.backward()?;
            value += sum.to_dtype(DType::F64)?.to_scalar::<f64>()?;
            let mut parts = Vec::new();
            for var in self.layers.iter().flat_map(|(w, b)| [w, b]) {
                match gradients.get(var) {
                    Some(gradient) => parts.push(gradient.clone()),
                    None => parts.push(var.zeros_like()?),
                }
            }
            sums = if sums.is_empty() {
                parts
            } else {
                let pairs = sums.iter().zip(&parts);
                pairs.map(|(a, b)| a + b).collect::<Result<_>>()?
            };
        }
        Ok((value, sums))
    }

    /// Norms of the changes of u and grad u along the direction, by the rules of differentiation
    /// written out: Candle has no forward mode.
    fn product(&self) -> Result<(f64, f64)> {
        let (mut squares_u, mut squares_p) = (0.0, 0.0);
        for (x, _) in &self.batches {
            let (u, p) = self.products(x)?;
            let sum = |t: Tensor| t.sqr()?.sum_all()?.to_dtype(DType::F64)?.to_scalar::<f64>();
            squares_u += sum(u)?;
            squares_p += sum(p)?;
        }
        Ok((squares_u.sqrt(), squares_p.sqrt()))
    }

    fn products(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let mut h = x.clone();
        let mut change: Option<Tensor> = None;
        let mut kept = Vec::new();
        let pairs: Vec<_> = self.layers.iter().zip(&self.directions).collect();
        for (index, ((w, b), (dw, db))) in pairs.iter().enumerate() {
            let w = w.as_tensor().t()?.detach();
            let mut dz = h.matmul(&dw.t()?)?.broadcast_add(db)?;
            if let Some(change) = change {
                dz = (dz + change.matmul(&w)?)?;
            }
            h = h.matmul(&w)?.broadcast_add(&b.as_tensor().detach())?;
            if index + 1 < pairs.len() {
                h = h.tanh()?;
                let slope = (1.0 - h.sqr()?)?;
                dz = (dz * &slope)?;
                kept.push((slope, (&h * &dz)?));
            }
            change = Some(dz);
        }
        let ((w, _), (dw, _)) = pairs[pairs.len() - 1];
        let (mut g, mut dg) = (w.as_tensor().detach(), dw.clone());
        let hidden = pairs[..pairs.len() - 1].iter().zip(kept);
        for (((w, _), (dw, _)), (slope, turned)) in hidden.rev() {
            let delta = slope.broadcast_mul(&g)?;
            let bend = (turned.broadcast_mul(&g)? * -2.0)?;
            let d_delta = (slope.broadcast_mul(&dg)? + bend)?;
            let w = w.as_tensor().detach();
            dg = (d_delta.matmul(&w)? + delta.matmul(dw)?)?;
            g = delta.matmul(&w)?;
        }
        Ok((change.unwrap_or(h), dg))
    }
}

impl Contender for Composed {
    type Error = candle_core::Error;

    fn measure(&mut self, task: Task, timed: &mut dyn FnMut(&mut dyn FnMut())) -> Result<Answer> {
        match task {
            Task::Gradient => {
                let mut outcome = Ok((0.0, Vec::new()));
                timed(&mut || outcome = self.gradient());
                let (value, gradient) = outcome?;
                let mut flat = Vec::new();
                for part in gradient {
                    flat.extend(part.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>()?);
                }
                Ok(Answer {
                    value,
                    norm: norm(&flat),
                })
            }
            Task::Product => {
                let mut outcome = Ok((0.0, 0.0));
                timed(&mut || outcome = self.product());
                let (value, norm) = outcome?;
                Ok(Answer { value, norm })
            }
        }
    }
}
