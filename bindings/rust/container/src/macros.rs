//! Numbers that have names.

/// An enumeration of C. A type around the number, so that those of a newer library are values as well.
macro_rules! numbers {
    ($(#[$about:meta])* $name:ident { $($(#[$told:meta])* $member:ident = $value:expr,)* }) => {
        $(#[$about])*
        ///
        /// A number that a newer library has is a value, too; it only has no name here.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i32);

        impl $name {
            $($(#[$told])* pub const $member: Self = Self($value);)*
            /// Those that have a name here.
            pub const KNOWN: &'static [Self] = &[$(Self::$member),*];
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.0 {
                    $($value => f.write_str(stringify!($member)),)*
                    other => write!(f, concat!(stringify!($name), "({})"), other),
                }
            }
        }
    };
}

/// Flags of C, which add up by `|`.
macro_rules! flags {
    ($(#[$about:meta])* $name:ident: $number:ty { $($(#[$told:meta])* $flag:ident = $value:expr,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $name(pub $number);

        impl $name {
            /// None of them.
            pub const NONE: Self = Self(0);
            $($(#[$told])* pub const $flag: Self = Self($value);)*

            /// Whether all of the others are among these.
            pub const fn contains(self, others: Self) -> bool {
                self.0 & others.0 == others.0
            }
        }

        impl std::ops::BitOr for $name {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }
        }

        impl std::ops::BitOrAssign for $name {
            fn bitor_assign(&mut self, other: Self) {
                self.0 |= other.0;
            }
        }
    };
}

pub(crate) use {flags, numbers};
