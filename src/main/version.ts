import manifest from '../../package.json' with { type: 'json' }

/** Of this gateway, as records and the API tell it. */
export const VERSION: string = manifest.version
