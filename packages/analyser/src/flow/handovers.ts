import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import type { Program, ProgramCall } from './program.ts'

/** Which argument becomes which parameter, and how. */
export function handovers({ functions, calls, fieldId, constants }: Program, index: number, target: number): { argument: number; position: number; kind: EdgeKind; data: number; to: number; parameter: number }[] {
  const fn = functions[target]!
  const { kind, spread, args } = handedOver(calls[index]!, fn.name, constants)
  const call = { kind, spread, args }
  const result: ReturnType<typeof handovers> = []
  const element = (position: number) => fieldId(String(position)) ?? 0
  const give = (argument: number, position: number, parameter: number, spreadFrom: number) => {
    const to = fn.params[parameter]
    if (to === undefined) return
    if (spreadFrom >= 0) result.push({ argument, position, kind: parameter === fn.rest ? edgeKinds.copy : edgeKinds.load, data: parameter === fn.rest ? 0 : element(parameter - spreadFrom), to, parameter })
    else if (parameter === fn.rest) result.push({ argument, position, kind: edgeKinds.store, data: element(position - fn.rest), to, parameter })
    else result.push({ argument, position, kind: edgeKinds.copy, data: 0, to, parameter })
  }
  if (call.kind === 'apply') {
    const [list] = call.args
    if (list !== undefined) {
      for (const parameter of fn.params.keys()) give(list, 0, parameter, 0)
      if (fn.args >= 0) result.push({ argument: list, position: 0, kind: edgeKinds.copy, data: 0, to: fn.args, parameter: -1 })
    }
    return result
  }
  for (const [position, argument] of call.args.entries()) {
    if (call.spread >= 0 && position >= call.spread) {
      for (let parameter = call.spread; parameter < fn.params.length; parameter += 1) give(argument, position, parameter, call.spread)
      if (fn.args >= 0) result.push({ argument, position, kind: edgeKinds.copy, data: 0, to: fn.args, parameter: -1 })
    } else {
      give(argument, position, fn.rest >= 0 ? Math.min(position, fn.rest) : position, -1)
      if (fn.args >= 0 && position >= fn.params.length) result.push({ argument, position, kind: edgeKinds.store, data: element(position), to: fn.args, parameter: -1 })
    }
  }
  return result
}

/** `emit('saved', file)` hands over what stands behind the name of the event. */
function handedOver(call: ProgramCall, name: string, constants: Program['constants']): Pick<ProgramCall, 'kind' | 'spread' | 'args'> {
  if (call.name !== 'emit' || name === 'emit' || call.kind !== 'call' || typeof constants.get(call.args[0] ?? -1) !== 'string') return call
  return { kind: call.kind, spread: call.spread < 0 ? -1 : Math.max(0, call.spread - 1), args: call.args.slice(1) }
}
