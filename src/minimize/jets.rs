//! The values of the network at nodes, and what is computed from them node by node.

/// Values at all nodes, one for each channel of the jet.
#[derive(Clone, Debug, Default)]
pub(super) struct Jets {
    /// `[n]`
    pub u: Vec<f64>,
    /// `[n][d]`
    pub p: Vec<f64>,
    /// `A : Hess u`, `[n]`; empty in weak form.
    pub curved: Vec<f64>,
}

impl Jets {
    /// Room for n nodes.
    pub fn resize(&mut self, n: usize, d: usize, strong: bool) {
        self.u.resize(n, 0.0);
        self.p.resize(n * d, 0.0);
        self.curved.resize(if strong { n } else { 0 }, 0.0);
    }

    /// Room for as many as there are in another; new places are zero.
    pub fn resize_as(&mut self, other: &Self) {
        self.u.resize(other.u.len(), 0.0);
        self.p.resize(other.p.len(), 0.0);
        self.curved.resize(other.curved.len(), 0.0);
    }

    /// `self += factor other`.
    pub fn add(&mut self, factor: f64, other: &Self) {
        let add = |a: &mut [f64], b: &[f64]| {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += factor * b);
        };
        add(&mut self.u, &other.u);
        add(&mut self.p, &other.p);
        add(&mut self.curved, &other.curved);
    }

    /// All zero.
    pub fn clear(&mut self) {
        for channel in [&mut self.u, &mut self.p, &mut self.curved] {
            channel.fill(0.0);
        }
    }
}
