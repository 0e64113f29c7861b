import type { Removal, Removals } from './guard.ts'

const live = (file: string, pattern: string, remove: string, replacement = ''): Removal => ({ file: `monitoring/${file}`, test: 'monitoring/live.test.ts', pattern, remove, replacement, project: 'e2e' })
const cases = (file: string, remove: string, replacement = ''): Removal => ({ file: `monitoring/prometheus/rules/${file}`, test: 'monitoring/rules.test.ts', pattern: 'promtool sees each alert', remove, replacement, project: 'e2e' })

/** The guards of what is measured and of who is told, as the faults of its issue have them. */
export const monitoringRemovals: Removals = {
  'metrics that lie': {
    'more series than the service can have are not believed': live('prometheus/prometheus.yml', 'more series than it can have', '    sample_limit: 5000\n'),
  },
  'an alert that hides another': {
    'an instance that is down hides its own readings alone': live('alertmanager/alertmanager.yml', 'an instance that is down', '    equal: [job, instance]\n', '    equal: [job]\n'),
    'only objectives hide objectives': live('alertmanager/alertmanager.yml', 'an instance that is down', 'target_matchers: [severity = "warning", slo =~ ".+"]\n    equal: [job, slo]', 'target_matchers: [severity = "warning"]\n    equal: [job]'),
  },
  'an alert that cries wolf': {
    'a ratio of hardly any requests is none': cases('alerts.yml', ' and job_revision:http_requests:rate5m > 0.1'),
    'a pool that is not full is not used up': cases('alerts.yml', ' and on (job, instance) instance:database_pool:use >= 1'),
  },
}
