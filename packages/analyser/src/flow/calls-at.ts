import type { ProgramCall } from './program.ts'

/** Of each node the calls of it, and the calls that have it for an argument: in lists of numbers, as it is asked for every fact. */
export class CallsAt {
  readonly calleeOffsets: Int32Array
  readonly callees: Int32Array
  readonly argumentOffsets: Int32Array
  /** Two numbers each: the call, and the position. */
  readonly arguments: Int32Array

  constructor(calls: readonly ProgramCall[], nodeCount: number) {
    this.calleeOffsets = new Int32Array(nodeCount + 1)
    this.argumentOffsets = new Int32Array(nodeCount + 1)
    for (const { callee, args } of calls) {
      if (callee >= 0) this.calleeOffsets[callee + 1]! += 1
      for (const argument of args) if (argument >= 0) this.argumentOffsets[argument + 1]! += 2
    }
    for (let node = 0; node < nodeCount; node += 1) {
      this.calleeOffsets[node + 1]! += this.calleeOffsets[node]!
      this.argumentOffsets[node + 1]! += this.argumentOffsets[node]!
    }
    this.callees = new Int32Array(this.calleeOffsets[nodeCount]!)
    this.arguments = new Int32Array(this.argumentOffsets[nodeCount]!)
    const nextCallee = this.calleeOffsets.slice()
    const nextArgument = this.argumentOffsets.slice()
    for (let index = 0; index < calls.length; index += 1) {
      const { callee, args } = calls[index]!
      if (callee >= 0) this.callees[nextCallee[callee]!++] = index
      for (let position = 0; position < args.length; position += 1) {
        const argument = args[position]!
        if (argument < 0) continue
        this.arguments[nextArgument[argument]!++] = index
        this.arguments[nextArgument[argument]!++] = position
      }
    }
  }
}
