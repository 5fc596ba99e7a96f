import type { Json } from '../../json.ts'

/** Where a template's resources go, and what its expressions may stand for. */
export interface TemplateScope {
  /** Object of the deployment's scope: a resource group, a subscription, the tenant (empty). */
  readonly object: readonly string[]
  /** Parameters whose value is a plain text, by name in small letters. */
  readonly parameters: ReadonlyMap<string, string>
  /** Parameters as they were given to the whole deployment. */
  readonly given?: Json | undefined
}

/** A template, and where its resources go. */
export interface Level {
  readonly template: Json
  readonly scope: TemplateScope
  /** Its expressions are worked out in the template around it, and what comes out of them is again. */
  readonly isAgain: boolean
  /** Counts characters that are looked at; throws Unreadable once they are too many. */
  readonly charge: (characters: number) => void
}
