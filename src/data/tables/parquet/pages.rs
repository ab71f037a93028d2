//! Pages of a column whose counts are checked against their bytes: the crate takes memory for the entries that a
//! dictionary announces.

use parquet::basic::Type;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

/// Pages of one column of one row group.
pub(super) struct Checked {
    pub(super) pages: Box<dyn PageReader>,
    /// The least number of bits of an entry of a dictionary.
    pub(super) bits: usize,
    /// Whether a dictionary was read.
    pub(super) has_dictionary: bool,
}

impl Checked {
    /// Pages of a column of this type, whose values have so many bytes if they all have the same number.
    pub(super) fn new(pages: Box<dyn PageReader>, kind: Type, length: i32) -> Self {
        let bits = match kind {
            Type::BOOLEAN => 1,
            Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 32,
            Type::INT64 | Type::DOUBLE => 64,
            Type::INT96 => 96,
            Type::FIXED_LEN_BYTE_ARRAY => 8 * usize::try_from(length).unwrap_or(0),
        };
        Checked {
            pages,
            bits,
            has_dictionary: false,
        }
    }
}

impl Iterator for Checked {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.pages.get_next_page()?;
        let wrong = |what: &str| Err(ParquetError::General(what.to_owned()));
        match &page {
            Some(Page::DictionaryPage {
                buf, num_values, ..
            }) => {
                if (*num_values as usize).saturating_mul(self.bits) > 8 * buf.len() {
                    return wrong("a dictionary announces more entries than it has bytes for");
                }
                self.has_dictionary = true;
            }
            Some(page @ (Page::DataPage { .. } | Page::DataPageV2 { .. })) => {
                use parquet::basic::Encoding::{PLAIN_DICTIONARY, RLE_DICTIONARY};
                let uses = matches!(page.encoding(), PLAIN_DICTIONARY | RLE_DICTIONARY);
                if uses && !self.has_dictionary {
                    return wrong("a page refers to a dictionary that is not there");
                }
            }
            None => {}
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.pages.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.pages.skip_next_page()
    }
}
