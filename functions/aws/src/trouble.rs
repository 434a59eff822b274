//! What services answer, as [`Trouble`].
