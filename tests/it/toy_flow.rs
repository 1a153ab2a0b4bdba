//! A flow of one's own, outside of the library: that of L2 with the metric `|v|^2 / m`, `u_t = -m dF/du`.

use crate::support::problems::{dirichlet, small};
use movimento::domain::Domain;
use movimento::energy::Term;
use movimento::field::Network;
use movimento::fingerprint::Numbers;
use movimento::flow::l2::L2Flow;
use movimento::flow::{
    Beginning, Centre, Context, FieldSpec, Flow, FlowSpec, Frozen, Observed, Posed, Queries, Turn,
};
use movimento::minimize::{Minimizer, Objective, Watch};
use movimento::quadrature::Nodes;
use movimento::section::Section;
use movimento::snapshot::{restore, write};
use movimento::{Initial, Result, Solver};
use std::f64::consts::FRAC_PI_4;

type Points<'a> = (&'a [f64], &'a [f64], &'a [f64]); // x, u, grad u
const MOBILITY: f64 = 4.0; // a power of 2, which no rounding tells

static SPEC: FlowSpec = FlowSpec {
    name: "mobility",
    transport: "map",
    initial: "a function",
    create: |cx, domain| Ok(Box::new(Mobility(L2Flow::new(cx, domain)?))),
};

#[derive(Clone)]
struct Mobility(L2Flow);

// Its own are the movement term `S |u - c|^2 / (2 tau m)` and the distance; the rest it shares with L2.
impl Flow for Mobility {
    fn centre(&self, cx: &Context, at: &Nodes, u: &[(f64, &[f64])], tau: f64) -> Result<Centre> {
        self.0.centre(cx, at, u, tau * MOBILITY)
    }
    fn distance(
        &self,
        cx: &Context,
        at: Option<&Frozen<'_>>,
        p: [&[f64]; 2],
        seen: [&Observed; 2],
    ) -> Result<f64> {
        Ok(self.0.distance(cx, at, p, seen)? / MOBILITY.sqrt())
    }
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }
    fn add_term(&mut self, term: Term) -> Result<()> {
        self.0.add_term(term)
    }
    fn term_names(&self) -> Vec<&str> {
        self.0.term_names()
    }
    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        self.0.energies(cx, observed)
    }
    fn start(&mut self, cx: &Context, u: Initial<'_>, w: &mut Watch<'_>) -> Result<Beginning> {
        self.0.start(cx, u, w)
    }
    fn nodes(&self, cx: &Context, turn: Turn) -> Result<Nodes> {
        self.0.nodes(cx, turn)
    }
    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        self.0.values(cx, x, parameters)
    }
    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        self.0.stage(posed)
    }
    fn check_nodes(&self) -> &Nodes {
        self.0.check_nodes()
    }
    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        self.0.observe(cx, parameters)
    }
    fn observe_stage(&self, cx: &Context, p: &[f64], c: &Centre) -> Result<(Observed, f64)> {
        self.0.observe_stage(cx, p, c)
    }
    fn add_fingerprint(&self, numbers: &mut Numbers) {
        self.0.add_fingerprint(numbers);
    }
    fn save(&self, into: &mut Section) {
        self.0.save(into);
    }
    fn resume(&mut self, cx: &Context, saved: &Section, refinements: u64) -> Result<Minimizer> {
        self.0.resume(cx, saved, refinements)
    }
    fn export(&self, cx: &Context, p: &[f64], out: &mut movimento::export::Exported) -> Result<()> {
        self.0.export(cx, p, out)
    }
}

impl Queries for Mobility {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }
    fn domain(&self) -> &Domain {
        self.0.domain()
    }
    fn network(&self) -> &Network {
        self.0.network()
    }
    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        self.0.evaluate(cx, parameters, x, u, grad)
    }
    fn fields(&self) -> &'static [FieldSpec] {
        self.0.fields()
    }
    fn energy_densities(&self, cx: &Context, p: &[f64], at: Points<'_>) -> Result<Vec<Vec<f64>>> {
        self.0.energy_densities(cx, p, at)
    }
}

#[test]
fn a_flow_of_ones_own_steps_is_checked_and_restarts() {
    let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[8, 8]);
    options.set("tau", 0.002).unwrap();
    let started = |mut solver: Solver| {
        solver.add_energy(&dirichlet(0.1)).unwrap();
        solver.set_initial(Initial::Named("heat-2d")).unwrap();
        solver
    };
    let mut solver = started(Solver::of(&SPEC, &options).unwrap());
    let mut longer = started(Solver::new(&options).unwrap());
    longer.set_tau(0.002 * MOBILITY).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..5 {
        solver.step().unwrap();
        longer.step().unwrap();
        write(&solver, folder.path()).unwrap();
    }
    // A step of tau along -m dF/du is one of m tau along -dF/du.
    assert_eq!(solver.parameters(), longer.parameters());
    let (mine, theirs) = (solver.report().unwrap(), longer.report().unwrap());
    assert!(mine.energy_slack > 0.0 && mine.residual == theirs.residual);
    let ratio = theirs.movement_distance / mine.movement_distance;
    assert!((ratio * ratio / MOBILITY - 1.0).abs() < 1e-12, "{ratio}");
    let mut other = started(Solver::of(&SPEC, &options).unwrap());
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(4));
    solver.step().unwrap();
    other.step().unwrap();
    assert_eq!(other.parameters(), solver.parameters());
}
