import type { RunRecord } from '@shiplock/findings'

/** Names and messages that try to be more than text, each in its own format or in all of them. */
export const hostileTexts = [
  '\u001b[31mred\u001b]0;title\u0007\u009b1A\b\u0000',
  '\u202etxt.exe\u2066\u200b\u{e0041}',
  'line\nfeed\r\nand\rreturn\u2028separator\u0085',
  '::error file=app.ts,line=1::pwned',
  'x\n  ::add-mask::secret\n::stop-commands::x\n##[add-path]/tmp/evil',
  ']]><testcase name="forged"/><![CDATA[',
  '"><script>alert(1)</script><img src=x onerror=alert(1)>',
  '</pre></details>\n\n# forged\n\n[click](javascript:alert(1)) ![x](https://evil.example/x.png) | `a` | **b**',
  'see [here](https://evil.example) and [there](1) or {0} of {1}',
  'a%0Ab%2Cc:d,e=f',
  'C:\\Windows\\..\\..//etc/passwd?x#y%zz',
  'lone \ud800 surrogate and \ufffe\uffff',
  'javascript:alert(1)',
]

/** The same record with every string replaced but for those of a closed set, which decide what is drawn. For attacks. */
export function withEveryString(record: RunRecord, hostile: string): RunRecord {
  const closed = new Set(['kind', 'status', 'decision', 'severity', 'confidence', 'confinement', 'result', 'subject'])
  const attack = (value: unknown, key: string): unknown => {
    // A failure's reason is one of a closed set; a skipped check's is a sentence.
    if (typeof value === 'string') return closed.has(key) || (key === 'reason' && !value.includes(' ')) ? value : hostile
    if (Array.isArray(value)) return value.map((item) => attack(item, key))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attack(inner, name)]))
  }
  return attack(record, '') as RunRecord
}
