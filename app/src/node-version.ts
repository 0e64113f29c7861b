// The first import of server.ts, as what needs a newer Node (node:sqlite) would only fail on something else. It imports nothing.
const least = 24

if (Number.parseInt(process.versions.node, 10) < least) {
  const message = `This needs Node ${least} or later; this is ${process.version}. Install a newer one, or start it with one that is there.`
  process.stdout.write(`${JSON.stringify({ severity: 'CRITICAL', message, time: new Date().toISOString() })}\n`)
  process.exit(1)
}
