//! What can go wrong, as the person in front of it needs to know it.
//!
//! Each concern of the crate has one error enum, made with `problems!`: every variant has a
//! stable code, a kind (which decides the exit code) and one English sentence. The sentence in
//! other languages, and the hint that says what to do next, are found under the code in `i18n/`.

/// Whose business an error is. Decides the exit code of the binary, so that scripts and monitors
/// can tell a typing mistake from a damaged vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line was not understood.
    Usage,
    /// A file or a value that was given is wrong.
    Input,
    /// The thing asked for does not exist.
    NotFound,
    /// The charter does not allow it, or the keys at hand do not open it.
    Refused,
    /// A key file, a passphrase or a card is wrong.
    Key,
    /// The vault, the ledger or a signature is not what it should be.
    Integrity,
    /// Somebody else has the vault open.
    Busy,
    /// A file could not be read or written.
    Storage,
    /// Written by a newer version of this software.
    Newer,
    /// A run that nobody watches failed, or did not take place.
    Unattended,
    /// A defect of this software.
    Internal,
    /// The person at the terminal stopped it.
    Interrupted,
}

impl Kind {
    /// The exit code of the binary. Documented in `docs/COMMANDS.md`; never renumbered.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::Input => 3,
            Kind::NotFound => 4,
            Kind::Refused => 5,
            Kind::Key => 6,
            Kind::Integrity => 7,
            Kind::Busy => 8,
            Kind::Storage => 9,
            Kind::Newer => 10,
            Kind::Unattended => 11,
            Kind::Internal => 70,
            Kind::Interrupted => 130,
        }
    }
}

/// An error with a code, a kind, and the words that its sentence is made of.
pub trait Problem: std::error::Error + Send + Sync + 'static {
    /// Stable name of the error, such as `charter-unknown-group`: the key of its translations.
    fn code(&self) -> &'static str;
    /// Whose business it is.
    fn kind(&self) -> Kind;
    /// Names and values of the placeholders of its sentence.
    fn args(&self) -> Vec<(&'static str, String)>;
}

/// Defines an error enum whose variants implement [`Problem`].
///
/// ```text
/// problems! {
///     /// What can be wrong with a charter.
///     pub enum CharterError {
///         /// A quorum names a group that is not defined.
///         UnknownGroup { class: String, group: String } = Input, "charter-unknown-group",
///             "class {class} names the group {group}, which the charter does not define";
///     }
///     transparent {
///         /// The note around it.
///         Note(NoteError);
///     }
/// }
/// ```
///
/// A field called `source` is the error's cause (and must be an error). The associated constant
/// `CODES` lists the codes of the enum's own variants, for the test that all are translated.
macro_rules! problems {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident $({ $($field:ident : $ty:ty),* $(,)? })? = $kind:ident, $code:literal, $text:literal; )*
        }
        $( transparent { $( $(#[$tmeta:meta])* $tvariant:ident($tty:ty); )* } )?
    ) => {
        $(#[$meta])*
        #[derive(Debug, thiserror::Error)]
        #[allow(missing_docs)]
        pub enum $name {
            $( $(#[$vmeta])* #[error($text)] $variant $({ $($field: $ty),* })?, )*
            $( $( $(#[$tmeta])* #[error(transparent)] $tvariant(#[from] $tty), )* )?
        }

        impl $name {
            /// Codes of the enum's own variants.
            pub const CODES: &'static [&'static str] = &[$($code),*];
        }

        impl $crate::problem::Problem for $name {
            fn code(&self) -> &'static str {
                match self {
                    $( Self::$variant { .. } => $code, )*
                    $( $( Self::$tvariant(inner) => $crate::problem::Problem::code(inner), )* )?
                }
            }
            fn kind(&self) -> $crate::problem::Kind {
                match self {
                    $( Self::$variant { .. } => $crate::problem::Kind::$kind, )*
                    $( $( Self::$tvariant(inner) => $crate::problem::Problem::kind(inner), )* )?
                }
            }
            fn args(&self) -> Vec<(&'static str, String)> {
                match self {
                    $( Self::$variant $({ $($field),* })? => vec![$($( (stringify!($field), $field.to_string()) ),*)?], )*
                    $( $( Self::$tvariant(inner) => $crate::problem::Problem::args(inner), )* )?
                }
            }
        }
    };
}
pub(crate) use problems;
