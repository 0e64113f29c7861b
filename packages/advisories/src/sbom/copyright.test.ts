import { expect, test } from 'vitest'
import { licencesOfCopyright } from './copyright.ts'

const header = 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: a\n\n'

test.each([
  ['Expat', 'MIT'],
  ['GPL-2+', 'GPL-2.0-or-later'],
  ['LGPL-2.1', 'LGPL-2.1-only'],
  ['GPL-3.0+', 'GPL-3.0-or-later'],
  ['GPL-2+ or Artistic, and BSD-3-clause', 'GPL-2.0-or-later OR Artistic-1.0-Perl AND BSD-3-Clause'],
  ['GPL-2 with Bison-exception-2.2', 'GPL-2.0-only WITH Bison-exception-2.2'],
  ['public-domain', 'LicenseRef-public-domain'],
  ['Permissive-of-my-own', 'Permissive-of-my-own'],
])('of a machine-readable copyright file the licence %s is SPDX’s %s', (debian, spdx) => {
  expect(licencesOfCopyright(`${header}Files: *\nCopyright: somebody\nLicense: ${debian}\n text of it\n`)).toEqual([spdx])
})

test('paragraphs that only hold a licence’s text say nothing of the package', () => {
  expect(licencesOfCopyright(`${header}Files: *\nLicense: Expat\n\nFiles: debian/*\nLicense: GPL-2+\n\nLicense: Unrelated\n text\n`)).toEqual(['GPL-2.0-or-later', 'MIT'])
})

test('of any other file those count whose text it points at', () => {
  expect(licencesOfCopyright("It is under the GPL; see `/usr/share/common-licenses/GPL-2', and /usr/share/common-licenses/LGPL-2.1.\n")).toEqual(['GPL-2', 'LGPL-2.1'])
  expect(licencesOfCopyright('All rights reserved.')).toEqual([])
})
