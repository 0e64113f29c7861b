import { readFileSync, readdirSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { defineConfig, type Plugin } from 'rolldown'

const staticFolder = new URL('./src/public/', import.meta.url)

/** `public/` beside the bundle, as it is beside `src/server.ts`. */
const staticFiles: Plugin = {
  name: 'static-files',
  buildStart() {
    for (const name of readdirSync(staticFolder).toSorted()) {
      this.emitFile({ type: 'asset', fileName: `public/${name}`, source: readFileSync(new URL(name, staticFolder)) })
    }
  },
}

/** What Fastify can do and this service never asks it to; asked for after all, each says so. More than half of what the bundle would be. */
const leftOut = new Map([
  ['node:http2', 'TLS and HTTP/2 end in front of this service'],
  ['node:https', 'TLS and HTTP/2 end in front of this service'],
  ['pino', 'src/observability/log.ts writes the log'],
  ['@fastify/ajv-compiler', 'no route has a schema: app.ts sets the compilers'],
  ['@fastify/fast-json-stringify-compiler', 'no route has a schema: app.ts sets the compilers'],
  ['light-my-request', 'only tests inject requests'],
])

/**
 * Loads only what is needed. Importing a module of Node's own as ECMAScript module reads every property of it, and for
 * node:http that loads the whole of fetch and WebSocket: longer than all else at start together. Taken by
 * `process.getBuiltinModule` a property is read when it is used.
 */
const loadLess: Plugin = {
  name: 'load-less',
  // rolldown's own first lines need node:module before any module is set up.
  resolveId: (source) => (source !== 'node:module' && (leftOut.has(source) || isBuiltin(source)) ? `\0less:${source}` : null),
  load(id) {
    if (!id.startsWith('\0less:')) return null
    const name = id.slice('\0less:'.length)
    const reason = leftOut.get(name)
    if (reason === undefined) return `module.exports = process.getBuiltinModule(${JSON.stringify(name)})\n`
    const message = JSON.stringify(`${name} is left out of this bundle (rolldown.config.ts): ${reason}`)
    return `const refuse = () => { throw new Error(${message}) }\nmodule.exports = new Proxy(refuse, { get: refuse })\n`
  },
}

/** One file of JavaScript that needs Node and nothing else. */
export default defineConfig({
  input: 'src/server.ts',
  platform: 'node',
  // Comments that name the folder of each module would make the bytes depend on where the packages are.
  experimental: { attachDebugInfo: 'none' },
  plugins: [staticFiles, loadLess],
  output: { dir: 'dist', entryFileNames: 'server.mjs', format: 'esm', cleanDir: true, codeSplitting: false },
})
