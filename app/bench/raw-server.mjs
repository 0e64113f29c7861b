// What `node:http` alone can do: the bytes of a file, from one buffer, to every request. JavaScript and not TypeScript, since
// taking the types away would be part of its time to start.
//   node raw-server.mjs PORT FILE
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port, file] = process.argv.slice(2)
const page = readFileSync(file)
const headers = { 'content-type': 'text/html; charset=utf-8', 'content-length': page.length }

createServer((_request, response) => response.writeHead(200, headers).end(page)).listen(Number(port), '127.0.0.1')
