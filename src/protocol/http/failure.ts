import { ChaperoneError } from '../../core/errors.ts'

/** A message that two readers could take differently, or that breaks the protocol. */
export function violation(what: string, hint?: string): ChaperoneError {
  return new ChaperoneError('PROTOCOL_VIOLATION', what, {
    hint: hint ?? 'Send HTTP as RFC 9112 and RFC 9113 write it.',
  })
}

export function unsupported(what: string, hint: string): ChaperoneError {
  return new ChaperoneError('PROTOCOL_UNSUPPORTED', what, { hint })
}

export function tooLarge(what: string, hint: string): ChaperoneError {
  return new ChaperoneError('MESSAGE_TOO_LARGE', what, { hint })
}

export function tooSlow(what: string): ChaperoneError {
  return new ChaperoneError('PROTOCOL_TIMEOUT', what, { hint: 'Try again on a faster connection.' })
}

/** The target broke the protocol. Agents read this; what exactly it was is for the log. */
export function targetViolation(what: string): ChaperoneError {
  return new ChaperoneError('TARGET_PROTOCOL', `The target's answer cannot be read: ${what}.`, {
    hint: "Tell the gateway's operator.",
  })
}

export function targetLost(what: string): ChaperoneError {
  return new ChaperoneError('TARGET_LOST', what, {
    hint: 'Look whether the request took effect before you repeat it.',
  })
}

export function memoryUsedUp(): ChaperoneError {
  return new ChaperoneError('MEMORY_LIMIT', 'Too much waits for you in memory already.', {
    hint: 'Finish what is under way, or send less at once, and try again.',
  })
}
