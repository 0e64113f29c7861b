import type { Examine } from '../rule.ts'

const options: Readonly<Record<string, RegExp>> = {
  'apt-get': /^--(?:allow-unauthenticated|force-yes|allow-insecure-repositories)$/,
  apt: /^--(?:allow-unauthenticated|force-yes|allow-insecure-repositories)$/,
  apk: /^--allow-untrusted$/,
  yum: /^--nogpgcheck$/,
  dnf: /^--nogpgcheck$/,
  microdnf: /^--nogpgcheck$/,
  rpm: /^--(?:nosignature|nodigest)$/,
  zypper: /^--no-gpg-checks$/,
}

export const unauthenticatedPackages: Examine = function* ({ commands }) {
  for (const { name, arguments: words, span } of commands) {
    const pattern = Object.hasOwn(options, name) ? options[name] : undefined
    const option = words.find(({ text }) => pattern?.test(text))
    if (option) yield { message: `${name} ${option.text}: signatures are not asked for`, at: span }
    else if (/^(?:echo|printf|tee|sed)$/.test(name) && words.some(({ text }) => /\bdeb(?:-src)?\s+\[[^\]]*\btrusted=yes\b[^\]]*\]\s+(?!file:|copy:)/.test(text))) yield { message: '[trusted=yes]: apt believes this repository without a signature', at: span }
  }
}
