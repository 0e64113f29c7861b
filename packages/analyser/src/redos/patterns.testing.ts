import fc from 'fast-check'

/** Valid patterns of every kind of syntax, nested, with flags that go with them. */
export const patterns: fc.Arbitrary<[pattern: string, flags: string]> = fc
  .constantFrom('', 'i', 'm', 's', 'u', 'iu', 'v', 'iv', 'y', 'ims')
  .chain((flags) => fc.tuple(pattern(flags), fc.constant(flags)))
  .filter(([source, flags]) => isValid(source, flags))

function isValid(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp
  } catch {
    return false
  }
}

function pattern(flags: string): fc.Arbitrary<string> {
  const unicode = /[uv]/.test(flags)
  const atoms = [
    'a', 'b', 'A', '0', ' ', '-', 'é', '.', '.', String.raw`\w`, String.raw`\W`, String.raw`\s`, String.raw`\S`, String.raw`\d`, String.raw`\n`, '[ab]', '[^a]', '[a-z]', String.raw`[^\s]`, String.raw`[\w-]`, '[^]', '[]',
    ...(unicode ? [String.raw`\p{L}`, String.raw`\P{Lu}`, String.raw`\u{1f600}`, '\u{1f600}', String.raw`[^\u{1f600}]`] : [String.raw`\ud83d`]),
    ...(flags.includes('v') ? ['[[a-z]--b]', String.raw`[\w&&[a-c]]`, String.raw`[\q{ab|ba|}0]`] : []),
  ]
  return fc.letrec<{ choice: string; sequence: string; item: string }>((tie) => ({
    choice: fc.array(tie('sequence'), { minLength: 1, maxLength: 3, depthIdentifier: 'pattern' }).map((parts) => parts.join('|')),
    sequence: fc.array(tie('item'), { maxLength: 4, depthIdentifier: 'pattern' }).map((items) => items.join('')),
    item: fc.oneof(
      { depthIdentifier: 'pattern', maxDepth: 4 },
      { weight: 4, arbitrary: fc.constantFrom(...atoms) },
      { weight: 1, arbitrary: fc.constantFrom('^', '$', String.raw`\b`, String.raw`\B`, String.raw`\1`) },
      { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...atoms), quantifier).map(([atom, times]) => atom + times) },
      { weight: 2, arbitrary: fc.tuple(fc.constantFrom('(', '(?:'), tie('choice'), fc.oneof(fc.constant(''), quantifier)).map(([open, body, times]) => `${open}${body})${times}`) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom('(?=', '(?!', '(?<=', '(?<!'), tie('choice')).map(([open, body]) => `${open}${body})`) },
    ),
  })).choice
}

const quantifier = fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{2,}', '{0,2}?', '{0,40}', '{30,90}?', '{25}')
