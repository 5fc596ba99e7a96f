/** The API server takes no larger request, and etcd no larger object. */
export const BODY_BYTES_MAX = 3 * 1024 * 1024

/** One object of a list, or one event of a watch; twice what etcd takes, for managed fields. */
export const OBJECT_BYTES_MAX = 8 * 1024 * 1024

/** A line of a log; longer ones are divided by the kubelet at 16 KiB. */
export const LINE_BYTES_MAX = 1024 * 1024

/** What is typed before Enter; a terminal's own line is at most 4,096 bytes long (termios(3)). */
export const TYPED_CHARS_MAX = 4096

/** Of a longer line of a pipe, what is judged again with its next part: more than a command's name. */
export const TYPED_OVERLAP_CHARS = 1024

/** One recorded piece of a terminal; records would cut a longer one, and frames may be far longer. */
export const PIECE_CHARS_MAX = 32 * 1024

/** Lines of a preview that people read. */
export const PREVIEW_LINES_MAX = 400
export const PREVIEW_VALUE_CHARS_MAX = 300

/** Of a path in a preview, its end: the lines of one preview are less than a MiB. */
export const PREVIEW_PATH_CHARS_MAX = 1_000

/** A control frame of a port's stream, and its headers inflated: three short ones, of kubectl. */
export const CONTROL_BYTES_MAX = 16 * 1024
export const HEADER_BYTES_MAX = 16 * 1024

/** Lines of a private key in PEM: one of 16,384 bits has some 200. */
export const KEY_LINES_MAX = 400

/** Elements of one JSON pointer that may be places in lists: containers, their ports, and lists in those. */
export const POINTER_PLACES_MAX = 4

/** Paths that one JSON patch reads: each is held against each mask. A patch by hand reads a few. */
export const PATCH_READINGS_MAX = 1024
