//! The columns of a file that are read: all, or some by name or by number.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Column, TableError};

/// A choice of columns. Its text form is names or numbers separated by commas: `eruptions,waiting`, `2,3`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
#[non_exhaustive]
pub enum Columns {
    /// Every column except those whose header cell is empty: R and pandas write row names under an empty header.
    #[default]
    All,
    /// The given columns, in this order.
    Of(Vec<Column>),
}

impl Columns {
    /// Columns by name.
    pub fn named<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Columns::Of(
            names
                .into_iter()
                .map(|name| Column::Name(name.into()))
                .collect(),
        )
    }

    /// Columns by number, from 1.
    pub fn numbered(numbers: impl IntoIterator<Item = usize>) -> Self {
        Columns::Of(numbers.into_iter().map(Column::Number).collect())
    }

    /// The positions, from 0, of the chosen columns in a file of `width` columns with these header cells (if it has a
    /// header).
    pub(super) fn places(
        &self,
        file: &Path,
        header: Option<&[String]>,
        width: usize,
    ) -> Result<Vec<usize>, TableError> {
        let chosen = match self {
            Columns::All => {
                let named = |place: &usize| header.is_none_or(|names| !names[*place].is_empty());
                let places: Vec<usize> = (0..width).filter(named).collect();
                // If no header cell has a name, all columns are chosen.
                return Ok(if places.is_empty() {
                    (0..width).collect()
                } else {
                    places
                });
            }
            Columns::Of(chosen) => chosen,
        };
        if chosen.is_empty() {
            return Err(TableError::NoColumns {
                found: self.to_string(),
            });
        }
        chosen
            .iter()
            .map(|column| {
                let by_name = |wanted: &str| {
                    let names = header.unwrap_or_default().iter().enumerate();
                    let places: Vec<usize> = names
                        .filter_map(|(place, name)| (name == wanted).then_some(place))
                        .collect();
                    match places[..] {
                        [] => Ok(None),
                        [place] => Ok(Some(place)),
                        [first, second, ..] => Err(TableError::AmbiguousColumn {
                            file: file.to_owned(),
                            name: wanted.to_owned(),
                            count: places.len(),
                            first: [first + 1, second + 1],
                        }),
                    }
                };
                let place = match column {
                    Column::Name(wanted) => by_name(wanted)?,
                    Column::Number(number) => match number.checked_sub(1) {
                        Some(place) if place < width => Some(place),
                        _ => by_name(&number.to_string())?,
                    },
                };
                place.ok_or_else(|| TableError::NoSuchColumn {
                    file: file.to_owned(),
                    wanted: column.clone(),
                    width,
                    names: header.map(<[String]>::to_vec),
                })
            })
            .collect()
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Column::Name(name) => write!(f, "{name:?}"),
            Column::Number(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Columns::All => f.write_str("all"),
            Columns::Of(chosen) => {
                for (place, column) in chosen.iter().enumerate() {
                    if place > 0 {
                        f.write_str(",")?;
                    }
                    match column {
                        Column::Name(name) => f.write_str(name)?,
                        Column::Number(number) => write!(f, "{number}")?,
                    }
                }
                Ok(())
            }
        }
    }
}

impl FromStr for Columns {
    type Err = TableError;

    fn from_str(text: &str) -> Result<Self, TableError> {
        let text = text.trim();
        if text == "all" {
            return Ok(Columns::All);
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(TableError::NoColumns {
                found: text.to_owned(),
            });
        }
        let column = |part: &&str| match part.parse() {
            Ok(number) => Column::Number(number),
            Err(_) => Column::Name((*part).to_owned()),
        };
        Ok(Columns::Of(parts.iter().map(column).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_choice_reads_back() {
        for text in ["all", "eruptions,waiting", "2,3", "2,waiting"] {
            assert_eq!(text.parse::<Columns>().unwrap().to_string(), text);
        }
        assert_eq!(
            " 2 , waiting ".parse::<Columns>().unwrap(),
            Columns::Of(vec![Column::Number(2), Column::Name("waiting".into())])
        );
        for text in ["", ",", "a,,b"] {
            assert!(
                matches!(text.parse::<Columns>(), Err(TableError::NoColumns { .. })),
                "{text:?}"
            );
        }
    }
}
