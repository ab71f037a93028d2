//! Writes a Parquet file: a required column of doubles for each name, packed by Snappy, which every reader unpacks.

use std::io::{self, Write};
use std::sync::Arc;

use ndarray::{ArrayView2, s};
use parquet::basic::{Compression, Repetition, Type as Physical};
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

/// Rows of a row group.
const ROWS: usize = 1 << 17;

/// Writes a matrix with names for its columns.
pub(crate) fn write(
    file: &mut (impl Write + Send),
    names: &[&str],
    values: ArrayView2<f64>,
) -> io::Result<()> {
    groups(file, names, values).map_err(|error| match error {
        ParquetError::External(error) => io::Error::other(error),
        other => io::Error::other(other.to_string()),
    })
}

fn groups(
    file: &mut (impl Write + Send),
    names: &[&str],
    values: ArrayView2<f64>,
) -> Result<(), ParquetError> {
    let column = |name: &&str| {
        Type::primitive_type_builder(name, Physical::DOUBLE)
            .with_repetition(Repetition::REQUIRED)
            .build()
            .map(Arc::new)
    };
    let columns = names.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("schema")
        .with_fields(columns)
        .build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        // Measurements rarely repeat; a dictionary that is given up halfway makes the file larger by a quarter.
        .set_dictionary_enabled(false)
        .build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
    for start in (0..values.nrows()).step_by(ROWS) {
        let rows = start..values.nrows().min(start + ROWS);
        let mut group = writer.next_row_group()?;
        let mut place = 0;
        while let Some(mut column) = group.next_column()? {
            let found = values.slice(s![rows.clone(), place]).to_vec();
            column
                .typed::<DoubleType>()
                .write_batch(&found, None, None)?;
            column.close()?;
            place += 1;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(())
}
