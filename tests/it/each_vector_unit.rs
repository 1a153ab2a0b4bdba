//! Every flow steps, at rest and on the way there, with each of the vector units that the processor has: what
//! passes on one machine passes on another for a reason.

use std::process::Command;

/// Quick tests of every flow, by name.
const FLOWS: [&str; 16] = [
    "collocation::two_gaussians_in_space_relax_as_their_closed_form",
    "estimates::errors_of_adaptive_steps_of_a_map",
    "h_minus_one::few_features_make_heat_too",
    "h_minus_one::a_run_goes_on_from_a_snapshot_with_the_same_bits",
    "potentials::clusters_that_attract_each_other_follow_their_closed_form",
    "potentials::quantiles_are_those_of_the_closed_form",
    "potentials::patches_of_a_porous_medium_spread_each_by_itself",
    "random_features::an_energy_that_is_hardly_smooth_is_minimised",
    "random_features::a_layer_on_the_line_diffuses_as_its_series_does",
    "second_derivatives::a_free_beam_moves_as_its_first_mode",
    "steady_state::a_steady_state_is_stepped_on",
    "transport::relabelling_loses_no_mass_and_no_accuracy",
    "transport::the_movement_distance_is_the_wasserstein_distance_of_a_step",
    "transport::densities_on_a_box_keep_to_it_and_come_to_rest",
    "w2gn::a_porous_medium_step_spreads_and_lowers_the_energy",
    "series_faults::calls_that_fail_lose_nothing",
];

/// The units that this processor has, by the names of `MOVIMENTO_VECTOR_UNITS`.
fn present() -> Vec<&'static str> {
    let mut units = vec!["scalar"];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            units.push("avx2");
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            units.push("avx512");
        }
    }
    units
}

/// The last of them is what all other tests run with, unless they were told to take others.
#[test]
fn flows_step_with_each() {
    let mut units = present();
    if std::env::var_os("MOVIMENTO_VECTOR_UNITS").is_none() {
        units.pop();
    }
    for units in units {
        let done = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--test-threads", "1"])
            .args(FLOWS)
            .env("MOVIMENTO_VECTOR_UNITS", units)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{units}: {out}");
        let passed = format!("{} passed", FLOWS.len());
        assert!(out.contains(&passed), "{units}: {out}");
    }
}

#[test]
fn units_that_there_are_not_are_refused_by_name() {
    let done = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "toy_flow::a_flow_of_ones_own_steps_is_checked_and_restarts",
        ])
        .env("MOVIMENTO_VECTOR_UNITS", "abacus")
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&done.stdout);
    assert!(!done.status.success());
    assert!(
        out.contains("MOVIMENTO_VECTOR_UNITS") && out.contains("abacus"),
        "{out}"
    );
}
