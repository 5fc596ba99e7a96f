/** Why a body cannot be taken apart, in words. */
export class Unreadable extends Error {}
