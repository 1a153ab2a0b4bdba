//! Convexity, derivatives against differences, distances against closed forms, and a step.
