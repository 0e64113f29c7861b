import { unit, type Removal, type Removals } from './guard.ts'

const checks = 'packages/shiplock/src/checks'
/** A guard of a check and the test of the same check that notices. */
const of = (check: string, test: string) => (file: string, pattern: string, remove: string, replacement = ''): Removal => unit(`${checks}/${check}/${file}`, `${checks}/${check}/${test}.test.ts`, pattern, remove, replacement)
const strangers = of('workflows', 'strangers')
const workflows = of('workflows', 'examine')
const disguised = of('dockerfile', 'disguises')
const dockerfile = of('dockerfile', 'dockerfile')
const computed = of('terraform', 'disguises')
const repository = of('repository', 'repository')
const planted = of('secrets', 'secrets')
const exclusion = (pattern: string, remove: string, replacement = ''): Removal => unit(`${checks}/exclusion.ts`, `${checks}/exclusion.test.ts`, pattern, remove, replacement)
const globs = (pattern: string, remove: string, replacement = ''): Removal => unit(`${checks}/path-globs.ts`, `${checks}/path-globs.test.ts`, pattern, remove, replacement)
const waived = (pattern: string, remove: string, replacement = ''): Removal => unit('packages/shiplock/src/cli/waiver-target.ts', 'packages/shiplock/src/cli/waiver-target.test.ts', pattern, remove, replacement)

export const checkRemovals: Removals = {
  'a secret that another one lets in': {
    'another token is another finding': planted('hit.ts', 'another secret is another finding', "JSON.stringify(['shiplock secret', rule.id, secret])", "JSON.stringify(['shiplock secret', rule.id, secret.length])"),
    'a password is in no hash': planted('hit.ts', 'another secret is another finding', '=> (isDrawn ?', "=> (isDrawn || path !== '' ?"),
    'another file is another finding': planted('hit.ts', 'another secret is another finding', ': `in ${path}`)', ': `in ${path.slice(0, 0)}`)'),
    'a name alone makes no binary': planted('run.ts', 'called an image', '(!binary.test(path) || files.size(path) <= options.maxFileBytes)', '!binary.test(path)'),
    'an image is no text': planted('find-secrets.ts', 'called an image', "start.split('\\uFFFD').length - 1 <= start.length / 20", "start.length >= 0"),
    'what tells it is said nowhere': unit('packages/findings/src/fingerprint.ts', `${checks}/secrets/secrets.test.ts`, 'another secret is another finding', 'return { ...finding, fingerprint:', 'return { ...finding, ...draft, fingerprint:'),
  },
  'a secret that looks like an example': {
    'a word inside a token does not hide it': planted('placeholder.ts', 'does not hide it', '  const rest = withoutRows(secret).replace(spoken, \'\')\n  return rest.length < secret.length / 3 || isRegular(rest)', '  return true'),
    'rows are no token': planted('placeholder.ts', 'made up as a whole', 'withoutRows(secret).replace', 'secret.replace'),
  },
  'a waiver that waives nothing': {
    'a day that is past': waived('the last day', '  if (days < 0) throw new CommandFailure(2, { message: `${day} is past: the waiver would waive nothing`, hint })\n'),
    'a path that nothing has': waived('that no finding can have', '  if (paths.some((candidate) => matchesPath(candidate, path))) return\n', '  if (paths.length > 0 || paths.some((candidate) => matchesPath(candidate, path))) return\n'),
    'an advisory of another component': waived('where there is an index', "  if (names.flat().some((one) => one.toLowerCase() === advisory.toLowerCase())) return\n", '  if (names.length > 0) return\n'),
  },
  'a config that leaves nothing to look at': {
    'a check that is left no file is skipped': exclusion('never "no findings"', 'kept.length > 0 ? undefined : excluded.find', "kept.length > 0 || check !== '' ? undefined : excluded.find"),
    'what is left out is told': exclusion('the summary', "excluded.length > 0 ? `, ${excluded.length} excluded` : ''", "excluded.length < 0 ? `, ${excluded.length} excluded` : ''"),
    'a folder without Terraform is no answer': unit(`${checks}/terraform/run.ts`, `${checks}/exclusion.test.ts`, 'a folder that is to be looked at', "posix.normalize(directory) !== '.' && ", "posix.normalize(directory) === '' && "),
    'a joined program that saw nothing is skipped': unit(`${checks}/joined/run-tool.ts`, `${checks}/joined/run-tool.test.ts`, 'it saw nothing', 'if (hasSeenNothing && looksAt) return', 'if (hasSeenNothing && looksAt && version.value === "") return'),
  },
  'what is committed where nobody looks': {
    'a file below node_modules is told': repository('unseen.ts', 'where no check looks', "    ...[...folders].map(", "    ...[...folders].slice(0, 0).map("),
    'another repository is told': repository('unseen.ts', 'where no check looks', '    ...repositories.toSorted()', '    ...repositories.slice(0, 0).toSorted()'),
    'what is only installed is not': unit('packages/shiplock/src/system/tree-listing.ts', `${checks}/repository/repository.test.ts`, 'where no check looks', "else if (!entry.startsWith('?')) beside", 'else beside'),
  },
  'a workflow that hides by its name': {
    'an action may be in the folder of workflows': workflows('examine.ts', 'is looked at as one', 'return /\\/action\\.ya?ml$/i.test(path)', 'return path === "" && /\\/action\\.ya?ml$/i.test(path)'),
    'its ending is read in any case': workflows('index.ts', 'is chosen', "const yaml = '{[yY][mM][lL],[yY][aA][mM][lL]}'", "const yaml = '{yml,yaml}'"),
    'a directive is refused': workflows('read-yaml.ts', 'a directive', '  if (directive) return', '  if (directive && text === "") return'),
  },
  'a linter that is told to ignore everything': {
    'how many files it ignores is said': of('lint', 'lint')('run.ts', 'leaves out is said', 'return ignored > 0 ?', 'return ignored < 0 ?'),
  },
  'a glob that means something else': {
    'what is hidden is seen, whatever the glob': globs('stars see what is hidden', "const isSeen = isHiddenSeen || !name.startsWith('.')", "const isSeen = !name.startsWith('.')"),
    'many stars are matched name by name': globs('no time without end', "pattern.filter((segment) => segment === '**').length <= 2", "pattern.filter((segment) => segment === '**').length <= 9"),
    'a name is the same however it is composed': globs('macOS takes apart', "text.normalize('NFC')", 'text'),
    'what is no glob here is refused': unit(`${checks}/check.ts`, `${checks}/path-globs.test.ts`, 'may not hold a glob', '  .refine(isGlob, {', '  .refine((glob) => isGlob(glob) || glob.length > 0, {'),
  },
  'a module that hides from its own repository': {
    'what is called by its path is read': of('terraform', 'terraform')('run.ts', 'terraform init has downloaded', 'byFolder.get(folder) ?? []', 'byFolder.get(`${folder}/`) ?? []'),
  },
  'a cloud that no rule knows': {
    'resources that no rule judged are counted': of('terraform', 'terraform')('run.ts', 'other clouds', ', ...unjudged(files)]', ', ...unjudged(files).slice(1)]'),
  },
  'a workflow that is judged by what it seems to say': {
    'who is only looked at is let in': strangers('admission.ts', 'keeps strangers out', "  return operator.type === TokenType.EQUAL_EQUAL ? isEqual : negated(isEqual)", '  return isEqual'),
    'what an alternative lets in is let in': strangers('admission.ts', 'keeps strangers out', 'const deciding = some.operator.type !== TokenType.AND', 'const deciding = some.operator.type === TokenType.AND || false'),
    'a contributor is a stranger': strangers('admission.ts', 'keeps strangers out', '|CONTRIBUTOR|', '|'),
    'the branch of pull_request_target is no secret': strangers('admission.ts', 'keeps strangers out', "/^pull_request(?:_review.*)?$/.test(event)", "/^pull_request/.test(event)"),
    'a fork is asked as one': strangers('admission.ts', 'keeps strangers out', ".fork$/.test(path)) return { is: 'boolean', value: true }", ".fork$/.test(path)) return undefined"),
    'each event is asked for': strangers('events.ts', 'told of all the same', 'events.every((event) => condition.admits(event) === false)', 'events.some((event) => condition.admits(event) === false)'),
    'a step that fails for strangers is a guard': strangers('events.ts', 'refuses strangers', '|| (condition !== undefined && events.every((event) => condition.admits(event) === true))'),
    'a step whose failure is ignored is none': strangers('events.ts', 'refuses strangers', "  if (get(step.node, 'continue-on-error')) return false\n"),
    'only what stands before it guards a checkout': strangers('rules/untrusted-checkout.ts', 'refuses strangers', 'step.node.end <= at.start && refusesStrangers', 'refusesStrangers'),
    'a computed part may be any': strangers('attacker.ts', 'is found however', '  return written.test(before) && (at === parts.length - 1 || tail.test(path))', '  return written.test(path)'),
    'GITHUB_ENV is followed': strangers('attacker.ts', 'an earlier step has set', "    if (/^env$/i.test(target[1] ?? target[2] ?? '')) environment.set(output, source)\n    else outputs.add(output)", '    outputs.add(output)'),
    'a matrix is followed': strangers('attacker.ts', 'the matrix', "  const owners = [matrix, ...(include?.kind === 'list' ? include.items : [])]", "  const owners = include?.kind === 'list' ? include.items.slice(0, 0) : []"),
    'outputs of jobs are followed': strangers('attacker.ts', 'the output of a job', "if (isStrangers) found.add(`${job.id.text}.outputs.${key.text}`.toLowerCase())", 'if (isStrangers) found.delete(key.text)'),
    'what a command has changed is no longer a stranger\u2019s': workflows('attacker.ts', 'unless a command', "/\\$\\((?!\\()/.test(text) ? undefined : ", ''),
    'what earlier steps have set is known': strangers('attacker.ts', 'an earlier step has set', '  readJobs.add(steps)\n', '  readJobs.add(steps)\n  if (steps.length > 1) return\n'),
    'a variable is followed to the head': strangers('checkout.ts', 'is found however', "|| isVariableOf(file, step, path, headOfPullRequest)) return true", ') return true'),
    'git itself checks out too': strangers('checkout.ts', 'is found however', ' || takesHead(file, step, line))', ')'),
    'the base is not the head': strangers('checkout.ts', 'it is to enter', "  if (expressions.some(({ values }) => values.some((path) => headOfPullRequest.test(path)))) return true", '  if (expressions.length > 0) return true'),
    'an expression in place of a mapping is valid': strangers('validity.ts', 'in the place of a mapping', "    if (rawMessage.startsWith(\"Unexpected type 'BasicExpressionToken'\")) return []\n"),
    'aliases are bounded': workflows('read-yaml.ts', 'more aliases', "  if (aliases > mostAliases) return beyondLimit(`it has more than ${mostAliases} aliases`)\n"),
    'a circle of aliases is refused': workflows('read-yaml.ts', 'aliases of themselves', 'return open.has(target) ? undefined : convert(target, range)', "return open.has(target) ? { kind: 'scalar', value: null, text: '', ...range } : convert(target, range)"),
    'expressions of one value are bounded': workflows('read-yaml.ts', 'too many expressions', '  if (crowded) return', '  if (crowded && crowded.text === \'\') return'),
    'the worst findings are kept': workflows('examine.ts', 'the worst are kept', '  if (problems.length > mostFindings) problems.sort(', '  if (problems.length < 0) problems.sort('),
  },
  'a Dockerfile that hides what it does': {
    'a variable is no disguise': disguised('command.ts', 'runs unseen', 'unwrap(named(shell, variables))', 'unwrap(shell)'),
    'what a variable has fetched is followed': disguised('command.ts', 'runs unseen', "variables.get(name)?.substitutions.flatMap((some) => made.get(some) ?? []) ?? []", "variables.get(name)?.substitutions.slice(0, 0).flatMap((some) => made.get(some) ?? []) ?? []"),
    'su -c is a shell': disguised('command.ts', 'runs unseen', "  if (name === 'su' || name === 'runuser' || name === 'script') return", "  if (name === 'no such program') return"),
    'xargs is no disguise': disguised('command.ts', 'runs unseen', "  xargs: /^(?:-[aIELnPsd]|--(?:arg-file|max-args|max-procs|delimiter))$/,\n"),
    'a pipe goes into a group': disguised('shell-words.ts', 'runs unseen', "if (command || operator !== '(') pipedFrom = undefined", 'pipedFrom = undefined'),
    'a file in between is no disguise': disguised('rules/pipe-to-shell.ts', 'runs unseen', 'fetcherOf(command) ?? savedBy(command)', 'fetcherOf(command)'),
    'a checksum makes it a good one': disguised('downloads.ts', 'is not', 'if (file === undefined || isChecked(command) ||', 'if (file === undefined ||'),
    'a program that reads its data is no shell': disguised('downloads.ts', 'is not', "!words.some(({ text }) => /^-(?:[ecmpr]|-eval|-print|-version)/.test(text))", 'true'),
    'the escape character says nothing': disguised('parse.ts', 'within', "this.escape === '`' && mayBeWindows(base)", "this.escape === '`'"),
    'PowerShell is not read as a shell': disguised('parse.ts', 'PowerShell', '    if (this.hasOtherShell) return []\n'),
    'the start of a container counts': disguised('rules/pipe-to-shell.ts', 'within', '[...commands, ...instructions.flatMap(started)]', '[...commands, ...instructions.slice(0, 0).flatMap(started)]'),
    'quotes do not hide root': disguised('parse.ts', 'by the name', "keyword === 'USER' ? unquoted(expand(text, scope)) : ", ''),
    'to speak of gosu is not to use it': disguised('rules/root-user.ts', 'only speaks', "!/^(?:echo|printf|true|:)?$/.test(name) && "),
    'quotes do not hide latest': disguised('parse.ts', 'latest is found', 'unquoted(expand(written, this.globals))', 'expand(written, this.globals)'),
    'a repository on the disk is let be': disguised('rules/unauthenticated-packages.ts', 'on the disk', '(?!file:|copy:)'),
    'a secret is masked in what is shown': disguised('examine.ts', 'a secret that a command is given', '    ...(secrets.length > 0 && { snippet: lines.masked(at, secrets) }),\n'),
    'a stand-in is no secret': disguised('rules/secret-in-command.ts', 'is not', 'value.length >= shortest && isLiteralSecret(value)', 'value.length > 0'),
    'variables do not grow without bound': dockerfile('variables.ts', 'without bound', 'return length > longest ? written : replacement', 'return replacement'),
  },
  'a configuration that computes what it hides': {
    'count is gone through': computed('module.ts', 'a basic role', 'return countedInstances(value, scope).map((instance) => new View(block, instance,', "return value.kind === 'scalar' && value.value === 0 ? [] : countedInstances(value, scope).slice(0, 1).map(() => new View(block, scope,"),
    'a count beyond all bounds is not': computed('view.ts', 'costs no more', 'number < 0 || number > maxInstances) return [scope]', 'number < 0) return [scope]'),
    'a policy as JSON is read': computed('grants.ts', 'a basic role', 'raw: fromJson(written.raw) ?? written.raw', 'raw: written.raw'),
    'a nested one is followed as far as it may have items': computed('functions.ts', 'costs no more', 'if (++items > maxItems) return', 'if (++items < 0) return'),
    'a product is bounded': computed('functions.ts', 'but not in', 'if (!items || rows.length * items.length > maxItems) return undefined', 'if (!items) return undefined'),
    'a pattern is not taken for a text': computed('functions.ts', 'but not in', " || part === '' || /^\\/.*\\/$/s.test(part) ? undefined", " || part === '' ? undefined"),
    'nobody is given nothing': computed('grants.ts', 'but not in', "    if (resource.find('members').raw?.kind === 'list' && resource.view.items('members').length === 0) continue\n"),
    'halves of the internet are the internet': computed('internet.ts', 'in halves', 'const widest = { v4: 4, v6: 3 }', 'const widest = { v4: 0, v6: 0 }'),
    'rules of policies are rules': computed('firewall.ts', 'firewall policy', '[...ofNetworks, ...ofPolicies]', '[...ofNetworks, ...ofPolicies.slice(0, 0)]'),
    'a rule that denies opens nothing': computed('firewall.ts', 'firewall policy', " && rule.find('action').value === 'allow')", ')'),
    'a service that asks nobody is public': computed('rules/run-public.ts', 'asks nobody', 'if (disabled.value === true) yield', 'if (disabled.value === address) yield'),
    'a link that leads out is more than one to nothing': computed('read-files.ts', 'not committed', " && at !== '..' && !at.startsWith('../')"),
    'a choice that nobody knows is none': computed('evaluate.ts', 'but not in', "    return left.kind === 'scalar' && right.kind === 'scalar' && left.value === right.value ? left : make({ kind: 'unknown' })", '    return right.kind === left.kind ? left : right'),
  },
  'a repository that is read as it would like': {
    'the last line decides who owns': repository('owners.ts', 'of the last line', 'lines.findLast(({ pattern }) => covers(pattern, path))', 'lines.find(({ pattern, isOwned }) => isOwned && covers(pattern, path))'),
    'what is taken in again is not left out': repository('ignore-file.ts', 'is missing', "isOut = negation === ''", 'isOut = true'),
    'a star stays in its folder': repository('owners.ts', 'covers', "isRooted && parts.at(-1) === '*'", 'isRooted && parts.length < 0'),
    'exclude reaches hidden files': exclusion('stars of what is excluded', 'globMatcher(globs, { isHiddenSeen: true })', 'globMatcher(globs)'),
    'samples say nothing': repository('file-names.ts', 'within samples', '    if (isSample(path)) return []\n'),
    'a link is followed from its folder': repository('file-names.ts', 'from a folder', 'posix.join(folderOf(path), target', "posix.join('', target"),
    'empty lines cost nothing': repository('container-files.ts', 'empty lines', '/^[ \\t]*(?:COPY|ADD)[ \\t]+', '/^\\s*(?:COPY|ADD)\\s+'),
    'of several managers one has several files': repository('manifests.ts', 'more than one kind', 'return used.size > 1 ?', 'return locks.length > 1 ?'),
    'a hook that speaks of it is let be': repository('skipped-tls.ts', 'in a comment', '!/^\\s*#/.test(line) && '),
  },
}
