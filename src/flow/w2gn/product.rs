//! Products of matrices as an operation of Candle. Candle's own asks the system for the number of its
//! processors at every call, which takes longer than such small products do, and then takes the threads of
//! the process, which are not the solver's to take.

use crate::linear_algebra;
use candle_core::{CpuStorage, CustomOp2, Error, Layout, Result, Shape, Tensor};
use faer::{Accum, MatMut, MatRef};

/// The product of two matrices.
pub(super) fn product(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let plain = |t: &Tensor| {
        if t.is_contiguous() || t.t()?.is_contiguous() {
            Ok(t.clone())
        } else {
            t.contiguous()
        }
    };
    plain(a)?.apply_op2(&plain(b)?, Product)
}

struct Product;

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (a, b) = (view(a, a_layout)?, view(b, b_layout)?);
        let (rows, columns) = (a.nrows(), b.ncols());
        if a.ncols() != b.nrows() {
            return Err(Error::Msg(format!(
                "a product of {} columns with {} rows",
                a.ncols(),
                b.nrows()
            )));
        }
        let mut out = vec![0.0; rows * columns];
        let into = MatMut::from_row_major_slice_mut(&mut out, rows, columns);
        linear_algebra::product(into, Accum::Replace, a, b, 1.0);
        Ok((CpuStorage::F64(out), Shape::from((rows, columns))))
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        _value: &Tensor,
        seed: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let of_a = product(seed, &b.t()?)?;
        Ok((Some(of_a), Some(product(&a.t()?, seed)?)))
    }
}

fn view<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<MatRef<'a, f64>> {
    let (rows, columns) = layout.shape().dims2()?;
    let start = layout.start_offset();
    let all = storage
        .as_slice::<f64>()?
        .get(start..start + rows * columns);
    let Some(all) = all else {
        return Err(Error::Msg("a matrix beyond its storage".to_owned()));
    };
    if layout.is_contiguous() {
        Ok(MatRef::from_row_major_slice(all, rows, columns))
    } else if layout.stride() == [1, rows] {
        Ok(MatRef::from_column_major_slice(all, rows, columns))
    } else {
        Err(Error::Msg("a matrix with gaps".to_owned()))
    }
}
