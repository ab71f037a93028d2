//! A fixture file: named float64 arrays.

use ndarray::{Array1, Array2, Array3, ArrayD, Axis, Ix1, Ix2};
use ndarray_npy::NpzReader;
use std::fs::File;
use std::path::Path;

/// The arrays of one `.npz` file.
pub struct Case {
    file: String,
    arrays: NpzReader<File>,
}

impl Case {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Case, String> {
        let file = path.display().to_string();
        let handle = File::open(path).map_err(|e| format!("{file}: {e}"))?;
        let arrays = NpzReader::new(handle).map_err(|e| format!("{file}: {e}"))?;
        Ok(Case { file, arrays })
    }

    /// An array of any shape.
    pub fn get(&mut self, name: &str) -> Result<ArrayD<f64>, String> {
        self.arrays
            .by_name(name)
            .map_err(|e| format!("{}: {name}: {e}", self.file))
    }

    /// Integers.
    pub fn indices(&mut self, name: &str) -> Result<Array2<i64>, String> {
        self.arrays
            .by_name(name)
            .map_err(|e| format!("{}: {name}: {e}", self.file))
    }

    /// One value per sample.
    pub fn vector(&mut self, name: &str) -> Result<Array1<f64>, String> {
        self.get(name)?
            .into_dimensionality::<Ix1>()
            .map_err(|e| format!("{}: {name}: {e}", self.file))
    }

    /// One row per sample.
    pub fn rows(&mut self, name: &str) -> Result<Array2<f64>, String> {
        self.get(name)?
            .into_dimensionality::<Ix2>()
            .map_err(|e| format!("{}: {name}: {e}", self.file))
    }

    /// One direction per sample as [1, B, D].
    pub fn direction(&mut self, name: &str) -> Result<Array3<f64>, String> {
        Ok(self.rows(name)?.insert_axis(Axis(0)))
    }

    /// A number.
    pub fn number(&mut self, name: &str) -> Result<f64, String> {
        self.get(name)?
            .first()
            .copied()
            .ok_or_else(|| format!("{}: {name} is empty", self.file))
    }
}
