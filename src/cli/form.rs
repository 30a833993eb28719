//! A list of questions, asked one after the other. What was typed is kept when the person stops.
//!
//! The form knows nothing of records: who has a schema turns its fields into [`Question`]s, and
//! their rules into a check on the text.

use std::collections::BTreeMap;

use jiff::civil::Date;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::cli::{error::CliError, i18n::tr};

/// The most lines of a long text, and the most items of a list, that are asked for. More is a
/// mistake, such as a whole document pasted; a file can hold it.
const MOST_LINES: usize = 2_000;

/// What kind of answer a question wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuestionKind {
    /// One line.
    Text,
    /// Lines, until an empty one.
    LongText,
    /// A whole number.
    Integer,
    /// A day; the answer is `YYYY-MM-DD`, whichever way it was typed.
    Date,
    /// Yes or no; the answer is `true` or `false`.
    YesNo,
    /// One of these; the answer is the key.
    Choice(Vec<Choice>),
    /// Any number of lines.
    List,
    /// Any number of these; the answer holds the keys.
    Choices(Vec<Choice>),
}

/// One of the choices of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the answer holds.
    pub key: String,
    /// What the person sees.
    pub label: String,
}

/// A rule on an answer's text (of a list: on each item). The error is a message in the language
/// of the terminal.
pub type Check<'a> = Box<dyn Fn(&str) -> Result<(), String> + 'a>;

/// A question.
pub struct Question<'a> {
    /// The name of the answer.
    pub key: String,
    /// What the person is asked, without a colon.
    pub label: String,
    /// Further help, or empty.
    pub help: String,
    /// What kind of answer it wants.
    pub kind: QuestionKind,
    /// Whether it must be answered.
    pub required: bool,
    /// What else the answer must be. Called for answers that are not empty, and of the right kind.
    pub check: Check<'a>,
}

/// An answer. Wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub enum Answer {
    /// Of all kinds but lists: text, the key of a choice, a date, a number, `true` or `false`.
    Text(String),
    /// Of lists.
    Items(Vec<String>),
}

impl Answer {
    /// The text of an answer that is not a list.
    pub fn text(&self) -> Option<&str> {
        match self {
            Answer::Text(text) => Some(text),
            Answer::Items(_) => None,
        }
    }

    /// The items of a list; of another answer the text alone.
    pub fn items(&self) -> &[String] {
        match self {
            Answer::Text(text) => std::slice::from_ref(text),
            Answer::Items(items) => items,
        }
    }
}

/// Answers by the keys of their questions. A question that was left empty has none.
pub type Answers = BTreeMap<String, Answer>;

/// What became of a form.
pub enum Filled {
    /// All questions were asked, and all answers are as they should be.
    Complete(Answers),
    /// The person stopped. Holds all that was typed, also the unfinished line; to be checked again.
    Stopped(Answers),
}

/// Asks all questions. `earlier` holds answers of an earlier try, or the present values: they
/// stand in the line to be changed or accepted.
///
/// # Errors
/// [`CliError::NoTerminal`] where nobody can be asked; [`CliError::Prompt`].
pub fn fill(ask: &mut dyn Ask, questions: &[Question<'_>], earlier: Answers) -> Result<Filled, CliError> {
    let mut answers = earlier;
    ask.say(&tr!("form-how"));
    for (index, question) in questions.iter().enumerate() {
        let label = tr!("form-label", number = index + 1, count = questions.len(), label = &question.label);
        let label = if question.required { format!("{label} *") } else { label };
        let earlier = answers.remove(&question.key);
        let step = match &question.kind {
            QuestionKind::Text | QuestionKind::Integer | QuestionKind::Date => {
                ask_text(ask, question, &label, earlier.as_ref())?
            }
            QuestionKind::LongText => ask_long_text(ask, question, &label, earlier.as_ref())?,
            QuestionKind::List => ask_list(ask, question, &label, earlier.as_ref())?,
            QuestionKind::YesNo => {
                let options = [("true", tr!("form-yes")), ("false", tr!("form-no"))]
                    .map(|(key, label)| Choice { key: key.to_owned(), label });
                ask_choice(ask, question, &label, &options, earlier.as_ref())?
            }
            QuestionKind::Choice(options) => ask_choice(ask, question, &label, options, earlier.as_ref())?,
            QuestionKind::Choices(options) => ask_choices(ask, question, &label, options, earlier.as_ref())?,
        };
        let (answer, stopped) = match step {
            Step::Answered(answer) => (answer, false),
            Step::Stopped(answer) => (answer.or(earlier), true),
        };
        if let Some(answer) = answer {
            answers.insert(question.key.clone(), answer);
        }
        if stopped {
            return Ok(Filled::Stopped(answers));
        }
    }
    Ok(Filled::Complete(answers))
}

/// Somebody who can be asked: the terminal, or a test.
pub trait Ask {
    /// Asks for one line.
    ///
    /// # Errors
    /// [`CliError::NoTerminal`] where nobody can be asked; [`CliError::Prompt`]. Same for the others.
    fn line(&mut self, line: Line<'_>) -> Result<Asked<String>, CliError>;
    /// Asks for one of several options, by its index.
    ///
    /// # Errors
    /// As [`Ask::line`].
    fn choose(&mut self, label: &str, help: &str, options: &[String], start: usize) -> Result<Asked<usize>, CliError>;
    /// Asks for any number of options, by their indices.
    ///
    /// # Errors
    /// As [`Ask::line`].
    fn choose_many(
        &mut self,
        label: &str,
        help: &str,
        options: &[String],
        chosen: &[usize],
    ) -> Result<Asked<Vec<usize>>, CliError>;
    /// Tells something between the questions.
    fn say(&mut self, text: &str);
}

/// A line that is asked for.
pub struct Line<'a> {
    /// The question.
    pub label: &'a str,
    /// Shown below it, if not empty.
    pub help: &'a str,
    /// Stands there already, to be changed.
    pub initial: &'a str,
    /// Whether the line is accepted; else a message.
    pub check: &'a dyn Fn(&str) -> Result<(), String>,
}

/// What came of a question.
pub enum Asked<T> {
    /// The answer.
    Answer(T),
    /// The person stopped; what stood in the line then.
    Stopped(String),
}

enum Step {
    Answered(Option<Answer>),
    Stopped(Option<Answer>),
}

fn ask_text(
    ask: &mut dyn Ask,
    question: &Question<'_>,
    label: &str,
    earlier: Option<&Answer>,
) -> Result<Step, CliError> {
    let format = match question.kind {
        QuestionKind::Date => tr!("form-help-date"),
        QuestionKind::Integer => tr!("form-help-integer"),
        _ => String::new(),
    };
    let check = |text: &str| {
        let text = text.trim();
        if text.is_empty() {
            return required(question);
        }
        let text = canonical(&question.kind, text)?;
        (question.check)(&text)
    };
    let line = Line {
        label,
        help: &join(&question.help, &format),
        initial: earlier.and_then(Answer::text).unwrap_or_default(),
        check: &check,
    };
    Ok(match ask.line(line)? {
        Asked::Answer(text) => {
            let text = text.trim();
            let text = canonical(&question.kind, text).unwrap_or_else(|_| text.to_owned());
            Step::Answered(not_empty(text))
        }
        Asked::Stopped(text) => Step::Stopped(not_empty(text.trim().to_owned())),
    })
}

/// Line by line: a text editor would want a file, in clear, on the disk.
fn ask_long_text(
    ask: &mut dyn Ask,
    question: &Question<'_>,
    label: &str,
    earlier: Option<&Answer>,
) -> Result<Step, CliError> {
    let mut earlier: Vec<&str> = earlier.and_then(Answer::text).unwrap_or_default().lines().collect();
    let help = join(&question.help, &tr!("form-help-long-text"));
    let mut lines: Vec<String> = Vec::new();
    loop {
        let number = lines.len();
        let check = |line: &str| {
            if line.trim().is_empty() {
                let nothing_else = lines.iter().all(String::is_empty) && number + 1 >= earlier.len();
                return if nothing_else { required(question) } else { Ok(()) };
            }
            if number >= MOST_LINES {
                return Err(tr!("form-too-many", most = MOST_LINES));
            }
            (question.check)(&[lines.join("\n").as_str(), line].join("\n"))
        };
        let initial = earlier.get(number).copied().unwrap_or_default();
        let label = if number == 0 { label } else { "…" };
        match ask.line(Line { label, help: &help, initial, check: &check })? {
            // An empty line ends the text, but one that stood there before does not.
            Asked::Answer(line) if line.trim().is_empty() && (number >= earlier.len() || !initial.is_empty()) => {
                if number + 1 >= earlier.len() {
                    return Ok(Step::Answered(not_empty(lines.join("\n").trim_end().to_owned())));
                }
                // A line of the earlier text was emptied: it goes, the rest stays.
                earlier.remove(number);
            }
            Asked::Answer(line) => lines.push(line.trim_end().to_owned()),
            Asked::Stopped(line) => {
                lines.push(line);
                lines.extend(earlier.iter().skip(number + 1).map(|&line| line.to_owned()));
                return Ok(Step::Stopped(not_empty(lines.join("\n").trim_end().to_owned())));
            }
        }
    }
}

fn ask_list(
    ask: &mut dyn Ask,
    question: &Question<'_>,
    label: &str,
    earlier: Option<&Answer>,
) -> Result<Step, CliError> {
    let mut waiting: std::collections::VecDeque<String> =
        earlier.map(|answer| answer.items().to_vec()).unwrap_or_default().into();
    let help = join(&question.help, &tr!("form-help-list"));
    let mut items: Vec<String> = Vec::new();
    loop {
        let initial = waiting.pop_front().unwrap_or_default();
        let nothing_yet = items.is_empty() && waiting.is_empty();
        let check = |item: &str| {
            if item.trim().is_empty() {
                return if nothing_yet { required(question) } else { Ok(()) };
            }
            if items.len() >= MOST_LINES {
                return Err(tr!("form-too-many", most = MOST_LINES));
            }
            (question.check)(item.trim())
        };
        let numbered = format!("{label} [{}]", items.len() + 1);
        match ask.line(Line { label: &numbered, help: &help, initial: &initial, check: &check })? {
            // Emptying an earlier item takes it out.
            Asked::Answer(item) if item.trim().is_empty() && waiting.is_empty() => {
                return Ok(Step::Answered(list(items)));
            }
            Asked::Answer(item) if item.trim().is_empty() => {}
            Asked::Answer(item) => items.push(item.trim().to_owned()),
            Asked::Stopped(item) => {
                items.extend(not_blank(item));
                items.extend(waiting);
                return Ok(Step::Stopped(list(items)));
            }
        }
    }
}

fn ask_choice(
    ask: &mut dyn Ask,
    question: &Question<'_>,
    label: &str,
    options: &[Choice],
    earlier: Option<&Answer>,
) -> Result<Step, CliError> {
    let earlier = earlier.and_then(Answer::text);
    let mut labels: Vec<String> = options.iter().map(|option| option.label.clone()).collect();
    let none_at = if question.required {
        None
    } else {
        labels.push(tr!("form-empty"));
        Some(options.len())
    };
    // Where nothing was chosen before, no answer about a child is suggested: the empty one is.
    let start = options.iter().position(|option| Some(option.key.as_str()) == earlier).or(none_at).unwrap_or(0);
    let help = join(&question.help, &tr!("form-help-choice"));
    loop {
        match ask.choose(label, &help, &labels, start)? {
            Asked::Stopped(_) => return Ok(Step::Stopped(None)),
            Asked::Answer(index) => match options.get(index) {
                None => return Ok(Step::Answered(None)),
                Some(option) => match (question.check)(&option.key) {
                    Ok(()) => return Ok(Step::Answered(Some(Answer::Text(option.key.clone())))),
                    Err(message) => ask.say(&message),
                },
            },
        }
    }
}

fn ask_choices(
    ask: &mut dyn Ask,
    question: &Question<'_>,
    label: &str,
    options: &[Choice],
    earlier: Option<&Answer>,
) -> Result<Step, CliError> {
    let labels: Vec<String> = options.iter().map(|option| option.label.clone()).collect();
    let earlier = earlier.map(Answer::items).unwrap_or_default();
    let mut chosen: Vec<usize> = (0..options.len()).filter(|&i| earlier.contains(&options[i].key)).collect();
    let help = join(&question.help, &tr!("form-help-choices"));
    loop {
        match ask.choose_many(label, &help, &labels, &chosen)? {
            Asked::Stopped(_) => return Ok(Step::Stopped(None)),
            Asked::Answer(indices) => chosen = indices,
        }
        let keys: Vec<String> = chosen.iter().filter_map(|&i| options.get(i)).map(|o| o.key.clone()).collect();
        let result =
            if keys.is_empty() { required(question) } else { keys.iter().try_for_each(|key| (question.check)(key)) };
        match result {
            Ok(()) => return Ok(Step::Answered(list(keys))),
            Err(message) => ask.say(&message),
        }
    }
}

fn required(question: &Question<'_>) -> Result<(), String> {
    if question.required { Err(tr!("form-required")) } else { Ok(()) }
}

/// The one way in which an answer of this kind is written.
fn canonical(kind: &QuestionKind, text: &str) -> Result<String, String> {
    match kind {
        QuestionKind::Integer => {
            text.parse::<i64>().map(|number| number.to_string()).map_err(|_| tr!("form-bad-integer"))
        }
        QuestionKind::Date => ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]
            .iter()
            .find_map(|format| Date::strptime(format, text).ok())
            // `strptime` takes `24-11-26` for the year 26: no such date is meant here.
            .filter(|date| date.year() >= 1000)
            .map(|date| date.to_string())
            .ok_or_else(|| tr!("form-bad-date")),
        _ => Ok(text.to_owned()),
    }
}

fn not_empty(text: String) -> Option<Answer> {
    not_blank(text).map(Answer::Text)
}

fn not_blank(text: String) -> Option<String> {
    (!text.trim().is_empty()).then_some(text)
}

fn list(items: Vec<String>) -> Option<Answer> {
    (!items.is_empty()).then_some(Answer::Items(items))
}

fn join(help: &str, more: &str) -> String {
    [help, more].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A person who types these lines; `^` at the end of one is Esc. Choices are numbers.
    #[derive(Default)]
    struct Script {
        lines: VecDeque<&'static str>,
        initials: Vec<String>,
        said: Vec<String>,
    }

    impl Script {
        fn next(&mut self) -> &'static str {
            self.lines.pop_front().expect("one question too many")
        }
    }

    impl Ask for Script {
        fn line(&mut self, line: Line<'_>) -> Result<Asked<String>, CliError> {
            self.initials.push(line.initial.to_owned());
            loop {
                let typed = self.next();
                let typed = if typed == "=" { line.initial } else { typed };
                if let Some(partial) = typed.strip_suffix('^') {
                    return Ok(Asked::Stopped(partial.to_owned()));
                }
                match (line.check)(typed) {
                    Ok(()) => return Ok(Asked::Answer(typed.to_owned())),
                    Err(message) => self.said.push(message),
                }
            }
        }

        fn choose(&mut self, _: &str, _: &str, options: &[String], start: usize) -> Result<Asked<usize>, CliError> {
            match self.next() {
                "^" => Ok(Asked::Stopped(String::new())),
                "=" => Ok(Asked::Answer(start)),
                number => Ok(Asked::Answer(number.parse::<usize>().unwrap().min(options.len() - 1))),
            }
        }

        fn choose_many(
            &mut self,
            _: &str,
            _: &str,
            _: &[String],
            chosen: &[usize],
        ) -> Result<Asked<Vec<usize>>, CliError> {
            match self.next() {
                "^" => Ok(Asked::Stopped(String::new())),
                "=" => Ok(Asked::Answer(chosen.to_vec())),
                numbers => Ok(Asked::Answer(numbers.split_whitespace().map(|n| n.parse().unwrap()).collect())),
            }
        }

        fn say(&mut self, text: &str) {
            self.said.push(text.to_owned());
        }
    }

    fn question(key: &str, kind: QuestionKind, required: bool) -> Question<'static> {
        let check = Box::new(|text: &str| if text.contains("bad") { Err("bad".to_owned()) } else { Ok(()) });
        Question { key: key.to_owned(), label: key.to_owned(), help: String::new(), kind, required, check }
    }

    fn options() -> Vec<Choice> {
        ["m", "f"].map(|key| Choice { key: key.to_owned(), label: key.to_uppercase() }).to_vec()
    }

    fn questions() -> Vec<Question<'static>> {
        vec![
            question("name", QuestionKind::Text, true),
            question("born", QuestionKind::Date, false),
            question("age", QuestionKind::Integer, false),
            question("sex", QuestionKind::Choice(options()), false),
            question("agreed", QuestionKind::YesNo, true),
            question("note", QuestionKind::LongText, false),
            question("who", QuestionKind::List, false),
            question("what", QuestionKind::Choices(options()), false),
        ]
    }

    fn run(lines: &[&'static str], earlier: Answers) -> (Filled, Script) {
        let mut script = Script { lines: lines.iter().copied().collect(), ..Script::default() };
        let filled = fill(&mut script, &questions(), earlier).unwrap();
        assert!(script.lines.is_empty(), "not all lines were wanted");
        (filled, script)
    }

    fn show(answers: &Answers) -> Vec<String> {
        answers.iter().map(|(key, answer)| format!("{key}={}", answer.items().join("|"))).collect()
    }

    const ALL: [&str; 13] = ["", " Siti ", "31-12-2015", "007", "1", "0", "first", "bad", "second", "", "a", "", "0 1"];

    #[test]
    fn a_whole_form() {
        let (filled, script) = run(&ALL, Answers::new());
        let Filled::Complete(answers) = filled else { panic!("stopped") };
        let expected = [
            "age=7",
            "agreed=true",
            "born=2015-12-31",
            "name=Siti",
            "note=first\nsecond",
            "sex=f",
            "what=m|f",
            "who=a",
        ];
        assert_eq!(show(&answers), expected);
        assert_eq!(script.said[1..], ["this must be answered", "bad"]);
    }

    #[test]
    fn left_empty() {
        let (filled, _) = run(&["Siti", "", "", "=", "1", "", "", ""], Answers::new());
        let Filled::Complete(answers) = filled else { panic!("stopped") };
        assert_eq!(show(&answers), ["agreed=false", "name=Siti"]);
    }

    #[test]
    fn wherever_the_person_stops_nothing_is_lost() {
        let Filled::Stopped(answers) = run(&["Siti", "31-12-^"], Answers::new()).0 else { panic!("complete") };
        assert_eq!(show(&answers), ["born=31-12-", "name=Siti"]);
        let lines = ["Siti", "", "", "1", "0", "one", "tw^"];
        let Filled::Stopped(answers) = run(&lines, Answers::new()).0 else { panic!("complete") };
        assert_eq!(show(&answers), ["agreed=true", "name=Siti", "note=one\ntw", "sex=f"]);
        let lines = ["Siti", "", "", "1", "0", "", "a", "b^"];
        let Filled::Stopped(answers) = run(&lines, Answers::new()).0 else { panic!("complete") };
        assert_eq!(answers["who"].items(), ["a", "b"]);
    }

    #[test]
    fn a_stopped_form_goes_on_where_it_was() {
        let Filled::Complete(before) = run(&ALL, Answers::new()).0 else { panic!("stopped") };
        // Stopping at once keeps what later questions had.
        let Filled::Stopped(kept) = run(&["Siti R^"], before.clone()).0 else { panic!("complete") };
        assert_eq!(kept["name"].text(), Some("Siti R"));
        assert_eq!(kept.len(), before.len());
        // Accepting everything changes nothing.
        let lines = ["=", "=", "=", "=", "=", "=", "=", "", "=", "", "="];
        let (filled, script) = run(&lines, before.clone());
        let Filled::Complete(after) = filled else { panic!("stopped") };
        assert!(after == before);
        assert_eq!(script.initials[1], "2015-12-31");
    }

    #[test]
    fn lines_of_an_earlier_text() {
        let earlier = |text: &str| Answers::from([("note".to_owned(), Answer::Text(text.to_owned()))]);
        let note = |lines: &[&'static str], text: &str| {
            let mut script = Script { lines: lines.iter().copied().collect(), ..Script::default() };
            let filled = fill(&mut script, &[question("note", QuestionKind::LongText, false)], earlier(text)).unwrap();
            assert!(script.lines.is_empty());
            match filled {
                Filled::Complete(answers) | Filled::Stopped(answers) => {
                    answers.get("note").and_then(Answer::text).unwrap_or_default().to_owned()
                }
            }
        };
        assert_eq!(note(&["=", "=", "=", ""], "a\n\nc"), "a\n\nc", "a blank line in between stays");
        assert_eq!(note(&["=", "", "=", ""], "a\nb\nc"), "a\nc", "an emptied line goes");
        assert_eq!(note(&[""], "a"), "");
        assert_eq!(note(&["=", "x^"], "a\nb\nc"), "a\nx\nc", "stopping keeps the lines after");
    }

    #[test]
    fn dates_and_numbers() {
        let date = |text| canonical(&QuestionKind::Date, text).ok();
        for text in ["2015-02-28", "28/02/2015", "28-02-2015", "28-2-2015"] {
            assert_eq!(date(text).as_deref(), Some("2015-02-28"), "{text}");
        }
        for text in ["29/02/2015", "02/28/2015", "24-11-26", "28.02.2015", "today", "2015"] {
            assert_eq!(date(text), None, "{text}");
        }
        assert!(canonical(&QuestionKind::Integer, "1e3").is_err());
    }
}
