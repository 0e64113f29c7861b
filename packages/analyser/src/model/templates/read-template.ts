import { readEjs } from './ejs.ts'
import { readHandlebars } from './handlebars.ts'
import { readNunjucks } from './nunjucks.ts'
import { readPug } from './pug.ts'
import { TemplateScript } from './template-script.ts'

/** The function that a template is; its parameter holds what it is given. */
export const templateFunction = '$$template'

type Reader = (text: string, script: TemplateScript) => void

const readers: readonly (readonly [RegExp, Reader])[] = [
  [/\.ejs$/i, (text, script) => readEjs(text, script, false)],
  [/\.eta$/i, (text, script) => readEjs(text, script, true)],
  [/\.(?:pug|jade)$/i, readPug],
  [/\.(?:hbs|handlebars)$/i, (text, script) => readHandlebars(text, script, false)],
  [/\.mustache$/i, (text, script) => readHandlebars(text, script, true)],
  [/\.(?:njk|nunjucks|swig|twig)$/i, (text, script) => readNunjucks(text, script, true)],
  // Liquid escapes nothing by itself.
  [/\.liquid$/i, (text, script) => readNunjucks(text, script, false)],
]

export const isTemplate = (path: string): boolean => readers.some(([pattern]) => pattern.test(path))

/** A template of a server as JavaScript; undefined where the file is none. Every reader's time is linear in the text. */
export function readTemplate(path: string, text: string): TemplateScript | undefined {
  const reader = readers.find(([pattern]) => pattern.test(path))?.[1]
  if (!reader) return undefined
  const script = new TemplateScript(text)
  script.write(`function ${templateFunction}(locals) { ${/\.eta$/i.test(path) ? 'const it = locals;' : ''}\n`)
  reader(text, script)
  script.write('\n}\n')
  return script
}
