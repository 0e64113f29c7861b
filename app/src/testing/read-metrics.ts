import { addProcessMetrics } from '../observability/process-metrics.ts'
import { openList, startTestApp } from './test-app.ts'

/** All metrics there are, after some use of the service. */
export async function readMetrics(): Promise<string> {
  const { app, store, metrics } = await startTestApp({ rateLimit: 5 })
  addProcessMetrics(metrics, { version: '1.2.3', revision: 'todo-00007', poolUse: () => store.poolUse(), connections: () => 3 })
  const browser = await openList(app)
  for (let count = 0; count < 8; count++) await browser.post('/tasks', { title: 'a' })
  await browser.get('/no/such/page"\\')
  await app.inject({ method: 'DELETE', url: '/nowhere' })
  metrics.httpRefusals.increment({ reason: 'host' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  return metrics.render()
}
