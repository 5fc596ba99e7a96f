import type { Clock } from '../../src/core/clock.ts'
import type { TokenSpec } from './claims.ts'
import type { App, Directory, User } from './directory.ts'
import type { SigningKeys } from './keys.ts'

/** What every endpoint works on. */
export interface State {
  readonly tenant: string
  readonly clock: Clock
  readonly directory: Directory
  readonly keys: SigningKeys
  readonly grants: Grants
  /** Where the emulator answers; known once it listens. */
  url: string
  /** The app that the managed identity endpoints speak for, and App Service's header secret. */
  managedIdentity: App | undefined
  readonly identityHeader: string
}

interface Grants {
  readonly devices: Map<string, DeviceGrant>
  readonly codes: Map<string, CodeGrant>
  readonly refreshTokens: Map<string, RefreshGrant>
}

interface DeviceGrant {
  readonly userCode: string
  readonly clientId: string
  readonly scope: string
  readonly expiresAt_ms: number
  answer: User | 'declined' | undefined
}

interface CodeGrant {
  readonly clientId: string
  readonly scope: string
  readonly redirectUri: string
  readonly challenge: string
  readonly nonce: string | undefined
  readonly user: User
}

interface RefreshGrant {
  readonly clientId: string
  readonly scope: string
  readonly user: User
}

export type IssueToken = (spec: TokenSpec) => Promise<string>
