import { parseControlFile } from './control-file.ts'
import { isSpdxExpression } from './licence.ts'

/**
 * Licences of a Debian copyright file. Where it is of the machine-readable format (DEP-5) those of its paragraphs on files; else
 * those whose common text in `/usr/share/common-licenses` it points at, which says which there are and nothing of what is under them.
 */
export function licencesOfCopyright(text: string): string[] {
  const isMachineReadable = /^Format(?:-Specification)?:/im.test(text.slice(0, 4096))
  const names = isMachineReadable ? parseControlFile(text).flatMap((fields, n) => (fields.has('files') || n === 0 ? asSpdx(fields.get('license')?.split('\n')[0] ?? '') : [])) : commonLicences(text)
  return [...new Set(names.filter((name) => name !== ''))].toSorted().slice(0, 100)
}

/** By their names there. Whether later versions are meant as well is in the prose around them. */
const commonLicences = (text: string): string[] => [...text.matchAll(/\/usr\/share\/common-licenses\/([A-Za-z][\w.+-]*\w)/g)].map(([, name]) => name ?? '')

/** Debian's short names (DEP-5) that are others in the SPDX list: `GPL-2+`, `LGPL-2.1`, `Expat`. */
function asSpdx(name: string): string {
  const written = name.trim().slice(0, 300)
  const words = written.replaceAll(',', ' ').split(/\s+/).filter((word) => word !== '')
  const expression = words.map((word) => (/^(?:and|or)$/i.test(word) ? word.toUpperCase() : /^with$/i.test(word) ? 'WITH' : spdxName(word))).join(' ')
  return isSpdxExpression(expression) ? expression : written
}

const debianNames: ReadonlyMap<string, string> = new Map([
  ['expat', 'MIT'], ['artistic', 'Artistic-1.0-Perl'], ['apache', 'Apache-2.0'], ['bsd-2-clause', 'BSD-2-Clause'], ['bsd-3-clause', 'BSD-3-Clause'], ['psf', 'PSF-2.0'], ['zlib', 'Zlib'], ['public-domain', 'LicenseRef-public-domain'],
])

/** A version of GNU's licences means that one alone, unless a plus follows. */
function spdxName(word: string): string {
  const [, family, version, later] = /^(AGPL|LGPL|GPL|GFDL)-(\d+(?:\.[1-9]\d*)?)(?:\.0)?(\+)?$/i.exec(word) ?? []
  if (family === undefined || version === undefined) return debianNames.get(word.toLowerCase()) ?? word
  return `${family.toUpperCase()}-${version.includes('.') ? version : `${version}.0`}-${later === undefined ? 'only' : 'or-later'}`
}
