//! CSDL as far as its grammar goes: whether a text is one, and what it asks for.

/// What a text asks for.
#[derive(Debug, Default)]
pub(super) struct Csdl {
    /// Each predicate's target and operator.
    pub predicates: Vec<(String, String)>,
    /// The first word that it looks for.
    pub word: Option<String>,
}

/// Where a text stops being CSDL: line and position from 1, and what should have stood there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unparsable {
    line: usize,
    position: usize,
    expected: &'static str,
}

impl Unparsable {
    /// As the service says it.
    pub fn text(&self) -> String {
        let Self { line, position, expected } = self;
        format!(
            "We are unable to parse this stream. At line {line} position {position} we were expecting one of: {expected}."
        )
    }
}

const OPERATOR: &str = "an operator that can act on strings, integers or float types (==, !=, <, >, >=, <=), followed by \
                        a text value;\n or the \"in\" operator for strings, followed by a list of comma separated \
                        strings;\n or the \"exists\" operator";
const PREDICATE: &str = "a target;\n or the \"stream\" keyword, followed by a text value;\n or a left parenthesis;\n or the \
                         \"NOT\" keyword";
const VALUE: &str = "a text value;\n or a numeric value;\n or a list of comma separated values in brackets";
const QUOTE: &str = "a quote (\")";
const COMMENT: &str = "the end of the comment (*/)";
const CLOSING: &str = "a right parenthesis;\n or the \"AND\" operator;\n or the \"OR\" operator";
const CLOSING_BRACE: &str = "a right brace;\n or the \"AND\" operator;\n or the \"OR\" operator";
const CLOSING_BRACKET: &str = "a right bracket (])";
const OPENING_BRACE: &str = "a left brace";
const CONNECTIVE: &str = "the \"AND\" operator;\n or the \"OR\" operator;\n or the end of the stream";
const TEXT: &str = "a text value";

const OPERATORS: [&str; 23] = [
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "contains",
    "contains_any",
    "contains_all",
    "contains_near",
    "substr",
    "any",
    "all",
    "in",
    "regex_partial",
    "regex_exact",
    "wildcard",
    "wild",
    "near",
    "url_in",
    "geo_box",
    "geo_polygon",
    "geo_radius",
];

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number,
    Mark(char),
    Comparison(String),
    End,
}

/// A token and where it begins.
type Placed = (Token, usize, usize);

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Csdl, Unparsable> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, read: Csdl::default() };
    parser.whole()?;
    Ok(parser.read)
}

fn tokens(text: &str) -> Result<Vec<Placed>, Unparsable> {
    let mut found = vec![];
    let (mut line, mut position) = (1, 1);
    let mut rest = text.chars().peekable();
    while let Some(&next) = rest.peek() {
        let (from_line, from) = (line, position);
        let mut take = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let taken = rest.next();
            match taken {
                Some('\n') => (line, position) = (line + 1, 1),
                Some(_) => position += 1,
                None => {}
            }
            taken
        };
        let token = match next {
            it if it.is_whitespace() => {
                take(&mut rest);
                continue;
            }
            '/' => {
                take(&mut rest);
                match take(&mut rest) {
                    Some('/') => while take(&mut rest).is_some_and(|it| it != '\n') {},
                    Some('*') => {
                        let mut last = ' ';
                        loop {
                            match take(&mut rest) {
                                Some('/') if last == '*' => break,
                                Some(it) => last = it,
                                None => return Err(Unparsable { line, position, expected: COMMENT }),
                            }
                        }
                    }
                    _ => return Err(Unparsable { line: from_line, position: from, expected: PREDICATE }),
                }
                continue;
            }
            '"' => {
                take(&mut rest);
                let mut text = String::new();
                loop {
                    match take(&mut rest) {
                        Some('"') => break,
                        Some('\\') => text.extend(take(&mut rest)),
                        Some(it) => text.push(it),
                        None => return Err(Unparsable { line, position, expected: QUOTE }),
                    }
                }
                Token::Text(text)
            }
            '=' | '!' | '<' | '>' => {
                let mut sign = String::from(next);
                take(&mut rest);
                if rest.peek() == Some(&'=') {
                    sign.extend(take(&mut rest));
                }
                Token::Comparison(sign)
            }
            it if it.is_alphanumeric() || matches!(it, '_' | '-' | '.') => {
                let mut word = String::new();
                while rest.peek().is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | '.')) {
                    word.extend(take(&mut rest));
                }
                if word.parse::<f64>().is_ok() { Token::Number } else { Token::Word(word) }
            }
            other => {
                take(&mut rest);
                Token::Mark(other)
            }
        };
        found.push((token, from_line, from));
    }
    found.push((Token::End, line, position));
    Ok(found)
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    read: Csdl,
}

impl Parser {
    fn now(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn take(&mut self) -> Token {
        let token = self.now().clone();
        // What ends a text ends it again and again.
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn expected<T>(&self, expected: &'static str) -> Result<T, Unparsable> {
        let (_, line, position) = self.tokens[self.at];
        Err(Unparsable { line, position, expected })
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.now(), Token::Word(it) if it.eq_ignore_ascii_case(word))
    }

    fn mark(&mut self, mark: char, expected: &'static str) -> Result<(), Unparsable> {
        if *self.now() != Token::Mark(mark) {
            return self.expected(expected);
        }
        self.take();
        Ok(())
    }

    /// Conditions, with tags in front of them.
    fn whole(&mut self) -> Result<(), Unparsable> {
        loop {
            let is_tag = matches!(self.now(), Token::Word(it) if it == "tag" || it.starts_with("tag."));
            if is_tag {
                self.take();
                if matches!(self.now(), Token::Text(_) | Token::Number) {
                    self.take();
                }
                self.braces()?;
            } else if self.is_word("return") {
                self.take();
                self.braces()?;
            } else {
                self.conditions()?;
                return match self.now() {
                    Token::End => Ok(()),
                    _ => self.expected(CONNECTIVE),
                };
            }
            if *self.now() == Token::End {
                return Ok(());
            }
        }
    }

    fn braces(&mut self) -> Result<(), Unparsable> {
        self.mark('{', OPENING_BRACE)?;
        self.conditions()?;
        self.mark('}', CLOSING_BRACE)
    }

    /// What is in parentheses is kept count of and not called: no text is too deep.
    fn conditions(&mut self) -> Result<(), Unparsable> {
        let mut open = 0_usize;
        loop {
            while self.is_word("NOT") || *self.now() == Token::Mark('(') {
                open += usize::from(self.take() == Token::Mark('('));
            }
            self.predicate()?;
            while open > 0 && *self.now() == Token::Mark(')') {
                self.take();
                open -= 1;
            }
            if self.is_word("AND") || self.is_word("OR") {
                self.take();
            } else if open > 0 {
                return self.expected(CLOSING);
            } else {
                return Ok(());
            }
        }
    }

    fn predicate(&mut self) -> Result<(), Unparsable> {
        let Token::Word(target) = self.now().clone() else { return self.expected(PREDICATE) };
        if ["and", "or"].iter().any(|it| target.eq_ignore_ascii_case(it)) {
            return self.expected(PREDICATE);
        }
        self.take();
        if ["stream", "rule", "tags"].contains(&target.as_str()) && matches!(self.now(), Token::Text(_)) {
            self.take();
            self.read.predicates.push((target, "is".to_owned()));
            return Ok(());
        }
        if ["stream", "rule"].contains(&target.as_str()) {
            return self.expected(TEXT);
        }
        if self.is_word("cs") {
            self.take();
        }
        let operator = match self.now() {
            Token::Word(word) => word.to_lowercase(),
            Token::Comparison(sign) => sign.clone(),
            _ => return self.expected(OPERATOR),
        };
        if operator != "exists" && !OPERATORS.contains(&operator.as_str()) {
            return self.expected(OPERATOR);
        }
        self.take();
        // Modifiers, such as [case(true)], or a list.
        let bracketed = self.bracketed()?;
        self.read.predicates.push((target, operator.clone()));
        if operator == "exists" {
            return Ok(());
        }
        match self.now().clone() {
            Token::Text(text) => {
                if self.read.word.is_none() {
                    self.read.word = text.split(',').next().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
                }
            }
            Token::Number => {}
            _ if bracketed => return Ok(()),
            _ => return self.expected(VALUE),
        }
        self.take();
        Ok(())
    }

    fn bracketed(&mut self) -> Result<bool, Unparsable> {
        if *self.now() != Token::Mark('[') {
            return Ok(false);
        }
        self.take();
        while *self.now() != Token::Mark(']') {
            if *self.now() == Token::End {
                return self.expected(CLOSING_BRACKET);
            }
            self.take();
        }
        self.take();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_documentation_shows_is_csdl() {
        for good in [
            r#"interaction.content contains "music""#,
            r#"interaction.content any "cats, dogs" AND (language.tag == "en" OR NOT interaction.sample < 10.5)"#,
            "// who\ninteraction.author.username exists /* and\nno more */",
            r#"twitter.text cs contains "Apple" or twitter.user.followers_count in [1, 2, 3]"#,
            r#"interaction.content contains [case(true)] "Apple""#,
            r#"tag "big" { twitter.user.followers_count > 1000 } tag.size 5 { fb.all exists } return { stream "ab" }"#,
            r#"interaction.content regex_partial "a\"b""#,
        ] {
            assert!(read(good).is_ok(), "{good}: {:?}", read(good));
        }
        let read = read(r#"interaction.content contains_any "beer, wine" and fb.all exists"#).unwrap();
        assert_eq!((read.word.as_deref(), read.predicates.len()), (Some("beer"), 2));
    }

    #[test]
    fn what_is_none_is_told_by_line_and_position() {
        for (bad, place) in [
            ("interaction.content nasdaq \"x\"", (1, 21, OPERATOR)),
            ("", (1, 1, PREDICATE)),
            (" \n ", (2, 2, PREDICATE)),
            (r#"interaction.content contains "x"#, (1, 32, QUOTE)),
            (r#"(a.b == "x" OR c.d exists"#, (1, 26, CLOSING)),
            (r#"a.b == "x") AND c.d exists"#, (1, 11, CONNECTIVE)),
            ("a.b ==", (1, 7, VALUE)),
            ("a.b exists AND", (1, 15, PREDICATE)),
            ("a.b exists\nc.d exists", (2, 1, CONNECTIVE)),
            ("a.b in [1, 2", (1, 13, CLOSING_BRACKET)),
            ("tag \"x\" { a.b exists", (1, 21, CLOSING_BRACE)),
            ("a.b", (1, 4, OPERATOR)),
        ] {
            let told = read(bad).unwrap_err();
            assert_eq!((told.line, told.position, told.expected), place, "{bad}");
        }
        let text = read("interaction.content nasdaq").unwrap_err().text();
        assert!(text.starts_with(
            "We are unable to parse this stream. At line 1 position 21 we were expecting one of: an operator that can act \
             on strings"
        ));
    }

    #[test]
    fn parentheses_may_be_as_deep_as_a_text_is_long() {
        let deep = format!("{}a.b exists{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(read(&deep).is_ok());
    }
}
