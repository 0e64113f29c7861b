export { EmulatorError, emulatorErrorCodes, type EmulatorErrorCode } from './error.ts'
export { startEmulator, type Emulator, type EmulatorOptions } from './emulator.ts'
export type { RuntimeName } from './instances/runtime.ts'
