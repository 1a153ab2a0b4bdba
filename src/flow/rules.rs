//! Which options go together: every rule that options alone decide, in the order in which they are
//! asked. A row says which words or numbers an option is left with once its conditions hold, and
//! what the refusal says; [`settle`] is what evaluates them.
//!
//! Ranges of single options stand in the table of [`crate::options`]. Rules that need more than
//! options stand where the rest is known:
//!
//! | rule | where |
//! |---|---|
//! | lengths and order of `lower` and `upper`, equal sides of the box of a ball | [`Domain::new`] |
//! | `hidden`, `nodes`, `check_nodes`, ... against the memory, `linear_solver` = dense against the parameters | [`Network`], [`Quadrature`], [`Method`] |
//! | an inside function and the domains that it cuts, nodes of the host against the parameters | [`Solver::set_inside`], [`Solver::set_nodes`] |
//! | `initial_smoothing` and values at points, or the size of its grid | [`Solver::set_initial`] |
//! | `form` and particles without score | [`Solver::set_initial`] |
//! | flows that one rank follows only | [`Solver::set_communicator`] |
//! | `snapshot_*` among each other and against the dimension | [`Grid`] |
//!
//! [`Domain::new`]: crate::Domain::new
//! [`Network`]: crate::field::Network
//! [`Quadrature`]: crate::quadrature::Quadrature
//! [`Method`]: crate::minimize::Method
//! [`Solver::set_inside`]: crate::Solver::set_inside
//! [`Solver::set_nodes`]: crate::Solver::set_nodes
//! [`Solver::set_initial`]: crate::Solver::set_initial
//! [`Solver::set_communicator`]: crate::Solver::set_communicator
//! [`Grid`]: crate::snapshot::Grid

#[cfg(test)]
mod tests;

use super::{collocation, registry};
use crate::error::{Error, Result};
use crate::options::{Options, Value};
use crate::{initial, quadrature};

/// One rule.
#[derive(Debug)]
struct Rule {
    /// It is asked where all of these hold.
    when: &'static [When],
    /// The option that is restricted then.
    option: &'static str,
    /// Values that are accepted for it.
    accepted: Accepted,
    /// The refusal: `{given}` and `{given:e}` stand for the value of the option, `{accepted}` for
    /// the words, `{dimension}` for the dimension.
    refusal: &'static str,
}

/// A condition on another option.
#[derive(Debug)]
enum When {
    /// It is one of these words.
    Is(&'static str, &'static [&'static str]),
    /// It is none of these words.
    IsNot(&'static str, &'static [&'static str]),
    /// It is a larger number.
    IsAbove(&'static str, usize),
    /// It is a list that is not empty.
    IsSet(&'static str),
}

/// Values that are accepted for an option.
#[derive(Debug)]
enum Accepted {
    /// One of these words.
    Words(&'static [&'static str]),
    /// 0 only.
    Zero,
    /// An empty list.
    Unset,
}

use Accepted::{Unset, Words, Zero};
use When::{Is, IsAbove, IsNot, IsSet};

const FIELD: When = Is("flow", &["l2", "h-1"]);
const H_MINUS_ONE: When = Is("flow", &["h-1"]);
const WASSERSTEIN: When = Is("flow", &["wasserstein"]);
const WFR: When = Is("flow", &["wfr"]);
const MAP: When = Is("transport", &["auto", "map", "dual", "collocation"]);
const W2GN: When = Is("transport", &["w2gn"]);
const DUAL: When = Is("transport", &["dual"]);
const COLLOCATION: When = Is("transport", &["collocation"]);
const POTENTIALS: When = Is("transport", &["dual", "collocation"]);
const SINGLE: When = Is("precision", &["single"]);

/// The word of the option `domain` where the host cuts the box, or takes nodes of its own instead.
const CUT: &str = "cut";
const NODES: &str = "nodes";

/// The same where something is posed on the sides of the box.
const SIDED: &str = "a box with conditions on its sides";
const SEALED: &str = "a domain with values on all of its boundary";

/// Regions that are no box as a whole: what is made for its faces does not fit.
const NO_BOX: When = IsNot("domain", &["box"]);

const BY_PRECISION: &str =
    "option `precision` is single; with it, accepted for `{option}` is {accepted}, not {given}";
const BY_W2GN: &str =
    "option `{option}` is {given}; with `transport` = w2gn accepted is {accepted}";

const BY_ZERO: &str = "option `{option}` is {given}; with `flow` = wfr accepted is 0";
const BY_WFR: &str = "option `{option}` is {given}; with `flow` = wfr accepted is {accepted}";

const BY_POTENTIALS: &str =
    "option `{option}` is {given}; with `transport` = dual or collocation accepted is {accepted}";

const fn rule(
    when: &'static [When],
    option: &'static str,
    accepted: Accepted,
    refusal: &'static str,
) -> Rule {
    Rule {
        when,
        option,
        accepted,
        refusal,
    }
}

/// The page.
#[rustfmt::skip]
static RULES: &[Rule] = &[
    // Domains.
    rule(&[FIELD], "domain", Words(&["box", "ball", CUT, NODES, SIDED, SEALED]),
        "option `domain` is {given}; with `flow` = l2 or h-1 accepted are box and ball"),
    rule(&[WASSERSTEIN], "domain", Words(&["box", "space"]),
        "option `domain` is {given}; with `flow` = wasserstein accepted are box and space"),
    rule(&[NO_BOX], "initial_smoothing", Zero,
        "option `initial_smoothing` continues u_0 beyond the faces of a box; accepted on a ball, a \
         cut box, nodes of the host or with energies or values on the boundary is 0"),
    rule(&[NO_BOX], "embedding", Words(&["none"]),
        "option `embedding` is {given}, which fits the faces of a box; accepted on a ball, a cut \
         box, nodes of the host or with energies or values on the boundary is none, or auto, which chooses it"),
    // Single precision is for gradients of the weak form.
    rule(&[SINGLE], "minimizer", Words(&["adam"]), BY_PRECISION),
    rule(&[SINGLE], "form", Words(&["auto", "weak"]), BY_PRECISION),
    // Fields.
    rule(&[FIELD], "transport", Words(&["auto", "map"]),
        "option `transport` is {given}; with `flow` = l2 or h-1 accepted is auto, the default"),
    rule(&[FIELD, Is("quadrature", &["gauss"]), Is("domain", &["ball", CUT]),
            IsAbove("dimension", quadrature::GAUSS)],
        "quadrature", Words(&["auto", "sobol", "stratified", "monte-carlo"]),
        "option `quadrature` is gauss on a ball or cut box of dimension {dimension}; accepted are \
         up to 3 for gauss, and sobol, stratified and monte-carlo in any"),
    rule(&[FIELD, Is("form", &["residual", "galerkin"]), IsNot("domain", &[SEALED])],
        "embedding", Words(&["neumann", "periodic"]),
        "option `form` asks for the strong form, which does not see the boundary; with it, \
         accepted for `embedding` is {accepted}"),
    rule(&[IsSet("periodic_axes")], "embedding", Words(&["none"]),
        "option `embedding` is {given}; with `periodic_axes` accepted is none, or auto, which chooses it"),
    rule(&[IsSet("periodic_axes")], "domain", Words(&["box", SIDED, SEALED]),
        "option `periodic_axes` is for boxes, not for {given}; accepted there is that it is not set"),
    rule(&[IsSet("periodic_axes")], "initial_smoothing", Zero,
        "option `initial_smoothing` is {given}; with `periodic_axes` accepted is 0"),
    rule(&[FIELD, IsAbove("dimension", initial::MOST_DIMENSIONS)], "initial_smoothing", Zero,
        "option `initial_smoothing` is {given} in dimension {dimension}; accepted is 0 beyond \
         dimension 3"),
    // Several components.
    rule(&[IsAbove("components", 1)], "flow", Words(&["l2"]),
        "option `flow` is {given}, of one density; with `components` above 1 accepted is {accepted}"),
    rule(&[IsAbove("components", 1)], "form", Words(&["auto", "weak"]),
        "option `form` is {given}; with `components` above 1 accepted is {accepted}"),
    rule(&[IsAbove("components", 1)], "precision", Words(&["double"]),
        "option `precision` is {given}; with `components` above 1 accepted is {accepted}"),
    rule(&[IsAbove("components", 1)], "initial_smoothing", Zero,
        "option `initial_smoothing` is {given}; with `components` above 1 accepted is 0"),
    // Densities with a pair of potentials.
    rule(&[W2GN], "movement", Words(&["euler"]), BY_W2GN),
    rule(&[W2GN], "minimizer", Words(&["adam"]), BY_W2GN),
    rule(&[W2GN], "domain", Words(&["box"]), BY_W2GN),
    rule(&[W2GN], "form", Words(&["auto", "weak"]), BY_W2GN),
    rule(&[W2GN], "quadrature", Words(&["auto", "sobol", "stratified", "monte-carlo"]), BY_W2GN),
    rule(&[W2GN], "step_tolerance", Zero,
        "option `step_tolerance` is {given:e}; with `transport` = w2gn accepted is 0, as its \
         steps are not known so well that their difference would tell"),
    // Potentials.
    rule(&[DUAL, IsAbove("dimension", 3)], "transport", Words(&["auto", "map", "w2gn"]),
        "option `transport` is {given} in dimension {dimension}; accepted are up to 3 for dual, \
         16 for collocation, and map in any"),
    rule(&[COLLOCATION, IsAbove("dimension", collocation::MOST)], "transport", Words(&["auto", "map", "w2gn"]),
        "option `transport` is {given} in dimension {dimension}; accepted are up to 16 for collocation, and \
         map in any"),
    rule(&[COLLOCATION], "domain", Words(&["space"]),
        "option `domain` is {given}; with `transport` = collocation accepted is {accepted}"),
    rule(&[POTENTIALS], "minimizer", Words(&["gauss-newton"]), BY_POTENTIALS),
    rule(&[POTENTIALS], "form", Words(&["auto"]), BY_POTENTIALS),
    rule(&[POTENTIALS], "quadrature", Words(&["auto"]), BY_POTENTIALS),
    // Densities whose mass is born and dies.
    rule(&[WFR], "domain", Words(&["box", "space"]), BY_WFR),
    rule(&[WFR], "transport", Words(&["auto"]), BY_WFR),
    rule(&[WFR, IsAbove("dimension", 3)], "transport_weight", Zero,
        "option `transport_weight` is {given} with `flow` = wfr in dimension {dimension}; accepted is 0 \
         beyond dimension 3"),
    rule(&[WFR], "movement", Words(&["euler", "second"]), BY_WFR),
    rule(&[WFR], "minimizer", Words(&["gauss-newton"]), BY_WFR),
    rule(&[WFR], "form", Words(&["auto"]), BY_WFR),
    rule(&[WFR], "quadrature", Words(&["auto"]), BY_WFR),
    rule(&[WFR], "training", Words(&["all"]), BY_WFR),
    rule(&[WFR], "periodic_axes", Unset, "option `periodic_axes` is set; with `flow` = wfr accepted is that it is not"),
    rule(&[WFR], "initial_smoothing", Zero, BY_ZERO),
    // Random features.
    rule(&[WASSERSTEIN], "periodic_axes", Unset,
        "option `periodic_axes` is set; with `flow` = wasserstein accepted is that it is not"),
    rule(&[WASSERSTEIN], "training", Words(&["all"]),
        "option `training` is {given}; with `flow` = wasserstein accepted is {accepted}"),
    rule(&[Is("training", &["outputs"])], "minimizer", Words(&["gauss-newton"]),
        "option `minimizer` is {given}; with `training` = outputs accepted is {accepted}"),
    // Fields in H^-1, whose steps are made in the linear space of the features.
    rule(&[H_MINUS_ONE], "training", Words(&["outputs"]),
        "option `training` is {given}; with `flow` = h-1 accepted is {accepted}"),
    rule(&[H_MINUS_ONE], "form", Words(&["auto", "weak"]),
        "option `form` is {given}; with `flow` = h-1 accepted is {accepted}"),
    // Transport maps.
    rule(&[WASSERSTEIN, MAP], "precision", Words(&["double"]),
        "option `precision` is {given}; with `flow` = wasserstein accepted is {accepted}"),
    rule(&[WASSERSTEIN, MAP], "initial_smoothing", Zero,
        "option `initial_smoothing` is {given}; with `flow` = wasserstein accepted is 0"),
];

/// Over what the integrals of a flow are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// The domain that the options say.
    OfOptions,
    /// The part of the box that a function of the host keeps.
    Cut,
    /// Nodes of the host in the box.
    Nodes,
    /// The whole box, with conditions on some of its sides.
    Sided,
    /// The whole box or ball, with given values on all of its boundary.
    Sealed,
}

/// Replaces `auto` of the options `training` and `embedding` by what it stands for, and of `transport`
/// where there is no choice, and refuses options that do not go together.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) with the refusal of the first rule that is broken.
pub fn settle(options: &Options, region: Region) -> Result<Options> {
    let options = with_transport(with_embedding(with_training(options)?, region)?)?;
    let choices = Choices {
        options: &options,
        region,
    };
    RULES.iter().try_for_each(|rule| rule.check(&choices))?;
    Ok(options)
}

/// The options with what `training` = auto stands for: a linear space of random features where none
/// asks for a network or for what needs one.
fn with_training(options: &Options) -> Result<Options> {
    const FEATURES: [(&str, &[&str]); 6] = [
        ("flow", &["l2"]),
        ("minimizer", &["gauss-newton"]),
        ("precision", &["double"]),
        ("quadrature", &["auto", "gauss"]),
        ("form", &["auto", "weak"]),
        ("linear_solver", &["auto", "dense"]),
    ];
    let mut options = options.clone();
    if options.text("training")? != "auto" {
        return Ok(options);
    }
    // They know no other field.
    if options.text("flow")? == "h-1" {
        options.set("training", "outputs")?;
        return Ok(options);
    }
    let mut suits = options.integers("hidden")? == [0]
        && options.integer("dimension")? <= quadrature::GAUSS as i64;
    for (option, words) in FEATURES {
        suits &= words.contains(&options.text(option)?.as_str());
    }
    options.set("training", if suits { "outputs" } else { "all" })?;
    Ok(options)
}

/// The options with `transport` = map where they leave nothing to choose: potentials are for up to sixteen
/// dimensions, and have no network, labels or minimiser of the user's.
fn with_transport(mut options: Options) -> Result<Options> {
    const OPEN: [(&str, &str); 4] = [
        ("flow", "wasserstein"),
        ("quadrature", "auto"),
        ("form", "auto"),
        ("minimizer", "gauss-newton"),
    ];
    if options.text("transport")? != registry::AUTO || options.text("flow")? == "wfr" {
        return Ok(options);
    }
    let untouched = Options::new();
    let mut open = options.integer("dimension")? <= collocation::MOST as i64;
    for option in ["hidden", "nodes", "relabel"] {
        open &= options.get(option)? == untouched.get(option)?;
    }
    for (option, word) in OPEN {
        open &= options.text(option)? == word;
    }
    if !open {
        options.set("transport", "map")?;
    }
    Ok(options)
}

/// The options with the embedding that `auto` stands for.
fn with_embedding(mut options: Options, region: Region) -> Result<Options> {
    if options.text("embedding")? == "auto" {
        let boxed = region == Region::OfOptions && options.text("domain")? == "box";
        let whole = options.integers("periodic_axes")?.is_empty();
        let sealed = boxed && whole && options.text("training")? == "all";
        options.set("embedding", if sealed { "neumann" } else { "none" })?;
    }
    Ok(options)
}

/// Options as rules see them.
struct Choices<'a> {
    options: &'a Options,
    region: Region,
}

impl Choices<'_> {
    fn value(&self, option: &str) -> Result<Value> {
        match (option, self.region) {
            ("domain", Region::Cut) => Ok(CUT.into()),
            ("domain", Region::Nodes) => Ok(NODES.into()),
            ("domain", Region::Sided) => Ok(SIDED.into()),
            ("domain", Region::Sealed) => Ok(SEALED.into()),
            _ => self.options.get(option),
        }
    }

    fn is_among(&self, option: &str, words: &[&str]) -> Result<bool> {
        let value = self.value(option)?;
        Ok(words.iter().any(|word| value == Value::from(*word)))
    }

    fn number(&self, option: &str) -> Result<f64> {
        match self.value(option)? {
            Value::Integer(value) => Ok(value as f64),
            _ => self.options.real(option),
        }
    }
}

impl Rule {
    fn check(&self, choices: &Choices<'_>) -> Result<()> {
        for condition in self.when {
            let holds = match condition {
                Is(option, words) => choices.is_among(option, words)?,
                IsNot(option, words) => !choices.is_among(option, words)?,
                IsAbove(option, number) => choices.number(option)? > *number as f64,
                IsSet(option) => !choices.options.integers(option)?.is_empty(),
            };
            if !holds {
                return Ok(());
            }
        }
        let accepted = match self.accepted {
            Words(words) => choices.is_among(self.option, words)?,
            Zero => choices.number(self.option)? == 0.0,
            Unset => choices.options.integers(self.option)?.is_empty(),
        };
        if accepted {
            return Ok(());
        }
        Err(Error::option(self.text(choices)?))
    }

    /// The refusal of what is given.
    fn text(&self, choices: &Choices<'_>) -> Result<String> {
        let (given, in_powers) = match choices.value(self.option)? {
            Value::Text(word) => (word.clone(), word),
            Value::Integers(list) => (format!("{list:?}"), format!("{list:?}")),
            _ => {
                let number = choices.number(self.option)?;
                (number.to_string(), format!("{number:e}"))
            }
        };
        let accepted = match self.accepted {
            Words(words) => words.join(" or "),
            Zero => "0".to_owned(),
            Unset => "none".to_owned(),
        };
        let text = self.refusal.replace("{given}", &given);
        let text = text.replace("{given:e}", &in_powers);
        let text = text.replace("{option}", self.option);
        let text = text.replace("{accepted}", &accepted);
        let dimension = choices.number("dimension")?;
        Ok(text.replace("{dimension}", &dimension.to_string()))
    }
}
