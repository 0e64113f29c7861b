/** `1 finding`, `2,000 findings`. Regular plurals; any other is given. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString('en')} ${amount === 1 ? noun : plural}`
}
