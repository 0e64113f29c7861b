#!/usr/bin/env node
// In a checkout the launcher knows which Node to use.
process.argv.splice(2, 0, 'shiplock')
await import('../../../launch.mjs')
