import { isMainThread, Worker } from 'node:worker_threads'

type Nesting = (count: number) => string

/** In lines, as in a minified file there are none. */
const around = (open: string, inner: string, close: string): Nesting => (count) => `${open.repeat(50)}\n`.repeat(count / 50) + inner + close.repeat(count)
const within = (before: string, nesting: Nesting, after = ''): Nesting => (count) => before + nesting(count) + after
const value = (open: string, inner = '1', close = '') => within('x = ', around(open, inner, close))
const type = (open: string, inner = 'B', close = '') => within('type X = ', around(open, inner, close))

/** Programs that are nested as deeply as is asked for, each in another way. The name's extension says how they are read. */
export const nestings: Readonly<Record<string, Nesting>> = {
  'parentheses.ts': value('(', '1', ')'),
  'arrays.ts': value('[', '1', ']'),
  'spread arrays.ts': value('[...', 'a', ']'),
  'objects.ts': value('{ a: ', '1', ' }'),
  'blocks.ts': around('{', '', '}'),
  'templates.ts': value('`${', '1', '}`'),
  'brackets between strings.js': value(`")" + (`, '1', ')'),
  'brackets between comments.js': value('/* ) */ (', '1', ')'),
  'brackets between line comments.js': value('// )\n(', '1', ')'),
  'brackets between expressions.js': value('/[)/]/.a + (', '1', ')'),
  'brackets between templates.js': value('`)` + (', '1', ')'),
  'brackets behind an apostrophe.jsx': value(`<a>it's {(`, '1', ')}</a>'),
  'not.ts': value('!'),
  'minus.ts': value('- '),
  'typeof.ts': value('typeof '),
  'delete.ts': value('delete '),
  'await.ts': within('async function f() { ', around('await ', '1', ''), ' }'),
  'yield.ts': within('function* f() { ', around('yield ', '1', ''), ' }'),
  'new.ts': value('new ', 'X'),
  'conditions to the right.ts': value('a ? b : '),
  'conditions to the right, in lines.ts': value('a\n? b\n: '),
  'conditions to the left.ts': value('a ? ', 'b', ' : c'),
  'arrow functions.ts': value('a => '),
  'arrow functions of parentheses.ts': value('(a) => '),
  'arrow functions with bodies.ts': value('() => {', '', '}'),
  'functions.js': around('function f() {', '', '}'),
  'calls of functions.js': around('(function () {', '', '})()'),
  'classes.ts': value('class { a = ', '1', '}'),
  'elements.jsx': value('<a>', '', '</a>'),
  'elements with text in lines.jsx': value('<a>b\nc', '', '</a>'),
  'fragments.jsx': value('<>', '', '</>'),
  'elements in attributes.jsx': value('<a b={', '1', '} />'),
  'members of elements.jsx': within('x = <', around('a.', 'b', ''), ' />'),
  'types.ts': type('A<', 'B', '>'),
  'arrays of types.ts': (count) => `type X = A${'[]'.repeat(count)}`,
  'conditional types.ts': type('A extends B ? C : '),
  'keyof.ts': type('keyof '),
  'function types.ts': type('() => '),
  'object types.ts': type('{ a: ', 'B', ' }'),
  'tuples.ts': type('[', 'B', ']'),
  'text types.ts': type('`${', 'B', '}`'),
  'unions.ts': type('A | '),
  'assertions.ts': value('<A>'),
  'arguments of types.ts': within('', around('a<', 'b', '>'), '()'),
  'as.ts': (count) => `x${' as A'.repeat(count)}`,
  'not null.ts': (count) => `x${'!'.repeat(count)}`,
  'else if.js': around('if (a) b; else ', 'c', ''),
  'else if with braces.js': around('if (a) { b } else ', '{ c }', ''),
  'if.js': around('if (a) ', 'b', ''),
  'if in lines.js': around('if (a)\n', 'b', ''),
  'while.js': around('while (a) ', 'b', ''),
  'for.js': around('for (;;) ', 'b', ''),
  'do.js': around('do ', 'a', '\nwhile (b)'),
  'with.js': around('with (a) ', 'b', ''),
  'try.js': around('try {', '', '} finally {}'),
  'switch.js': around('switch (a) { case 1: ', '', '}'),
  'labels.js': (count) => `${Array.from({ length: count }, (_, index) => `l${index}: ${index % 50 === 0 ? '\n' : ''}`).join('')}b`,
  'labels in lines.js': (count) => `${Array.from({ length: count }, (_, index) => `l${index}:\n`).join('')}b`,
  'a sum.js': value('a + ', 'b'),
  'powers.js': value('a ** ', 'b'),
  'assignments.js': around('a = ', 'b', ''),
  'assignments in lines.js': around('a =\n', 'b', ''),
  'and.js': value('a && ', 'b'),
  'or else.js': value('a ?? ', 'b'),
  'commas.js': value('a, ', 'b'),
  'members.js': within('x', around('.a', '', '')),
  'optional members.js': within('x', around('?.a', '', '')),
  'calls.js': within('x', around('()', '', '')),
  'chains.js': within('x', around('.a()', '', '')),
  'elements by number.js': within('x', around('[0]', '', '')),
  'tags.js': within('x', around('``', '', '')),
  'patterns.js': within('const ', around('[', 'a', ']'), ' = 1'),
  'patterns with defaults.js': within('const ', around('{ a: ', 'b', ' = 1 }'), ' = 1'),
  'imports.js': value('import(', 'a', ')'),
  'namespaces.ts': within('namespace ', around('a.', 'b', ''), ' {}'),
  'namespaces in namespaces.ts': around('namespace a {', '', '}'),
  'decorators.ts': around('@a ', 'class X {}', ''),
  // In one line, as it must stand, and no longer than a line of a file that counts as minified.
  'groups of an expression.js': (count) => `x = /${'('.repeat(Math.min(count, 2000))}a${')'.repeat(Math.min(count, 2000))}/`,
  'scripts.vue': within('<script>x = ', around('(', '1', ')'), '</script>'),
}

const worker = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { modelFile } = await import(workerData.model)
  const { nestings } = await import(workerData.nestings)
  for (const [name, nesting] of Object.entries(nestings))
    for (const count of [100, 2_000, 10_000, 100_000, 1_000_000])
      parentPort.postMessage([name, count, modelFile(name, nesting(count)).problems.map(({ kind }) => kind).join()])
`

// As a program: each kind in a worker, which has the smaller stack. Where a parser overflows it the process ends, and what was said last says at what.
if (isMainThread && process.argv[1] === import.meta.filename) {
  const reader = new Worker(new URL(`data:text/javascript,${encodeURIComponent(worker)}`), { workerData: { model: new URL('model-file.ts', import.meta.url).href, nestings: import.meta.url } })
  reader.on('message', (line) => {
    process.stdout.write(`${JSON.stringify(line)}\n`)
  })
}
