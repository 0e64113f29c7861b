import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { useService } from '../lifecycle/running-service.ts'

const start = useService()

/** As many as asked for, or as this machine allows a process to have; Node raises its own limit to the hard one. */
const openFiles = execFileSync('sh', ['-c', 'ulimit -H -n'], { encoding: 'utf8' }).trim()
const connections = Math.min(10_000, openFiles === 'unlimited' ? 10_000 : Number(openFiles) - 1_000)

const residentMegabytes = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024

async function openMany(port: number, count: number): Promise<{ readonly openNow: () => number; readonly timedOut: () => number }> {
  const sockets: Socket[] = []
  let [closed, timedOut] = [0, 0]
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  // In groups, so that the queue of what is not yet accepted does not run over.
  while (sockets.length < count) {
    const group = Array.from({ length: Math.min(250, count - sockets.length) }, () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      socket.on('close', () => (closed += 1))
      socket.once('data', (data) => (timedOut += String(data).startsWith('HTTP/1.1 408 ') ? 1 : 0))
      socket.resume()
      return new Promise<Socket>((resolve, reject) => {
        socket.once('connect', () => resolve(socket))
        socket.once('error', reject)
      })
    })
    sockets.push(...(await Promise.all(group)))
  }
  return { openNow: () => sockets.length - closed, timedOut: () => timedOut }
}

test('10,000 connections that send nothing: others are served, memory is bounded, and they are closed in time', async () => {
  expect(connections, 'this machine allows too few open files').toBeGreaterThanOrEqual(2_000)
  const service = await start()
  const { port, child } = service
  await (await fetch(`http://127.0.0.1:${port}/`)).text()
  const before = residentMegabytes(child.pid)
  const { openNow, timedOut } = await openMany(port, connections)

  const page = await fetch(`http://127.0.0.1:${port}/`)
  expect([page.status, (await page.text()).includes('To-do list')]).toEqual([200, true])
  // And not only when they are gone; on a machine that is busy the first may be, before the last are there.
  expect(openNow()).toBeGreaterThan(connections / 2)
  // Of each connection: its socket, its parser, its place in the list of what is waited for.
  expect(residentMegabytes(child.pid) - before).toBeLessThan((connections * 40) / 1_024)

  await expect.poll(openNow, { timeout: 60_000, interval: 250 }).toBe(0)
  // Each for its time to send headers, not for anything that happened to the service.
  expect(timedOut()).toBe(connections)
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
})
