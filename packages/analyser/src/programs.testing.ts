import fc from 'fast-check'

/** A program: texts by path. */
export type Files = Readonly<Record<string, string>>

const names = ['a', 'b', 'c', 'items', 'value', 'req', 'dir'] as const
const name: fc.Arbitrary<string> = fc.constantFrom(...names)
const label = fc.nat()
const field: fc.Arbitrary<string> = fc.constantFrom('id', 'name', 'query', 'body', 'data', 'length', '__proto__', 'constructor', '0')
const modules = ['./m0', './m1', './m2', './m3'] as const
const oneOf = (...texts: readonly string[]) => fc.constantFrom(...texts)

interface Grammar {
  readonly expression: string
  readonly condition: string
  readonly statement: string
  readonly block: string
  readonly func: string
}

const joined = (parts: TemplateStringsArray, ...inner: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> => fc.tuple(...inner).map((texts) => parts.reduce((text, part, index) => text + part + (texts[index] ?? ''), ''))

/** Expressions and statements that hold each other: sources, sinks, guards, closures, classes, promises, loops, patterns. */
const { statement, func } = fc.letrec<Grammar>((tie: fc.LetrecTypedTie<Grammar>) => {
  const expression = tie('expression')
  const condition = tie('condition')
  const block = tie('block')
  const inner = tie('func')
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      name,
      oneOf(`'text'`, '1', 'null', 'true', '/^[a-z]+$/', '[]', '{}', 'this', 'arguments[0]', 'process.argv[2]', 'process.env.HOME', 'req.query.dir', 'req.body', 'req.headers.host', 'location.hash'),
      joined`${expression}.${oneOf('id', 'name', 'query', 'body', 'data', 'length')}`,
      joined`${expression}[${expression}]`,
      joined`${expression} + ${expression}`,
      joined`\`\${${expression}}-\${${expression}}\``,
      joined`${name}(${expression})`,
      joined`(await ${expression})`,
      joined`${expression}.${oneOf('trim', 'split', 'map', 'forEach', 'then', 'replace', 'join', 'push', 'includes', 'test', 'call', 'bind', 'apply')}(${expression})`,
      joined`[${expression}, ...${expression}]`,
      joined`{ ${field}: ${expression}, ...${expression} }`.map((text) => `(${text})`),
      joined`(${condition} ? ${expression} : ${expression})`,
      joined`(${expression} ${oneOf('||', '&&', '??')} ${expression})`,
      joined`(${name} = ${expression})`,
      joined`new Promise((resolve) => resolve(${expression}))`,
      joined`Object.assign(${expression}, ${expression})`,
      joined`JSON.parse(${expression})`,
      joined`new (class extends ${name} { id = ${name}; async run(value) ${block} })(${expression})`,
      inner,
    ),
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      joined`${name}`,
      joined`/^[a-z]+$/.test(${expression})`,
      joined`['a', 'b'].includes(${expression})`,
      joined`${expression}.includes(${expression})`,
      joined`typeof ${expression} === 'string'`,
      joined`${expression} === '__proto__'`,
      joined`${name}(${expression})`,
      joined`await ${name}(${expression})`,
      joined`!(${condition})`,
      joined`(${condition} && ${condition})`,
      joined`(${condition} || ${condition})`,
      joined`${name} in ${expression}`,
      joined`${expression}.startsWith(${expression})`,
      joined`${expression}.length < 10`,
    ),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      joined`${expression}`.map((text) => `;(${text})`),
      joined`var ${name} = ${expression}`,
      joined`{ const { ${name}: inner, ...others } = ${expression}; ${expression}; other(inner, others) }`,
      joined`var [${name}, ${name} = ${expression}] = ${expression}`,
      joined`if (${condition}) ${block} else ${block}`,
      joined`if (!(${condition})) return ${expression}`,
      joined`if (${condition}) throw ${expression}`,
      joined`for (const ${name} of [].concat(${expression})) ${block}`,
      joined`for (var ${name} in ${expression}) ${block}`,
      joined`while (${condition}) { ${expression}; break }`,
      fc.tuple(label, block, condition, block).map(([to, before, test, after]) => `l${to}: { ${before} if (${test}) break l${to}; ${after} }`),
      fc.tuple(label, condition).map(([to, test]) => `l${to}: for (;;) { for (;;) { if (${test}) continue l${to}; else break l${to} } }`),
      joined`switch (${expression}) { case 'a': ${block} break; case '__proto__': return; default: ${block} }`,
      joined`try ${block} catch (error) ${block} finally ${block}`,
      joined`${name}.${oneOf('id', 'name', 'run', 'prototype')} = ${expression}`,
      joined`${name}[${expression}] = ${expression}`,
      joined`${name}.on('event', ${inner})`,
      joined`${name}.emit('event', ${expression})`,
      joined`require('child_process').exec(${expression})`,
      joined`require('fs').readFile(${expression}, ${inner})`,
      joined`require('mysql').createConnection({}).query(${expression})`,
      joined`document.body.innerHTML = ${expression}`,
      joined`fetch(${expression}).then(${inner})`,
      joined`res.redirect(${expression})`,
      joined`eval(${expression})`,
      joined`return ${expression}`,
      joined`${name} = require('${oneOf(...modules, 'express', 'lodash', 'unknown')}').${name}`,
      joined`require('express')().get('/', ${inner})`,
      joined`class Box { constructor(value) { this.value = ${name} } static async make(value) ${block} async ${name}() ${block} get first() { return this.${name} } }`.map((text) => `{ ${text} }`),
    ),
    block: fc.array(tie('statement'), { maxLength: 3, depthIdentifier: 'block', size: 'small' }).map((statements) => `{ ${statements.join('\n')} }`),
    func: fc.oneof(joined`(async (${name}, res) => ${block})`, joined`(async function (req, res) ${block})`, joined`(async ({ ${name}: req }, ...rest) => ${block})`, joined`(async (req) => ${expression})`, joined`(async function* (value) ${block})`),
  }
})

const declarations = `const ${names.filter((one) => one !== 'req').join(' = 1, ')} = 1\n`.replaceAll('const ', 'var ')

const file = fc.tuple(fc.array(statement, { minLength: 1, maxLength: 5 }), fc.array(fc.tuple(name, func), { maxLength: 3 })).map(([statements, exported]) => `${declarations}async function main(req, res) {\n${statements.join('\n')}\n}\n${exported.map(([key, value]) => `exports.${key} = ${value}`).join('\n')}\nmodule.exports.main = main\n`)

/** Several modules that load each other, in cycles too. */
export const programs: fc.Arbitrary<Files> = fc.array(file, { minLength: 1, maxLength: 4 }).map((texts) => Object.fromEntries(texts.map((text, index) => [`m${index}.js`, text])))
