/** Thrown inside the analysis where an expression is beyond it or beyond its limits, caught at its entrance: the answer is then `unknown`. */
export class Unsupported extends Error {
  override readonly name = 'Unsupported'
}
