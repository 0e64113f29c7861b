import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findComments } from './comments.ts'

const textsIn = async (path: string, text: string) => (await findComments(path, text)).map((comment) => comment.text.trim())

describe('a comment is told from a string by the syntax of the file', () => {
  test.each([
    ['a.ts', `const a = "// no"; const b = '/* no */' // yes\nconst c = \`\n// no\n\`\n/* yes */`, ['yes', 'yes']],
    ['a.tsx', 'const a = <p>// no{/* yes */}</p>', ['yes']],
    ['a.js', 'const a = /["]/ // yes', ['yes']],
    ['not-parsable.ts', 'const = = "// no" // yes', ['yes']],
    ['a.yaml', 'a: "# no"\nb: c#no # yes\n# yes', ['yes', 'yes']],
    ['Dockerfile', 'RUN echo # no\n# yes\nRUN <<EOF\n# no\nEOF\n  # yes', ['yes', 'yes']],
    ['app/Dockerfile.prod', '# yes', ['yes']],
    ['main.tf', 'a = "# no" # yes\n// yes\n/* yes */\nb = <<-EOT\n  # no\n  EOT\n# yes', ['yes', 'yes', 'yes', 'yes']],
    ['a.py', `x = '# no'# yes\n"""\n# no\n"""`, ['yes']],
    ['a.go', 'a := `\n// no\n` // yes', ['yes']],
    ['a.sh', "echo $# '# no' # yes\ncat <<EOF\n# no\nEOF\n# yes", ['yes', 'yes']],
    ['a.sql', "select '-- no', '/* no\n-- no */' -- yes", ['yes']],
    ['a.html', '<p title="x"><!-- yes --></p>', ['yes']],
    ['a.css', 'a { content: "/* no */" } /* yes */', ['yes']],
    ['a.md', '<!-- yes -->\n`<!-- no -->`\n```html\n<!-- no -->\n```', ['yes']],
    ['a.vue', '<!-- yes -->\n<script>\n// yes\n</script>', ['yes', 'yes']],
    ['a.ejs', '<%# yes %><p>// no</p><% const a = "<%" // no %><!-- yes -->', ['yes', 'yes']],
    ['a.hbs', '{{!-- yes }} yes --}}{{! yes }}{{name}}', ['yes }} yes', 'yes']],
    ['a.njk', '{# yes #}{{ a }}', ['yes']],
    ['a.pug', 'p text // yes\n//- yes\na(href="http://no")', ['yes', 'yes']],
    ['tsconfig.build.json', '{ // yes\n "a": "// no" }', ['yes']],
    ['package.json', '// no', []],
    ['a.unknown', '// no # no', []],
    ['a.ts', 'a() /* no end', ['no end']],
  ])('%s: %j', async (path, text, expected) => {
    expect(await textsIn(path, text)).toEqual(expected)
  })
})

test('says on which lines a comment is and whether it stands alone, with either line end', async () => {
  for (const end of ['\n', '\r\n']) {
    const text = ['a() // one', '  // two', '/* three', '*/', 'b()'].join(end)
    expect((await findComments('a.ts', text)).map(({ startLine, endLine, standsAlone }) => [startLine, endLine, standsAlone])).toEqual([
      [1, 1, false],
      [2, 2, true],
      [3, 4, true],
    ])
  }
})

test('no text of any kind of file makes it throw, and what it finds is in the file', async () => {
  const pieces = fc.array(fc.constantFrom('"', "'", '`', '//', '/*', '*/', '#', '--', '<!--', '-->', '<<EOF', 'EOF', '\\', '\n', ' ', 'a', '${', '}'))
  const paths = fc.constantFrom('a.ts', 'a.yaml', 'Dockerfile', 'a.tf', 'a.sql', 'a.md', 'a.vue', 'a.py', 'a.css')
  await fc.assert(
    fc.asyncProperty(paths, fc.oneof(pieces.map((some) => some.join('')), fc.string()), async (path, text) => {
      const lines = text.split('\n').length
      for (const comment of await findComments(path, text)) {
        expect(text).toContain(comment.text)
        expect(comment.startLine).toBeLessThanOrEqual(comment.endLine)
        expect(comment.endLine).toBeLessThanOrEqual(lines)
      }
    }),
  )
})

test('a long file of quotes takes a moment, not minutes', async () => {
  for (const path of ['a.yaml', 'a.tf', 'a.vue', 'Dockerfile']) await findComments(path, `${'"\'`<<A '.repeat(50_000)}\n${'<<EOF\n'.repeat(20_000)}`)
})
