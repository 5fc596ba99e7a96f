/** Where the secret that the gateway shows to a target comes from. */
export interface CredentialSource {
  /** The secret as it is now: a password or a token. Rejects with TARGET_CREDENTIAL, never with the secret. */
  fetch(): Promise<string>
}
