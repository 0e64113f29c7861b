/** One line of the exposition: a value, and what it is the value of. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const sampleLine = new RegExp(`^(${metricName})(?:\\{(.*)\\})? (NaN|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$`)
const labelPair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  labelPair.lastIndex = 0
  while (labelPair.lastIndex < text.length) {
    const match = labelPair.exec(text)
    if (!match) throw new Error(`labels cannot be read: ${line}`)
    const [, name = '', value = ''] = match
    if (name in labels) throw new Error(`the label ${name} is there twice: ${line}`)
    labels[name] = value
  }
  return labels
}

const familyOf = (name: string, type: string): string => (type === 'histogram' ? name.replace(/_(?:bucket|sum|count)$/, '') : name)

/**
 * Reads the Prometheus text format and holds it to what the format and `promtool check metrics` ask for; throws at the
 * first line that breaks a rule: HELP and TYPE before the samples, all of a family together, no series twice, counters that
 * end in _total, base units, histograms that are cumulative and whole.
 */
export function parsePrometheusText(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const samples: Sample[] = []
  const seen = new Set<string>()
  const families = new Set<string>()
  let family = ''
  let type = ''
  let isDescribed = false
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      if (families.has(name)) throw new Error(`the family ${name} is there twice`)
      if (!new RegExp(`^${metricName}$`).test(name)) throw new Error(`no name of a metric: ${name}`)
      families.add(name)
      family = name
      isDescribed = false
      continue
    }
    if (keyword === 'TYPE') {
      if (name !== family) throw new Error(`TYPE of ${name} follows HELP of ${family}`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`)
      if ((rest === 'counter') !== name.endsWith('_total')) throw new Error(`counters and only they end in _total: ${name}`)
      if (/_(?:milliseconds|ms|kb|mb|minutes|percent)(?:_|$)/.test(name)) throw new Error(`no base unit: ${name}`)
      type = rest
      isDescribed = true
      continue
    }
    const match = sampleLine.exec(line)
    if (!match) throw new Error(`no sample: ${line}`)
    const [, sampleName = '', labelText = '', value = ''] = match
    if (!isDescribed || familyOf(sampleName, type) !== family) throw new Error(`outside its family ${family}: ${line}`)
    const series = `${sampleName}{${labelText}}`
    if (seen.has(series)) throw new Error(`there twice: ${series}`)
    seen.add(series)
    if (type !== 'gauge' && !(Number(value) >= 0)) throw new Error(`below 0: ${line}`)
    samples.push({ name: sampleName, labels: parseLabels(labelText, line), value: Number(value.replace('Inf', 'Infinity')) })
  }
  checkHistograms(samples)
  return samples
}

function checkHistograms(samples: readonly Sample[]): void {
  const key = ({ name, labels }: Sample): string =>
    JSON.stringify([name.replace(/_(?:bucket|count)$/, ''), Object.entries(labels).filter(([label]) => label !== 'le')])
  const buckets = Map.groupBy(samples.filter(({ name }) => name.endsWith('_bucket')), key)
  const counts = new Map(samples.filter(({ name }) => name.endsWith('_count')).map((sample) => [key(sample), sample.value]))
  for (const [series, list] of buckets) {
    const bounds = list.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')))
    if (bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? -Infinity)))) throw new Error(`bounds do not rise: ${series}`)
    if (list.some(({ value }, index) => value < (list[index - 1]?.value ?? 0))) throw new Error(`not cumulative: ${series}`)
    if (bounds.at(-1) !== Infinity) throw new Error(`no bucket for +Inf: ${series}`)
    if (list.at(-1)?.value !== counts.get(series)) throw new Error(`_count is not that of +Inf: ${series}`)
  }
}
