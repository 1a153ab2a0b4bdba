//! What a contender does.

/// What is timed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The objective and its gradient in the parameters.
    Gradient,
    /// u, grad u and the product of their Jacobian with a direction.
    Product,
}

impl Task {
    pub const ALL: [Self; 2] = [Self::Gradient, Self::Product];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Gradient => "gradient",
            Self::Product => "product",
        }
    }
}

/// What came out, to see that all contenders computed the same thing: the objective and the norm of
/// its gradient, or the norms of the two parts of the product.
pub struct Answer {
    pub value: f64,
    pub norm: f64,
}

pub trait Contender {
    type Error;

    /// Prepares a task and hands its evaluation to `timed`, which runs it a few times.
    fn measure(
        &mut self,
        task: Task,
        timed: &mut dyn FnMut(&mut dyn FnMut()),
    ) -> Result<Answer, Self::Error>;
}

pub fn norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}
