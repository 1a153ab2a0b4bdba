//! What an equation is followed in.

/// Functions of finitely many coefficients, each that of an eigenfunction of the Laplacian.
pub trait Space {
    /// Of the positions.
    fn dimension(&self) -> usize;

    /// Minus the eigenvalues of the Laplacian, one a coefficient.
    fn eigenvalues(&self) -> Vec<f64>;

    /// The coefficients of `f(u)` projected onto the space; exact for cubic polynomials f.
    fn pointwise(&self, field: &[f64], f: impl Fn(&mut [f64])) -> Vec<f64>;

    /// The field at positions `x` (`[n][d]`).
    fn evaluate(&self, field: &[f64], x: &[f64]) -> Vec<f64>;
}
