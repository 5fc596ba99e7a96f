import type { Command } from 'commander'
import { z } from 'zod'
import { safe } from '../../core/safe-text.ts'
import { read } from '../common/answer.ts'
import { contextOf } from '../common/context.ts'
import type { Io } from '../common/io.ts'
import { facts } from '../common/text.ts'
import { createTokenStore } from '../common/token-store.ts'
import { signIn } from '../signing-in/device-code.ts'

const signInSchema = z.object({ issuer: z.string(), clientId: z.string(), scope: z.string() })

const meSchema = z.object({
  name: z.string(),
  tenant: z.string(),
  objectId: z.string(),
  roles: z.array(z.string()),
  groups: z.array(z.string()),
})

/** `login`, `logout`, `whoami`: for people. */
export function personCommands(program: Command, io: Io): void {
  program
    .command('login')
    .description('sign in as a person, by device code')
    .action(async (_options, command: Command) => {
      const context = contextOf(command, io)
      const api = context.api()
      const signInFacts = read(signInSchema, await api.call('GET', '/v1/sign-in'))
      const kept = await signIn(signInFacts, api.ca, io)
      const me = await api.call('GET', '/v1/me', { token: kept.token })
      createTokenStore(io.folder).set(api.address, kept)
      context.show(me, () => `Signed in as ${safe(read(meSchema, me).name)}\n`)
    })

  program
    .command('logout')
    .description('forget the sign-in')
    .action((_options, command: Command) => {
      const context = contextOf(command, io)
      const was = createTokenStore(io.folder).delete(context.api().address)
      context.show({ signedOut: was }, () => (was ? 'Signed out\n' : 'You were not signed in\n'))
    })

  program
    .command('whoami')
    .description('say who you are to the gateway')
    .action(async (_options, command: Command) => {
      const context = contextOf(command, io)
      const answer = await context.call('GET', '/v1/me')
      context.show(answer, () => {
        const me = read(meSchema, answer)
        return facts([
          ['name', me.name],
          ['object id', me.objectId],
          ['tenant', me.tenant],
          ['roles', me.roles.join(', ') || 'none'],
          ['groups', me.groups.join(', ') || 'none'],
        ])
      })
    })
}
