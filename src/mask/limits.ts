/**
 * How often a text with backslash escapes is unescaped before it is searched: JSON in a string, and
 * JSON that holds such JSON as a string. Each level reads the text once more.
 */
export const UNESCAPE_LEVELS_MAX = 2

/** Hex digits kept of a 256-bit HMAC: 64 bits, so that a million values hardly ever collide. */
export const HASH_HEX_DIGITS = 16
