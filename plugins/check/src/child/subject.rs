//! The energy that is checked, and the instances to check it in.

use std::sync::Arc;

use movimento_contract::sample::{Numbers, Ranges};
use movimento_contract::{
    EnergyDescriptor, Inputs, Instance, InstanceTable, ParameterDescriptor, ParameterKind, Refusal,
};

use super::channel::Channel;
use super::entry;
use crate::options::Options;

/// Values for some parameters.
pub type GivenValues = Vec<(String, Vec<f64>)>;

/// An energy of a loaded plugin.
pub struct Subject<'a> {
    pub energy: Arc<EnergyDescriptor>,
    pub options: &'a Options,
    pub channel: &'a Channel,
}

/// An instance, and how it is called in the report.
pub struct Case {
    pub instance: Instance,
    pub name: String,
}

/// Sets of random parameters that are tried in each dimension.
const DRAWS: usize = 3;
/// The most sets that are drawn, since `create` may refuse some.
const TRIES: usize = 20;

impl<'a> Subject<'a> {
    /// Loads the plugin; if its descriptor cannot be relied on, that is all there is to say.
    pub fn load(options: &'a Options, channel: &'a Channel) -> Option<Self> {
        let functions = match entry::load(&options.plugin, channel) {
            Ok(functions) => functions,
            Err(why) => {
                channel.fail(why);
                return None;
            }
        };
        channel.trying("reading the descriptor");
        match EnergyDescriptor::read(functions, options.index) {
            Ok(energy) => Some(Self {
                energy: Arc::new(energy),
                options,
                channel,
            }),
            Err(why) => {
                match options.child.as_deref() {
                    Some("descriptor") => channel.fail(why),
                    _ => channel.skip("the descriptor must be sound first"),
                }
                None
            }
        }
    }

    /// Whether the descriptor has the flag.
    pub fn has(&self, flag: u32) -> bool {
        self.energy.has(flag)
    }

    /// Whether to leave out what this check does, which the process would not survive.
    pub fn avoids(&self, check: &str) -> bool {
        self.options.avoid.iter().any(|avoided| avoided == check)
    }

    /// Ranges to evaluate in.
    pub fn ranges(&self, points: usize) -> Ranges {
        let default = Ranges::default();
        Ranges {
            points,
            x: self.options.positions.unwrap_or(default.x),
            u: self.options.values.unwrap_or(default.u),
            p: self.options.gradients.unwrap_or(default.p),
            t: default.t,
        }
    }

    /// Points for a table.
    pub fn points(&self, table: &InstanceTable<'_>, points: usize, seed: u64) -> Inputs {
        self.ranges(points).inputs(table, &mut Numbers::new(seed))
    }

    /// The parameters of this energy that the user holds fixed.
    pub fn fixed(&self) -> GivenValues {
        let known = |name: &str| self.energy.parameters.iter().any(|p| p.name == name);
        let given = self.options.parameters.iter();
        given.filter(|(name, _)| known(name)).cloned().collect()
    }

    /// An instance in this dimension.
    pub fn create(&self, d: u32, given: &GivenValues) -> Result<Case, Refusal> {
        let name = describe(d, given);
        self.channel.trying(format!("create, {name}"));
        let instance = Instance::create(&self.energy, d, given)?;
        Ok(Case { instance, name })
    }

    /// An instance with what the user holds fixed and defaults otherwise, in each dimension in
    /// which the energy can be created.
    pub fn defaults(&self) -> Vec<Case> {
        let fixed = self.fixed();
        let made = |&d: &u32| self.create(d, &fixed).ok();
        let all: Vec<_> = self.options.dimensions.iter().filter_map(made).collect();
        if all.is_empty() {
            self.channel.skip("it cannot be created");
        }
        all
    }

    /// The instances of [`Self::defaults`], and some with random parameters in their ranges.
    pub fn cases(&self) -> Vec<Case> {
        let mut all = self.defaults();
        let dimensions: Vec<_> = all.iter().map(|case| case.instance.dimension()).collect();
        for d in dimensions.into_iter().filter_map(|d| u32::try_from(d).ok()) {
            all.extend(self.drawn(d));
        }
        all
    }

    /// Instances with random parameters, as far as `create` accepts them.
    fn drawn(&self, d: u32) -> Vec<Case> {
        let fixed = self.fixed();
        let mut numbers = Numbers::new(100 + u64::from(d));
        let mut all = Vec::new();
        for _ in 0..TRIES {
            let given = self.draw(d, &fixed, &mut numbers);
            if given.len() == fixed.len() || all.len() == DRAWS {
                break;
            }
            all.extend(self.create(d, &given).ok());
        }
        all
    }

    /// A value near the default for each parameter that is not fixed.
    fn draw(&self, d: u32, fixed: &GivenValues, numbers: &mut Numbers) -> GivenValues {
        let mut given = fixed.clone();
        for parameter in &self.energy.parameters {
            if given.iter().any(|(known, _)| *known == parameter.name) {
                continue;
            }
            let several = parameter.kind == ParameterKind::RealArray && numbers.unit() < 0.5;
            let count = if several { d as usize } else { 1 };
            let values = (0..count).map(|_| value(parameter, numbers)).collect();
            given.push((parameter.name.clone(), values));
        }
        given
    }
}

/// A value in the range: a factor from the default if both are positive, otherwise some distance.
fn value(parameter: &ParameterDescriptor, numbers: &mut Numbers) -> f64 {
    let default = parameter.default;
    let away = 2.0 * numbers.unit() - 1.0;
    let value = if default > 0.0 && parameter.minimum >= 0.0 {
        default * 3f64.powf(away)
    } else {
        default + away * default.abs().max(1.0)
    };
    let value = match parameter.kind {
        ParameterKind::Integer => value.round(),
        _ => value,
    };
    value.clamp(parameter.minimum, parameter.maximum)
}

/// `d = 2, kappa = 0.5`
pub fn describe(d: u32, given: &GivenValues) -> String {
    let mut text = format!("d = {d}");
    for (name, values) in given {
        let values: Vec<_> = values.iter().map(|&value| number(value)).collect();
        text.extend([", ", name, " = ", &values.join(" ")]);
    }
    text
}

/// A number to four digits.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value.fract() == 0.0 && size < 1e6 {
        format!("{value}")
    } else if (1e-3..1e6).contains(&size) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}
