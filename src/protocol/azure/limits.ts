/** Bounds of the Azure parts, with their reasons. */

/** Resource Manager itself refuses larger requests. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024

/** Resources of one template: Azure's own bound is 800. */
export const TEMPLATE_RESOURCES_MAX = 800

/** Requests in one batch: Azure allows 500, Graph 20. */
export const BATCH_REQUESTS_MAX = 500

/** Links that one session was given and may still follow; beyond it the oldest is forgotten. */
export const LINKS_PER_SESSION_MAX = 2_000

/** Sessions whose links are kept at once, and links of all of them: some 200 bytes each. */
export const LINK_SESSIONS_MAX = 4_000
export const LINKS_MAX = 200_000

/** One string inside a JSON answer that is looked at for a link: no link is longer. */
export const LINK_CHARS_MAX = 16_384

/** One answer that cannot be changed while it streams, such as the result of a what-if. */
export const PREVIEW_BYTES_MAX = 8 * 1024 * 1024

/** Times that a what-if is asked whether it is done, and how long between, where it does not say. */
export const PREVIEW_POLLS_MAX = 60
export const PREVIEW_POLL_MS = 2_000
export const PREVIEW_POLL_MS_MAX = 15_000

/** Lines of a what-if that people are shown. */
export const PREVIEW_LINES_MAX = 200

/** Expansions inside one `$expand`, and how deep they may stand in each other. */
export const EXPANDS_MAX = 40
export const EXPAND_DEPTH_MAX = 6

/** One value inside an answer: certificates and scripts are shorter, and it is held whole. */
export const LEAF_BYTES_MAX = 4 * 1024 * 1024

/** Fields that one template may copy; one with more is taken to copy whatever there is. */
export const COPIES_MAX = 2_000

/** Azure's own bound for one expression; longer texts are none, or their references may be of anything. */
export const EXPRESSION_CHARS_MAX = 24_576

/**
 * Characters of texts that are looked at for one template. A template in another one is looked at with
 * each that it lies in, so that depth times size is what it costs: about 0.1 s a MiB.
 */
export const TEMPLATE_CHARS_MAX = 5 * 1024 * 1024

/** References of one expression that are looked at one by one; each is followed to its end. */
export const REFERENCES_MAX = 20
