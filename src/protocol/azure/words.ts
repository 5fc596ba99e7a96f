/**
 * Accesses beside the operation's own name, so that a policy can speak of a danger in one word. They
 * are required as all others are: an allow of `Microsoft.Storage/*` does not give keys.
 */
export const SECRETS_READ = 'azure.secrets.read'
/** Gives whoever does it, or somebody else, more than they have. */
export const ESCALATE = 'azure.escalate'
/** A POST that the gateway does not know: what it does or returns is anybody's guess. */
export const UNLISTED = 'azure.unlisted'
/** A deployment that deletes whatever its template does not name. */
export const DEPLOYMENT_COMPLETE = 'azure.deployment.complete'
/** An expression in a template reads something, and it cannot be told what. */
export const REFERENCE = 'azure.reference'
/** Asks how something goes that this session began. */
export const POLL = 'azure.poll'
