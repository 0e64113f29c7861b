import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import type { Program } from './program.ts'

/** Which argument becomes which parameter, and how. */
export function handovers({ functions, calls, fieldId }: Program, index: number, target: number): { argument: number; position: number; kind: EdgeKind; data: number; to: number; parameter: number }[] {
  const call = calls[index]!
  const fn = functions[target]!
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
