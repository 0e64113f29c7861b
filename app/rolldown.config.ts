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

/** What a package can do and this service never asks it to; asked for after all, each says so. More than half of what the bundle would be. */
const leftOut: readonly { readonly of: string; readonly module: string; readonly because: string }[] = [
  { of: 'fastify', module: 'node:http2', because: 'TLS and HTTP/2 end in front of this service' },
  { of: 'fastify', module: 'node:https', because: 'TLS and HTTP/2 end in front of this service' },
  { of: 'fastify', module: 'pino', because: 'src/observability/log.ts writes the log' },
  { of: 'fastify', module: '@fastify/ajv-compiler', because: 'requests are validated by what is generated from the schemas' },
  { of: 'fastify', module: '@fastify/fast-json-stringify-compiler', because: 'no route has a schema for its answer' },
  { of: 'fastify', module: 'light-my-request', because: 'only tests inject requests' },
  { of: '@google-cloud/cloud-sql-connector', module: '@google-cloud/sql', because: 'connections go to the instance itself, not through its data API' },
  { of: '@google-cloud/cloud-sql-connector', module: '@grpc/grpc-js', because: 'connections go to the instance itself, not through its data API' },
]

/**
 * Loads only what is needed. Importing a module of Node's own as ECMAScript module reads every property of it, and for
 * node:http that loads the whole of fetch and WebSocket: longer than all else at start together. Taken by
 * `process.getBuiltinModule` a property is read when it is used.
 */
const loadLess: Plugin = {
  name: 'load-less',
  resolveId(source, importer = '') {
    const known = leftOut.find(({ of, module }) => module === source && importer.includes(`/node_modules/${of}/`))
    if (known) return `\0left-out:${leftOut.indexOf(known)}`
    // rolldown's own first lines need node:module before any module is set up.
    return source !== 'node:module' && isBuiltin(source) ? `\0builtin:${source}` : null
  },
  load(id) {
    if (id.startsWith('\0builtin:')) return `module.exports = process.getBuiltinModule(${JSON.stringify(id.slice('\0builtin:'.length))})\n`
    const known = id.startsWith('\0left-out:') ? leftOut[Number(id.slice('\0left-out:'.length))] : undefined
    if (!known) return null
    const message = JSON.stringify(`${known.module} is left out of this bundle (rolldown.config.ts): ${known.because}`)
    return `const refuse = () => { throw new Error(${message}) }\nmodule.exports = new Proxy(refuse, { get: refuse })\n`
  },
}

/** JavaScript that needs Node and nothing else: the service in one file, and beside it what only some settings need. */
export default defineConfig({
  input: 'src/server.ts',
  platform: 'node',
  // Packages in CommonJS ask where they are.
  transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  // Comments that name the folder of each module would make the bytes depend on where the packages are.
  experimental: { attachDebugInfo: 'none' },
  plugins: [staticFiles, loadLess],
  output: {
    dir: 'dist',
    entryFileNames: 'server.mjs',
    chunkFileNames: '[name]-[hash].mjs',
    format: 'esm',
    cleanDir: true,
    // What Node brings, in one file and not one each.
    codeSplitting: { groups: [{ name: 'node', test: /^\0(?:builtin|rolldown)/ }] },
  },
})
