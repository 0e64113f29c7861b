import type { CallbackModel, CallModel } from '../models/shape.ts'
import type { ProgramCall, ProgramFunction } from './program.ts'

/** `noop.exec = noop`: it takes nothing of what it is given, and stands where the real one is not wanted. */
export const isStandIn = ({ params, args }: ProgramFunction, call: ProgramCall) => call.args.length > 0 && params.length === 0 && args < 0

export const isMeant = ({ arg }: CallbackModel, position: number, count: number) => arg === 'any' || (arg < 0 ? position === count + arg : position === arg)

export const isGetter = ({ most, only }: NonNullable<CallModel['getter']>, count: number, first: unknown) => count <= most && (only === undefined || (typeof first === 'string' && only.some((name) => (name.endsWith('*') ? first.startsWith(name.slice(0, -1)) : first === name))))
