import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseShell, type ShellCommand } from './shell-words.ts'

const words = (text: string) => parseShell(text).commands.map((command) => command.words.map((word) => word.text))

test('separates commands at every operator of the shell', () => {
  expect(words('a 1 && b || c ; d & e | f |& g\nh')).toEqual([['a', '1'], ['b'], ['c'], ['d'], ['e'], ['f'], ['g'], ['h']])
})

test('keeps operators in quotes and behind a backslash', () => {
  expect(words(`echo 'a && b' "c | d; \\"e\\"" f\\;g\\ h "i"'j'`)).toEqual([['echo', 'a && b', 'c | d; "e"', 'f;g h', 'ij']])
})

test('takes a comment to the end of its line, and a # within a word as it is', () => {
  expect(words('a # b && c\nd#e "#f"')).toEqual([['a'], ['d#e', '#f']])
})

test('leaves words of the grammar out of commands', () => {
  expect(words('if ! a; then { b; } else (c d); fi; while e; do f; done')).toEqual([['a'], ['b'], ['c', 'd'], ['e'], ['f']])
  expect(words('case "$x" in a|b) c ;; *) d && e ;; esac; f')).toEqual([['case', '$x', 'in', 'a'], ['c'], ['d'], ['e'], ['f']])
  expect(words('f() { a; }; f')).toEqual([['a'], ['f']])
})

test('tells assignments and redirections from words', () => {
  const [command] = parseShell('A=1 B="2 3" run >out 2>&1 <in x=y &>>both').commands
  expect(command?.assignments.map(({ text }) => text)).toEqual(['A=1', 'B=2 3'])
  expect(command?.words.map(({ text }) => text)).toEqual(['run', 'x=y'])
  expect(command?.redirections.map(({ operator, target }) => [operator, target.text])).toEqual([['>', 'out'], ['>&', '1'], ['<', 'in'], ['&>>', 'both']])
})

test('finds the commands in substitutions, however they are written', () => {
  const inner = (text: string) => parseShell(text).commands.flatMap((command) => command.words.flatMap((word) => word.substitutions.map((some) => some.words[0]?.text)))
  expect(inner('a $(b | c) "x$(d "$(e)")y" `f; g` <(h) ${i:-$(j)}')).toEqual(['b', 'c', 'd', 'f', 'g', 'h', 'j'])
  expect(inner(`a '$(b)' \\$(c)`)).toEqual([])
  expect(inner('a $((1 + 2)) $(case x in y) z;; esac)')).toEqual(['z'])
})

test('knows what is piped into a command', () => {
  const sources = (text: string) => parseShell(text).commands.map(({ pipedFrom }) => pipedFrom?.words[0]?.text)
  expect(sources('a | b && c | d | e')).toEqual([undefined, 'a', undefined, 'c', 'd'])
  expect(sources('{ a; b; } | c; (d) | e')).toEqual([undefined, undefined, 'b', undefined, 'd'])
})

test('takes a here-document as input and not as commands', () => {
  const { commands } = parseShell("cat <<'A' <<-B\none && two\nA\n\tthree\n\tB\nfour")
  expect(commands.map((command) => command.words[0]?.text)).toEqual(['cat', 'four'])
  expect(commands[0]?.hereDocuments.map(({ text }) => text)).toEqual(['one && two\n', '\tthree\n'])
})

test('says so where it has not looked at everything', () => {
  expect(parseShell('$('.repeat(30)).isWhole).toBe(true)
  expect(parseShell('$('.repeat(60)).isWhole).toBe(false)
  expect(parseShell('${a:-'.repeat(60)).isWhole).toBe(false)
})

test('ends on any text, with places that are in it and in order', () => {
  const piece = fc.constantFrom('a', ' ', '\n', '\\', '"', "'", '`', '$(', '${', '$((', ')', '))', '}', '(', '<(', '<<E', '<<-E', 'E', '>', '2>&1', '|', '&&', ';', ';;', '#', 'case ', ' in ', 'esac', '=', '\r\n', '\v', '\u00a0', '🚢')
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
      const text = pieces.join('')
      const check = (commands: readonly ShellCommand[]) => {
        for (const { start, end, words: all, redirections, assignments } of commands) {
          expect(start).toBeLessThanOrEqual(end)
          expect(end).toBeLessThanOrEqual(text.length)
          for (const word of [...all, ...assignments, ...redirections.map(({ target }) => target)]) {
            expect(word.start).toBeLessThanOrEqual(word.end)
            expect(word.end).toBeLessThanOrEqual(text.length)
            check(word.substitutions)
          }
        }
      }
      check(parseShell(text).commands)
    }),
    { numRuns: 2000 },
  )
})

test('gives back words that were quoted as they were', () => {
  const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }), (given) => {
      expect(words(['run', ...given.map(quote)].join(' '))).toEqual([['run', ...given]])
    }),
  )
})
