//! The forms in which results are printed.

use std::fmt;

use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

/// Any form: every command has the first kind, and one that draws has both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Data(Format),
    Drawing(Drawing),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// One array for a list, one object for a thing; names as in the service's API
    Json,
    /// One object a line
    Jsonl,
    /// With a header
    Csv,
}

/// What a graph can be drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Drawing {
    /// A text for Graphviz
    Dot,
    /// A text for Mermaid, as in Markdown of GitLab and GitHub
    Mermaid,
    /// A picture
    Svg,
    /// A page of its own: the picture, and what is known of each dataset
    Html,
}

impl Form {
    const ALL: [Self; 8] = [
        Self::Data(Format::Table),
        Self::Data(Format::Json),
        Self::Data(Format::Jsonl),
        Self::Data(Format::Csv),
        Self::Drawing(Drawing::Dot),
        Self::Drawing(Drawing::Mermaid),
        Self::Drawing(Drawing::Svg),
        Self::Drawing(Drawing::Html),
    ];

    /// Reads the forms that every command has; others are refused with a list of these.
    pub(crate) fn data() -> impl TypedValueParser<Value = Self> {
        let values = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        PossibleValuesParser::new(values).try_map(|name| Format::from_str(&name, false).map(Self::Data))
    }

    /// The form of what is no drawing.
    pub(crate) fn format(self) -> Format {
        match self {
            Self::Data(format) => format,
            Self::Drawing(_) => Format::Table,
        }
    }
}

impl PartialEq<Format> for Form {
    fn eq(&self, other: &Format) -> bool {
        *self == Self::Data(*other)
    }
}

impl ValueEnum for Form {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Data(format) => format.to_possible_value(),
            Self::Drawing(drawing) => drawing.to_possible_value(),
        }
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |value| f.write_str(value.get_name()))
    }
}
