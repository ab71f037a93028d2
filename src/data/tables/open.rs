//! Opens a file of any format with its columns chosen.

use super::file::Opening;
use super::settings::Settings;
use super::source::Opened;
use super::{Format, TableError};

/// Chooses the columns of a file.
///
/// # Errors
/// The file is not of the format it begins as, a setting does not fit it, or this build does not read the format.
pub(super) fn open(opening: Opening, settings: &Settings) -> Result<Opened, TableError> {
    fits(&opening, settings)?;
    match opening.format {
        #[cfg(feature = "csv")]
        Format::Csv => {
            let path = opening.path.clone();
            let bytes = text(opening)?;
            super::csv::open(&path, bytes, settings)
        }
        #[cfg(feature = "npy")]
        Format::Npy | Format::Npz => super::npy::open(opening, settings),
        #[cfg(feature = "parquet")]
        Format::Parquet => super::parquet::open(opening, settings),
        #[cfg(feature = "xlsx")]
        Format::Xlsx => super::xlsx::open(opening, settings),
        #[cfg(not(all(
            feature = "csv",
            feature = "npy",
            feature = "parquet",
            feature = "xlsx"
        )))]
        format => Err(TableError::FeatureOff {
            file: opening.path,
            what: format!("{format} files"),
            feature: match format {
                Format::Csv => "csv",
                Format::Npy | Format::Npz => "npy",
                Format::Parquet => "parquet",
                Format::Xlsx => "xlsx",
            },
        }),
    }
}

/// That a file has what is chosen by name: arrays or sheets.
fn fits(opening: &Opening, settings: &Settings) -> Result<(), TableError> {
    let chosen = [
        (&settings.array, Format::Npz, "array"),
        (&settings.sheet, Format::Xlsx, "sheet"),
    ];
    for (name, format, part) in chosen {
        if name.is_some() && opening.format != format {
            return Err(TableError::NotATable {
                file: opening.path.clone(),
                what: format!(
                    "an {part} is chosen, which {} files do not have",
                    opening.format
                )
                .replace("an sheet", "a sheet"),
                cure: format!("choose none, or a file of {format}"),
            });
        }
    }
    Ok(())
}

/// The bytes of a text file, unpacked.
#[cfg(feature = "csv")]
fn text(opening: Opening) -> Result<Vec<u8>, TableError> {
    use std::io::Read;

    use super::sniff::Compression;

    if opening.compression != Compression::None {
        #[cfg(feature = "compressed")]
        return super::compressed::unpack(opening);
        #[cfg(not(feature = "compressed"))]
        return Err(TableError::FeatureOff {
            file: opening.path,
            what: "compressed CSV files".to_owned(),
            feature: "compressed",
        });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(opening.size).unwrap_or(0));
    let mut file = &opening.file;
    match file.read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(super::file::unreadable(&opening.path, error)),
    }
}
