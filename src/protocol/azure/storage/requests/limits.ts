/** The service takes 254 parts in a blob's name; the container comes on top. */
export const SEGMENTS_MAX = 255

/** A blob's whole name has at most 1,024 characters, a table key 1 KiB of UTF-16. */
export const SEGMENT_CHARACTERS_MAX = 1_024

/** The oldest version that takes bearer tokens; before it, the same paths mean other things. */
export const VERSION_MIN = '2017-11-09'

/** What the services take in one batch. */
export const BATCH_BYTES_MAX = 4 * 1_048_576
export const BLOB_BATCH_PARTS_MAX = 256
export const TABLE_BATCH_PARTS_MAX = 100

/** `{"TableName":"…"}` with blanks to spare. */
export const TABLE_BODY_BYTES_MAX = 1_024

/** An OData filter: the service takes 15 comparisons. */
export const FILTER_CHARACTERS_MAX = 16_384

/** A text is searched in pieces of this size: large enough that searching again costs little. */
export const WINDOW_BYTES = 262_144

/** Looked at on both sides of a cut; longer than any key, token or card that the detectors know. */
export const CONTEXT_CHARACTERS = 16_384

/** A single find that is longer than this is no secret, and would have to be kept in memory. */
export const HIT_CHARACTERS_MAX = 4 * 1_048_576

/** The service gives 32 messages of 64 KiB at a time; base64 and XML come on top. */
export const MESSAGES_BYTES_MAX = 4 * 1_048_576

/** A property of an entity has at most 64 KiB of UTF-16; escaped it may grow sixfold. */
export const ENTITY_LEAF_BYTES_MAX = 1_048_576

/** A value in a JSON blob that a mask goes through; it has to be held whole. */
export const BLOB_LEAF_BYTES_MAX = 16 * 1_048_576

/** A secret has at most 25 KiB, a certificate's chain or a backup some hundred. */
export const VAULT_LEAF_BYTES_MAX = 4 * 1_048_576

/** Five access policies, or rules of CORS and logging: a few KiB of XML. */
export const SHOWN_BODY_BYTES_MAX = 65_536
