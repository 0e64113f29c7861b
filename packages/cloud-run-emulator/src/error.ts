/** Every code an `EmulatorError` can carry, with the sentence that explains it. Codes are API: tests and callers name them. */
export const emulatorErrorCodes = {
  'port-taken': 'Another process listens on the port that was asked for.',
  'state-in-use': 'Another emulator works on the same state directory.',
  'state-invalid': 'A file in the state directory is not one that the emulator wrote.',
  'runtime-missing': 'The runtime that was asked for does not work on this machine.',
  'options-invalid': 'The emulator was started with options that it does not understand.',
  'platform-unsupported': 'Images for Linux cannot be run on this operating system.',
} as const satisfies Record<string, string>

export type EmulatorErrorCode = keyof typeof emulatorErrorCodes

/** The only error this library throws on purpose. `message` says what and where, `hint` what to do; names from outside are escaped. */
export class EmulatorError extends Error {
  override readonly name = 'EmulatorError'
  readonly code: EmulatorErrorCode
  readonly hint: string | undefined

  constructor(code: EmulatorErrorCode, message: string, options: { readonly cause?: unknown; readonly hint?: string } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.hint = options.hint
  }
}

/** The code that the system gave an error (`ENOENT`), where there is one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
