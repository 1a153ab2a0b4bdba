//! The states that the last step came through, for values between them.

use super::Flow;
use std::fmt;
use std::sync::Arc;

/// A state at a time: at the beginning of a step, between its parts, or at its end.
#[derive(Clone, Debug)]
pub struct Knot {
    /// The time.
    pub time: f64,
    /// The parameters, `[P]`.
    pub parameters: Arc<[f64]>,
}

/// The course of the last step, from its beginning to its end; empty where it is not known.
#[derive(Clone, Default)]
pub struct Course {
    knots: Vec<Knot>,
    /// The flow that the parameters are of, as it was before what it does after a step.
    flow: Option<Arc<dyn Flow>>,
}

impl fmt::Debug for Course {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.knots).finish()
    }
}

impl Course {
    /// The course of a step that was taken as a whole, from and to these times and parameters.
    #[must_use]
    pub fn of_step(begin: (f64, &[f64]), end: (f64, &[f64])) -> Self {
        let knots = [begin, end].map(|(time, parameters)| Knot {
            time,
            parameters: parameters.into(),
        });
        Self {
            knots: knots.into(),
            flow: None,
        }
    }

    /// Puts the course of the first part of a step before that of the second, which ends at this time.
    pub fn follow(&mut self, first: &Self, end: f64) {
        let own = self.knots.iter().skip(1);
        self.knots = first.knots.iter().chain(own).cloned().collect();
        if let Some(last) = self.knots.last_mut() {
            last.time = end;
        }
    }

    /// Keeps the flow that the parameters are of.
    pub fn keep(&mut self, flow: Arc<dyn Flow>) {
        self.flow = Some(flow);
    }

    /// Whether the step was taken in parts.
    #[must_use]
    pub const fn is_in_parts(&self) -> bool {
        self.knots.len() > 2
    }

    /// The states and the flow they are of, where that was kept.
    #[must_use]
    pub fn known(&self) -> Option<(&dyn Flow, &[Knot])> {
        let flow = self.flow.as_deref()?;
        (self.knots.len() > 1).then_some((flow, &*self.knots))
    }
}
