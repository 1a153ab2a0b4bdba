//! The kernels of this library.

use crate::case::{Case, Movement, centre};
use crate::contender::{Answer, Contender, Task, norm};
use movimento::field::Field;
use movimento::field::Precision;
use movimento::field::kernels::cpu::jacobian_product;
use movimento::minimize::Objective;
use movimento::objective::Pointwise;
use movimento::parallel::Pool;
use movimento::quadrature::Nodes;
use movimento::{Error, Result};

pub struct Ours {
    field: Field,
    nodes: Nodes,
    pool: Pool,
    integrand: Movement,
    parameters: Vec<f64>,
    direction: Vec<f64>,
    precision: Precision,
}

impl Ours {
    pub fn new(case: &Case, threads: usize, precision: Precision) -> Result<Self> {
        let nodes = case.quadrature();
        let centre = nodes.x.chunks_exact(case.dimension).map(centre).collect();
        Ok(Self {
            field: case.network()?.into(),
            nodes,
            pool: Pool::new(threads)?,
            integrand: Movement { centre },
            parameters: case.parameters(),
            direction: case.direction(),
            precision,
        })
    }
}

impl Contender for Ours {
    type Error = Error;

    fn measure(&mut self, task: Task, timed: &mut dyn FnMut(&mut dyn FnMut())) -> Result<Answer> {
        let (n, d) = (self.nodes.len(), self.field.dimension());
        let mut outcome = Ok(0.0);
        let answer = match task {
            Task::Gradient => {
                let mut gradient = vec![0.0; self.parameters.len()];
                let (nodes, integrand) = (self.nodes.view(), Box::new(&self.integrand));
                let mut objective = Pointwise::new(&self.field, &self.pool, nodes, integrand)
                    .in_precision(self.precision);
                timed(&mut || outcome = objective.gradient(&self.parameters, &mut gradient));
                Answer {
                    value: outcome?,
                    norm: norm(&gradient),
                }
            }
            Task::Product => {
                let (mut du, mut dp) = (vec![0.0; n], vec![0.0; n * d]);
                let product = match self.precision {
                    Precision::Double => jacobian_product::<f64>,
                    Precision::Single => jacobian_product::<f32>,
                };
                let network = self.field.network().as_scalar().expect("one output");
                timed(&mut || {
                    product(
                        network,
                        &self.pool,
                        &self.parameters,
                        &self.direction,
                        &self.nodes.x,
                        &mut du,
                        &mut dp,
                    );
                });
                Answer {
                    value: norm(&du),
                    norm: norm(&dp),
                }
            }
        };
        Ok(answer)
    }
}
