//! Jets of a field at nodes: its values, their derivatives in x and a second-order channel.

use std::ops::Range;

/// The channels of a jet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channels {
    /// u.
    #[default]
    Value,
    /// u and its derivatives in x.
    First,
    /// u, its derivatives in x and `A : Hess u` with a symmetric matrix A at each node.
    Curved,
    /// u, its derivatives in x and all of Hess u in the place of a channel of it.
    Hessian,
}

/// The shape of the jet of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JetShape {
    /// The dimension d of x.
    pub dimension: usize,
    /// The components c of u.
    pub components: usize,
    /// The channels.
    pub channels: Channels,
}

impl JetShape {
    /// Entries of the derivatives in x: `c d`, or 0.
    #[must_use]
    pub const fn slope(self) -> usize {
        match self.channels {
            Channels::Value => 0,
            Channels::First | Channels::Curved | Channels::Hessian => {
                self.components * self.dimension
            }
        }
    }

    /// Entries of the second-order channel: c, or 0.
    #[must_use]
    pub const fn curved(self) -> usize {
        match self.channels {
            Channels::Value | Channels::First | Channels::Hessian => 0,
            Channels::Curved => self.components,
        }
    }

    /// Entries of the second derivatives: `c d d`, or 0.
    #[must_use]
    pub const fn hessian(self) -> usize {
        match self.channels {
            Channels::Hessian => self.components * self.dimension * self.dimension,
            _ => 0,
        }
    }

    /// Entries of a jet: value, slope, curved and hessian, in this order.
    #[must_use]
    pub const fn size(self) -> usize {
        self.components + self.slope() + self.curved() + self.hessian()
    }
}

/// Jets at n nodes, one array a channel.
#[derive(Clone, Debug, Default)]
pub struct Jets {
    /// u, `[n][c]`.
    pub value: Vec<f64>,
    /// Derivatives, `[n][c][d]`: entry `[i][j]` is that of `u_i` in `x_j`; or empty.
    pub slope: Vec<f64>,
    /// `A : Hess u`, `[n][c]`, or empty.
    pub curved: Vec<f64>,
    /// Second derivatives, `[n][c][d][d]`, or empty.
    pub hessian: Vec<f64>,
}

/// The jets of some nodes.
#[derive(Clone, Copy, Debug, Default)]
pub struct JetsRef<'a> {
    /// u, `[n][c]`.
    pub value: &'a [f64],
    /// Derivatives, `[n][c][d]`, or empty.
    pub slope: &'a [f64],
    /// `A : Hess u`, `[n][c]`, or empty.
    pub curved: &'a [f64],
    /// Second derivatives, `[n][c][d][d]`, or empty.
    pub hessian: &'a [f64],
}

/// The jets of some nodes, to be written.
#[derive(Debug, Default)]
pub struct JetsMut<'a> {
    /// u, `[n][c]`.
    pub value: &'a mut [f64],
    /// Derivatives, `[n][c][d]`, or empty.
    pub slope: &'a mut [f64],
    /// `A : Hess u`, `[n][c]`, or empty.
    pub curved: &'a mut [f64],
    /// Second derivatives, `[n][c][d][d]`, or empty.
    pub hessian: &'a mut [f64],
}

impl Jets {
    /// Makes room for n nodes; new entries are zero.
    pub fn resize(&mut self, n: usize, shape: JetShape) {
        self.value.resize(n * shape.components, 0.0);
        self.slope.resize(n * shape.slope(), 0.0);
        self.curved.resize(n * shape.curved(), 0.0);
        self.hessian.resize(n * shape.hessian(), 0.0);
    }

    /// Makes room for n nodes; all entries are zero.
    pub fn reset(&mut self, n: usize, shape: JetShape) {
        self.resize(n, shape);
        for channel in [
            &mut self.value,
            &mut self.slope,
            &mut self.curved,
            &mut self.hessian,
        ] {
            channel.fill(0.0);
        }
    }

    /// Adds a multiple of other jets.
    pub fn add(&mut self, factor: f64, other: &Self) {
        let add = |a: &mut [f64], b: &[f64]| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
        };
        add(&mut self.value, &other.value);
        add(&mut self.slope, &other.slope);
        add(&mut self.curved, &other.curved);
        add(&mut self.hessian, &other.hessian);
    }

    /// The channels that there are.
    #[must_use]
    pub const fn channels(&self) -> Channels {
        if !self.hessian.is_empty() {
            return Channels::Hessian;
        }
        match (self.slope.is_empty(), self.curved.is_empty()) {
            (true, _) => Channels::Value,
            (false, true) => Channels::First,
            (false, false) => Channels::Curved,
        }
    }

    /// The jets of a range of nodes.
    #[must_use]
    pub fn part(&self, nodes: Range<usize>, shape: JetShape) -> JetsRef<'_> {
        let of =
            |array: &'_ [f64], size: usize| nodes.start * size..array.len().min(nodes.end * size);
        JetsRef {
            value: &self.value[of(&self.value, shape.components)],
            slope: &self.slope[of(&self.slope, shape.slope())],
            curved: &self.curved[of(&self.curved, shape.curved())],
            hessian: &self.hessian[of(&self.hessian, shape.hessian())],
        }
    }

    /// All jets, to be read.
    #[must_use]
    pub fn as_ref(&self) -> JetsRef<'_> {
        JetsRef {
            value: &self.value,
            slope: &self.slope,
            curved: &self.curved,
            hessian: &self.hessian,
        }
    }

    /// All jets, to be written.
    pub fn as_mut(&mut self) -> JetsMut<'_> {
        JetsMut {
            value: &mut self.value,
            slope: &mut self.slope,
            curved: &mut self.curved,
            hessian: &mut self.hessian,
        }
    }

    /// The jets in runs of `run` nodes, to be written.
    pub fn runs_mut(&mut self, run: usize, shape: JetShape) -> impl Iterator<Item = JetsMut<'_>> {
        self.as_mut().into_runs(run, shape)
    }
}

impl<'a> JetsMut<'a> {
    /// Borrows the jets for a shorter time.
    pub fn reborrow(&mut self) -> JetsMut<'_> {
        JetsMut {
            value: self.value,
            slope: self.slope,
            curved: self.curved,
            hessian: self.hessian,
        }
    }

    /// Borrows the jets, to be read.
    #[must_use]
    pub const fn as_ref(&self) -> JetsRef<'_> {
        JetsRef {
            value: self.value,
            slope: self.slope,
            curved: self.curved,
            hessian: self.hessian,
        }
    }

    /// The jets in runs of `run` nodes.
    pub fn into_runs(self, run: usize, shape: JetShape) -> impl Iterator<Item = JetsMut<'a>> {
        let mut slope = self.slope.chunks_mut((run * shape.slope()).max(1));
        let mut curved = self.curved.chunks_mut((run * shape.curved()).max(1));
        let mut hessian = self.hessian.chunks_mut((run * shape.hessian()).max(1));
        let values = self.value.chunks_mut(run * shape.components);
        values.map(move |value| JetsMut {
            value,
            slope: slope.next().unwrap_or_default(),
            curved: curved.next().unwrap_or_default(),
            hessian: hessian.next().unwrap_or_default(),
        })
    }
}
