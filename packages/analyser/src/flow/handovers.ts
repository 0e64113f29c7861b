import { edgeKinds, type EdgeKind } from '../model/file-model.ts'
import type { Program } from './program.ts'

/** Calls back with which argument becomes which parameter, and how: once for each, without making a list of them. */
export function eachHandover({ functions, calls, fieldId, constants }: Program, index: number, target: number, visit: (argument: number, to: number, kind: EdgeKind, data: number) => void): void {
  const fn = functions[target]!
  const call = calls[index]!
  const { params, rest } = fn
  const element = (position: number) => fieldId(String(position)) ?? 0
  const give = (argument: number, position: number, parameter: number, spreadFrom: number) => {
    const to = params[parameter]
    if (to === undefined) return
    if (spreadFrom >= 0) visit(argument, to, parameter === rest ? edgeKinds.copy : edgeKinds.load, parameter === rest ? 0 : element(parameter - spreadFrom))
    else if (parameter === rest) visit(argument, to, edgeKinds.store, element(position - rest))
    else visit(argument, to, edgeKinds.copy, 0)
  }
  if (call.kind === 'apply') {
    const [list] = call.args
    if (list !== undefined) {
      for (let parameter = 0; parameter < params.length; parameter += 1) give(list, 0, parameter, 0)
      if (fn.args >= 0) visit(list, fn.args, edgeKinds.copy, 0)
    }
    return
  }
  // `emit('saved', file)` hands over what stands behind the name of the event.
  const first = call.name === 'emit' && fn.name !== 'emit' && call.kind === 'call' && typeof constants.get(call.args[0] ?? -1) === 'string' ? 1 : 0
  const spread = call.spread < 0 ? -1 : Math.max(0, call.spread - first)
  for (let at = first; at < call.args.length; at += 1) {
    const argument = call.args[at]!
    const position = at - first
    if (spread >= 0 && position >= spread) {
      for (let parameter = spread; parameter < params.length; parameter += 1) give(argument, position, parameter, spread)
      if (fn.args >= 0) visit(argument, fn.args, edgeKinds.copy, 0)
    } else {
      give(argument, position, rest >= 0 ? Math.min(position, rest) : position, -1)
      if (fn.args >= 0 && position >= params.length) visit(argument, fn.args, edgeKinds.store, element(position))
    }
  }
}
