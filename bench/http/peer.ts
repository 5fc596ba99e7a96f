/** One way to the files: straight, or through a process in between. */
export interface HttpPeer {
  readonly name: string
  /** Of the folder that holds the files; TLS, but for `kubectl proxy`, which has none. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly largeBytes: number
  /** The process in between, whose CPU counts. */
  readonly pid?: number
}
