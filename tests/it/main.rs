//! Stories about the whole house, told with the World: the real binary, no browser.
