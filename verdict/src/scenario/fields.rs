//! The places of all fields in the text of a TOML file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The fields of a file. The name of a nested field is a path such as `fault.0.at`.
pub(super) struct Fields(Vec<Field>);

struct Field {
    path: String,
    key: Range<usize>,
    value: Range<usize>,
}

impl Fields {
    /// All fields of `table`.
    pub(super) fn of(table: &DeTable<'_>) -> Self {
        let mut fields = Self(Vec::new());
        fields.add_table("", table);
        fields
    }

    /// The first byte of a field; if the file does not have it, of the nearest one that contains it.
    pub(super) fn place(&self, path: &str) -> usize {
        let found = self.0.iter().find(|field| field.path == path).map(|field| field.key.start);
        let parent = || path.rsplit_once('.').map_or(0, |(parent, _)| self.place(parent));
        found.unwrap_or_else(parent)
    }

    /// The innermost field with this place in its value.
    pub(super) fn at(&self, place: usize) -> Option<&str> {
        let around = self.0.iter().filter(|field| field.value.contains(&place));
        around.min_by_key(|field| field.value.len()).map(|field| &*field.path)
    }

    fn add_table(&mut self, parent: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let path =
                if parent.is_empty() { key.get_ref().to_string() } else { format!("{parent}.{}", key.get_ref()) };
            self.add(path, key.span(), value);
        }
    }

    fn add(&mut self, path: String, key: Range<usize>, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.add_table(&path, table),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.add(format!("{path}.{index}"), item.span(), item);
                }
            }
            _ => {}
        }
        self.0.push(Field { path, key, value: value.span() });
    }
}
