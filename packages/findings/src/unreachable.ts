/** The compiler proves that a union is exhausted: a new member makes every `switch` that ends here fail to compile. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
