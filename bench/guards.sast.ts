import { unit, type Removal, type Removals } from './guard.ts'

const stages = 'packages/shiplock/src/stages'
const remember = (pattern: string, remove: string, replacement = ''): Removal => unit(`${stages}/remember.ts`, `${stages}/remember.test.ts`, pattern, remove, replacement)
const checks = 'packages/shiplock/src/checks/sast'
const analyser = 'packages/analyser/src'

export const sastRemovals: Removals = {
  'what a check remembers of files': {
    'it is sealed': unit(`${stages}/remember.ts`, `${stages}/remember.test.ts`, 'is not in the store', "Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])", "Buffer.concat([Buffer.from(text), cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])"),
    'another content is another file': remember('only what is new', 'entry?.[0] === snapshot.files.get(path)?.digest && entry ?', 'entry ?'),
    'a text of another file is not taken': remember('put in the place of another file', 'JSON.stringify([check, key, path])', 'JSON.stringify([check, key])'),
    'a key of the check is part of it': remember('another key', "JSON.stringify(['remember', 3, check, key, count, shelf])", "JSON.stringify(['remember', 3, check, count, shelf])"),
  },
  'what the analyser takes for checked': {
    'a declared function is read where it is used first': unit(`${analyser}/model/declarations.ts`, `${analyser}/flow/guards.test.ts`, 'a function that is declared', 'one.firstUse = Math.min(one.firstUse, at)', 'one.firstUse = one.end'),
    'a function that uses it is used first': unit(`${analyser}/model/declarations.ts`, `${analyser}/flow/guards.test.ts`, 'called by another one', 'for (const used of usedIn.get(user) ?? [])', 'for (const used of [] as Declared[])'),
    'a function within may have changed it': unit(`${analyser}/model/builder.ts`, `${analyser}/flow/guards.test.ts`, 'no function has changed', 'return variable.hasSharedWrite || this.fn.outer === undefined ||', 'return this.fn.outer === undefined ||'),
    'what runs again may be changed by what runs later': unit(`${analyser}/model/builder.ts`, `${analyser}/flow/guards.test.ts`, 'however often it runs', " || this.targets.some(({ kind }) => kind === 'loop')"),
    'who does not ask what a schema found validates nothing': unit(`${analyser}/flow/validation.ts`, `${analyser}/models/services.test.ts`, 'asks what the schema found', ' || !this.isAsked(call, isJson ? index : undefined)'),
    'of several routes each must validate': unit(`${analyser}/flow/validation.ts`, `${analyser}/models/services.test.ts`, 'also another route leads to', 'before.segments = both(before.segments, own)', 'before.segments = join([before.segments, own])'),
    'who does not ask what ajv found validates nothing': unit(`${analyser}/flow/validation.ts`, `${analyser}/models/services.test.ts`, 'whose answer is asked', "(holds === 'returned' ? [] : call)", 'call'),
    'what stands behind a router is not before it': unit(`${analyser}/flow/routers.ts`, `${analyser}/models/services.test.ts`, 'behind its router', ' && use.start < call.start'),
    'a validator of other paths is none of all': unit(`${analyser}/flow/routers.ts`, `${analyser}/models/services.test.ts`, 'for other paths', ' && isForAll(this.program, use)'),
    'a validator in another function may come later': unit(`${analyser}/flow/routers.ts`, `${analyser}/models/services.test.ts`, 'set up elsewhere', ' && use.within === call.within'),
    'each place where a router is mounted must validate': unit(`${analyser}/flow/routers.ts`, `${analyser}/models/services.test.ts`, 'one of two places', 'outer.reduce(both)', 'join(outer)'),
    'what a schema leaves out is still there': unit(`${analyser}/flow/validation.ts`, `${analyser}/models/services.test.ts`, 'what a schema has kept of it', 'isWhole ? checks : checks.filter(([path]) => path.length > 0)', 'isWhole ? checks : checks'),
    'a list whose fields are checked is that of the request': unit(`${analyser}/flow/validation.ts`, `${analyser}/models/services.test.ts`, 'told which part of the request', "name === 'string' ? segmentOf(name) : undefined", "name === 'string' ? 'body' : undefined"),
    'a group that may hold anything is not known': unit(`${analyser}/flow/charset.ts`, `${analyser}/flow/guards.test.ts`, 'the second group', 'name === group || String(index + 1) === group', 'name === group || index === 0'),
    'an ending that climbs is none': unit(`${analyser}/model/joined-text.ts`, `${analyser}/flow/guards.test.ts`, 'was made before', ' && !/\\.\\.|[\\\\/:@]/.test(constant)'),
  },
  'what a check remembers of files together': {
    'a program that is too large is parted': unit(`${analyser}/flow/modules.ts`, `${analyser}/flow/modules.test.ts`, 'that is too large is parted', '    if (weight > this.heaviest) return false\n'),
    'who may call a package is asked each time': unit(`${checks}/units.ts`, `${checks}/units.test.ts`, 'says otherwise who may call it', 'JSON.stringify([revision, place])', 'JSON.stringify([revision])'),
    'a secret of another program is not shown': unit(`${analyser}/findings.ts`, `${analyser}/flow/modules.test.ts`, 'does not show the secret', "text.replaceAll(secret, '***')", 'text'),
  },
  'what is told without reason where it is gone': {
    'an element of a map is none of its methods': unit(`${analyser}/flow/values.ts`, `${analyser}/models/services.test.ts`, 'what a map holds', 'flow(argument(position), call.receiver, edgeKinds.store, elementsId)', 'flow(argument(position), call.receiver, edgeKinds.store, 0)'),
    'a type of the program is none of a library': unit(`${analyser}/model/declared-types.ts`, `${analyser}/models/services.test.ts`, 'a type of the program', 'b.ownTypes.has(type) ? `own ${type}` : (b.sharedNames.get(type) ?? type)', 'type'),
    'a lone request may be one that is sent': unit(`${analyser}/flow/outside.ts`, `${analyser}/models/services.test.ts`, 'a lone', " && (!first.endsWith('request') || isReadAsIncoming(params[at]!))"),
    'a single line cannot hold what only a line break makes slow': unit(`${analyser}/flow/sinks.ts`, `${analyser}/redos/flow.test.ts`, 'the path of a request', 'needsLineBreak(regex.regex.slow) ? mayBreakLines : ', ''),
    'nothing behind -- is an option': unit(`${analyser}/flow/sinks.ts`, `${analyser}/rules/fixtures.test.ts`, 'argument-injection: ok.option', "kind === 'argument' && field === '*' ? optionsEnd(program, values, node) : -1", '-1'),
    'a function gives each call what that one handed over': unit(`${analyser}/flow/reading.ts`, `${analyser}/flow/reading.test.ts`, 'what a function gives back', 'else if (given === from) visit(from, fields, -1)', 'else visit(from, fields, -1)'),
    'headers that are handed on say a type': unit(`${analyser}/flow/content-types.ts`, `${analyser}/models/services.test.ts`, 'headers that', 'seen.add(targets[slot]!)', 'continue'),
  },
  'what a template escapes': {
    'an attribute without quotes is not closed by what is escaped': unit(`${analyser}/model/templates/template-script.ts`, `${analyser}/model/templates/templates.test.ts`, 'outside of quotes', "if (attribute[2] === '') return ['html', `${attribute[1]}=`]", ''),
    'a handler is a script': unit(`${analyser}/model/templates/template-script.ts`, `${analyser}/model/templates/templates.test.ts`, 'in a handler', "if (handler) return ['html', handler[1]!]", ''),
    'a value in a script stands for itself': unit(`${analyser}/model/templates/template-script.ts`, `${analyser}/model/templates/templates.test.ts`, 'in a script', "? ['html', 'a script'] : undefined\n    const handler", '? undefined : undefined\n    const handler'),
    'of several templates of a name the nearest is meant': unit(`${analyser}/flow/templates.ts`, `${analyser}/model/templates/templates.test.ts`, 'beside who names it', 'shared(one.path) > shared(best.path) ? one : best', 'shared(one.path) < shared(best.path) ? one : best'),
    'nobody hands a template what a library is handed': unit(`${analyser}/analyse.ts`, `${analyser}/model/templates/templates.test.ts`, 'that nobody renders', '    if (isTemplate(program.files[file]!.path)) continue\n'),
  },
  'what the analyser reads and what not': {
    'a private package has no callers outside': unit(`${analyser}/analyse.ts`, `${analyser}/analyse.test.ts`, 'nobody else can call', '    if (!isPublished(program.files[file]!.path)) continue\n'),
    'a tree that is built alone is judged': unit(`${checks}/selection.ts`, `${checks}/selection.test.ts`, 'nothing but what is built', 'written.length > 0 ? written : untested', 'written'),
    'too deep for one stack is tried on the other': unit(`${analyser}/node.ts`, `${analyser}/node.test.ts`, 'models are the same', 'isTooDeep(model) ?', 'isTooDeep(model) && workers < 0 ?'),
  },
}
