//! The page, row by row: one set of options that a rule refuses, with what it says, and one that it
//! accepts; and that no other rule on options alone stands anywhere else.

use super::*;
use crate::Solver;
use crate::error::ErrorKind;
use crate::options::{Kind, TABLE};

/// Options by name.
type Given = &'static [(&'static str, &'static str)];

/// For each row of the page: what it refuses and where, what it says, and what to change for it to
/// be accepted.
const CASES: &[(Given, Region, &str, Given)] = &[
    (
        &[("domain", "space")],
        Region::OfOptions,
        "option `domain` is space; with `flow` = l2 or h-1 accepted are box and ball",
        &[("domain", "ball")],
    ),
    (
        &[("domain", "ball"), ("flow", "wasserstein")],
        Region::OfOptions,
        "option `domain` is ball; with `flow` = wasserstein accepted are box and space",
        &[("domain", "space")],
    ),
    (
        &[("initial_smoothing", "0.1")],
        Region::Cut,
        "option `initial_smoothing` continues u_0 beyond the faces of a box; accepted on a ball, a \
         cut box, nodes of the host or with energies or values on the boundary is 0",
        &[("initial_smoothing", "0")],
    ),
    (
        &[("embedding", "periodic")],
        Region::Nodes,
        "option `embedding` is periodic, which fits the faces of a box; accepted on a ball, a cut \
         box, nodes of the host or with energies or values on the boundary is none, or auto, which chooses it",
        &[("embedding", "auto")],
    ),
    (
        &[("precision", "single")],
        Region::OfOptions,
        "option `precision` is single; with it, accepted for `minimizer` is adam, not gauss-newton",
        &[("minimizer", "adam")],
    ),
    (
        &[
            ("precision", "single"),
            ("minimizer", "adam"),
            ("form", "galerkin"),
        ],
        Region::OfOptions,
        "option `precision` is single; with it, accepted for `form` is auto or weak, not galerkin",
        &[("form", "weak")],
    ),
    (
        &[("transport", "w2gn"), ("minimizer", "adam")],
        Region::OfOptions,
        "option `transport` is w2gn; with `flow` = l2 or h-1 accepted is auto, the default",
        &[("flow", "wasserstein")],
    ),
    (
        &[("quadrature", "gauss"), ("dimension", "4")],
        Region::Cut,
        "option `quadrature` is gauss on a ball or cut box of dimension 4; accepted are up to 3 for \
         gauss, and sobol, stratified and monte-carlo in any",
        &[("quadrature", "auto")],
    ),
    (
        &[("form", "residual"), ("domain", "ball")],
        Region::OfOptions,
        "option `form` asks for the strong form, which does not see the boundary; with it, accepted \
         for `embedding` is neumann or periodic",
        &[("domain", "box")],
    ),
    (
        &[("periodic_axes", "0"), ("embedding", "neumann")],
        Region::OfOptions,
        "option `embedding` is neumann; with `periodic_axes` accepted is none, or auto, which chooses it",
        &[("embedding", "auto")],
    ),
    (
        &[("periodic_axes", "0"), ("domain", "ball")],
        Region::OfOptions,
        "option `periodic_axes` is for boxes, not for ball; accepted there is that it is not set",
        &[("domain", "box")],
    ),
    (
        &[("periodic_axes", "0"), ("initial_smoothing", "0.1")],
        Region::OfOptions,
        "option `initial_smoothing` is 0.1; with `periodic_axes` accepted is 0",
        &[("initial_smoothing", "0")],
    ),
    (
        &[("initial_smoothing", "0.1"), ("dimension", "4")],
        Region::OfOptions,
        "option `initial_smoothing` is 0.1 in dimension 4; accepted is 0 beyond dimension 3",
        &[("dimension", "3")],
    ),
    (
        &[("components", "2"), ("flow", "wasserstein")],
        Region::OfOptions,
        "option `flow` is wasserstein, of one density; with `components` above 1 accepted is l2",
        &[("flow", "l2")],
    ),
    (
        &[
            ("components", "2"),
            ("form", "galerkin"),
            ("embedding", "neumann"),
        ],
        Region::OfOptions,
        "option `form` is galerkin; with `components` above 1 accepted is auto or weak",
        &[("form", "weak")],
    ),
    (
        &[
            ("components", "2"),
            ("precision", "single"),
            ("minimizer", "adam"),
        ],
        Region::OfOptions,
        "option `precision` is single; with `components` above 1 accepted is double",
        &[("precision", "double")],
    ),
    (
        &[("components", "2"), ("initial_smoothing", "0.1")],
        Region::OfOptions,
        "option `initial_smoothing` is 0.1; with `components` above 1 accepted is 0",
        &[("initial_smoothing", "0")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "w2gn"),
            ("minimizer", "adam"),
            ("movement", "third"),
        ],
        Region::OfOptions,
        "option `movement` is third; with `transport` = w2gn accepted is euler",
        &[("movement", "euler")],
    ),
    (
        &[("flow", "wasserstein"), ("transport", "w2gn")],
        Region::OfOptions,
        "option `minimizer` is gauss-newton; with `transport` = w2gn accepted is adam",
        &[("minimizer", "adam")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "w2gn"),
            ("minimizer", "adam"),
            ("domain", "space"),
        ],
        Region::OfOptions,
        "option `domain` is space; with `transport` = w2gn accepted is box",
        &[("domain", "box")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "w2gn"),
            ("minimizer", "adam"),
            ("form", "residual"),
        ],
        Region::OfOptions,
        "option `form` is residual; with `transport` = w2gn accepted is auto or weak",
        &[("form", "weak")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "w2gn"),
            ("minimizer", "adam"),
            ("quadrature", "gauss"),
        ],
        Region::OfOptions,
        "option `quadrature` is gauss; with `transport` = w2gn accepted is auto or sobol or \
         stratified or monte-carlo",
        &[("quadrature", "stratified")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "w2gn"),
            ("minimizer", "adam"),
            ("step_tolerance", "0.001"),
        ],
        Region::OfOptions,
        "option `step_tolerance` is 1e-3; with `transport` = w2gn accepted is 0, as its steps are \
         not known so well that their difference would tell",
        &[("step_tolerance", "0")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "dual"),
            ("dimension", "4"),
        ],
        Region::OfOptions,
        "option `transport` is dual in dimension 4; accepted are up to 3 for dual, 16 for collocation, and \
         map in any",
        &[("transport", "map")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "collocation"),
            ("dimension", "17"),
        ],
        Region::OfOptions,
        "option `transport` is collocation in dimension 17; accepted are up to 16 for collocation, and map \
         in any",
        &[("transport", "map")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "collocation"),
            ("domain", "box"),
        ],
        Region::OfOptions,
        "option `domain` is box; with `transport` = collocation accepted is space",
        &[("domain", "space")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "dual"),
            ("minimizer", "adam"),
        ],
        Region::OfOptions,
        "option `minimizer` is adam; with `transport` = dual or collocation accepted is gauss-newton",
        &[("minimizer", "gauss-newton")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "dual"),
            ("form", "weak"),
        ],
        Region::OfOptions,
        "option `form` is weak; with `transport` = dual or collocation accepted is auto",
        &[("form", "auto")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("transport", "dual"),
            ("quadrature", "sobol"),
        ],
        Region::OfOptions,
        "option `quadrature` is sobol; with `transport` = dual or collocation accepted is auto",
        &[("quadrature", "auto")],
    ),
    (
        &[("flow", "wfr"), ("domain", "ball")],
        Region::OfOptions,
        "option `domain` is ball; with `flow` = wfr accepted is box or space",
        &[("domain", "space")],
    ),
    (
        &[("flow", "wfr"), ("transport", "map")],
        Region::OfOptions,
        "option `transport` is map; with `flow` = wfr accepted is auto",
        &[("transport", "auto")],
    ),
    (
        &[("flow", "wfr"), ("dimension", "8")],
        Region::OfOptions,
        "option `transport_weight` is 1 with `flow` = wfr in dimension 8; accepted is 0 beyond dimension 3",
        &[("transport_weight", "0")],
    ),
    (
        &[("flow", "wfr"), ("movement", "third")],
        Region::OfOptions,
        "option `movement` is third; with `flow` = wfr accepted is euler or second",
        &[("movement", "second")],
    ),
    (
        &[("flow", "wfr"), ("minimizer", "adam")],
        Region::OfOptions,
        "option `minimizer` is adam; with `flow` = wfr accepted is gauss-newton",
        &[("minimizer", "gauss-newton")],
    ),
    (
        &[("flow", "wfr"), ("form", "weak")],
        Region::OfOptions,
        "option `form` is weak; with `flow` = wfr accepted is auto",
        &[("form", "auto")],
    ),
    (
        &[("flow", "wfr"), ("quadrature", "sobol")],
        Region::OfOptions,
        "option `quadrature` is sobol; with `flow` = wfr accepted is auto",
        &[("quadrature", "auto")],
    ),
    (
        &[("flow", "wfr"), ("training", "outputs")],
        Region::OfOptions,
        "option `training` is outputs; with `flow` = wfr accepted is all",
        &[("training", "auto")],
    ),
    (
        &[("flow", "wfr"), ("periodic_axes", "0")],
        Region::OfOptions,
        "option `periodic_axes` is set; with `flow` = wfr accepted is that it is not",
        &[("flow", "l2")],
    ),
    (
        &[("flow", "wfr"), ("initial_smoothing", "0.25")],
        Region::OfOptions,
        "option `initial_smoothing` is 0.25; with `flow` = wfr accepted is 0",
        &[("initial_smoothing", "0")],
    ),
    (
        &[("flow", "wasserstein"), ("periodic_axes", "0")],
        Region::OfOptions,
        "option `periodic_axes` is set; with `flow` = wasserstein accepted is that it is not",
        &[("flow", "l2")],
    ),
    (
        &[("flow", "wasserstein"), ("training", "outputs")],
        Region::OfOptions,
        "option `training` is outputs; with `flow` = wasserstein accepted is all",
        &[("training", "auto")],
    ),
    (
        &[("training", "outputs"), ("minimizer", "adam")],
        Region::OfOptions,
        "option `minimizer` is adam; with `training` = outputs accepted is gauss-newton",
        &[("minimizer", "gauss-newton")],
    ),
    (
        &[("flow", "h-1"), ("training", "all")],
        Region::OfOptions,
        "option `training` is all; with `flow` = h-1 accepted is outputs",
        &[("training", "auto")],
    ),
    (
        &[
            ("flow", "h-1"),
            ("form", "residual"),
            ("embedding", "neumann"),
        ],
        Region::OfOptions,
        "option `form` is residual; with `flow` = h-1 accepted is auto or weak",
        &[("form", "weak")],
    ),
    (
        &[
            ("flow", "wasserstein"),
            ("precision", "single"),
            ("minimizer", "adam"),
        ],
        Region::OfOptions,
        "option `precision` is single; with `flow` = wasserstein accepted is double",
        &[("precision", "double")],
    ),
    (
        &[("flow", "wasserstein"), ("initial_smoothing", "0.25")],
        Region::OfOptions,
        "option `initial_smoothing` is 0.25; with `flow` = wasserstein accepted is 0",
        &[("initial_smoothing", "0")],
    ),
];

/// Sets options from text.
fn set(options: &mut Options, given: Given) {
    for (name, text) in given {
        let value: Value = match options.get(name).unwrap() {
            Value::Real(_) => text.parse::<f64>().unwrap().into(),
            Value::Integer(_) => text.parse::<i64>().unwrap().into(),
            Value::Integers(_) => vec![text.parse::<i64>().unwrap()].into(),
            _ => (*text).into(),
        };
        options.set(name, value).unwrap();
    }
}

#[test]
fn every_row_refuses_with_its_words_and_accepts_what_it_names() {
    assert_eq!(CASES.len(), RULES.len());
    for (row, (given, region, refusal, change)) in RULES.iter().zip(CASES) {
        let mut options = Options::new();
        set(&mut options, given);
        let error = settle(&options, *region).unwrap_err();
        assert_eq!(error.message(), *refusal);
        assert_eq!(error.kind(), ErrorKind::Option);
        // It is this row that does so.
        let broken = |options: &Options, region: Region| {
            let settled =
                with_transport(with_embedding(with_training(options).unwrap(), region).unwrap())
                    .unwrap();
            let choices = Choices {
                options: &settled,
                region,
            };
            row.check(&choices).is_err()
        };
        assert!(broken(&options, *region), "{refusal}");
        set(&mut options, change);
        assert!(!broken(&options, *region), "{refusal}");
        settle(&options, *region).unwrap();
    }
}

/// The words of a text option.
fn words(option: &str) -> &'static [&'static str] {
    let spec = TABLE.iter().find(|spec| spec.name == option).unwrap();
    let Kind::Text { choices } = spec.kind else {
        panic!("`{option}` has no words")
    };
    choices
}

#[test]
fn rules_name_options_and_words_that_there_are() {
    let known = |option: &str, given: &[&str]| {
        let all = words(option);
        let known = |word: &&str| all.contains(word) || [CUT, NODES, SIDED, SEALED].contains(word);
        assert!(given.iter().all(known), "{option}: {given:?}");
    };
    for row in RULES {
        for condition in row.when {
            match condition {
                Is(option, words) | IsNot(option, words) => known(option, words),
                IsAbove(option, _) => drop(Options::new().integer(option).unwrap()),
                IsSet(option) => drop(Options::new().integers(option).unwrap()),
            }
        }
        match row.accepted {
            Words(words) => known(row.option, words),
            Zero => drop(Options::new().real(row.option).unwrap()),
            Unset => drop(Options::new().integers(row.option).unwrap()),
        }
    }
}

/// A flow without a row on its domains would be let onto all of them.
#[test]
fn every_flow_has_a_row_on_its_domains() {
    for flow in words("flow") {
        let of_flow = |row: &&Rule| {
            let named = |when: &When| matches!(when, Is("flow", words) if words.contains(flow));
            row.option == "domain" && row.when.iter().any(named)
        };
        assert!(RULES.iter().any(|row| of_flow(&row)), "{flow}");
    }
}

/// Whatever the page lets pass makes a solver: no other rule on these options stands elsewhere.
#[test]
fn options_that_the_page_accepts_make_a_solver() {
    let names = [
        "domain",
        "flow",
        "transport",
        "movement",
        "embedding",
        "training",
        "quadrature",
        "form",
        "minimizer",
        "precision",
    ];
    let mut small = Options::new();
    small.set("threads", 1).unwrap();
    small.set("nodes", 20).unwrap();
    small.set("check_nodes", 10).unwrap();
    small.set("hidden", vec![2]).unwrap();
    small.set("potential_hidden", vec![2]).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for dimension in [1, 4] {
        small.set("dimension", dimension).unwrap();
        let combinations = names
            .iter()
            .map(|name| words(name).len())
            .product::<usize>();
        for combination in 0..combinations {
            let mut options = small.clone();
            let mut rest = combination;
            for name in names {
                let words = words(name);
                options.set(name, words[rest % words.len()]).unwrap();
                rest /= words.len();
            }
            let built = cfg!(feature = "w2gn") || options.text("transport").unwrap() != "w2gn";
            match (settle(&options, Region::OfOptions), Solver::new(&options)) {
                (Ok(_), Err(error)) if built => panic!("{error}: {options:?}"),
                (Ok(_), _) => accepted += 1,
                (Err(error), Err(other)) if error == other => refused += 1,
                (Err(error), _) => panic!("not refused: {error}: {options:?}"),
            }
        }
    }
    assert!(accepted > 1000 && refused > 10_000, "{accepted} {refused}");
}
