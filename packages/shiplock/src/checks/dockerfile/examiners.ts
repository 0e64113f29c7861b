import type { Examine } from './rule.ts'
import type { DockerfileRuleId } from './rules.ts'
import { addInsteadOfCopy } from './rules/add-instead-of-copy.ts'
import { addUrl } from './rules/add-url.ts'
import { apkCache } from './rules/apk-cache.ts'
import { aptAssumeYes } from './rules/apt-assume-yes.ts'
import { aptKey } from './rules/apt-key.ts'
import { aptLists } from './rules/apt-lists.ts'
import { aptRecommends } from './rules/apt-recommends.ts'
import { aptUpdateAlone } from './rules/apt-update-alone.ts'
import { aptUpgrade } from './rules/apt-upgrade.ts'
import { beforeFrom } from './rules/before-from.ts'
import { cd } from './rules/cd.ts'
import { copiedGit } from './rules/copied-git.ts'
import { copiedSecret } from './rules/copied-secret.ts'
import { copyNeedsFolder } from './rules/copy-needs-folder.ts'
import { devDependencies } from './rules/dev-dependencies.ts'
import { dnfCache } from './rules/dnf-cache.ts'
import { dockerSocket } from './rules/docker-socket.ts'
import { duplicateStage } from './rules/duplicate-stage.ts'
import { exposedPort } from './rules/exposed-port.ts'
import { insecureDownload } from './rules/insecure-download.ts'
import { insecureRun } from './rules/insecure-run.ts'
import { invalidPort } from './rules/invalid-port.ts'
import { latestTag } from './rules/latest-tag.ts'
import { lockFileNotEnforced } from './rules/lock-file-not-enforced.ts'
import { maintainer } from './rules/maintainer.ts'
import { malformedExec } from './rules/malformed-exec.ts'
import { noDigest } from './rules/no-digest.ts'
import { noDockerignore } from './rules/no-dockerignore.ts'
import { noHealthcheck } from './rules/no-healthcheck.ts'
import { nodeEnv } from './rules/node-env.ts'
import { npmGlobalUnpinned } from './rules/npm-global-unpinned.ts'
import { onbuild } from './rules/onbuild.ts'
import { packageManager } from './rules/package-manager.ts'
import { pipCache } from './rules/pip-cache.ts'
import { pipUnpinned } from './rules/pip-unpinned.ts'
import { pipeToShell } from './rules/pipe-to-shell.ts'
import { plainHttpDownload } from './rules/plain-http-download.ts'
import { privilegedPort } from './rules/privileged-port.ts'
import { relativeWorkdir } from './rules/relative-workdir.ts'
import { repeatedInstruction } from './rules/repeated-instruction.ts'
import { rootUser } from './rules/root-user.ts'
import { secretArgument } from './rules/secret-argument.ts'
import { secretInCommand } from './rules/secret-in-command.ts'
import { secretInLayer } from './rules/secret-in-layer.ts'
import { secretValue } from './rules/secret-value.ts'
import { setuid } from './rules/setuid.ts'
import { shellForm } from './rules/shell-form.ts'
import { sudo } from './rules/sudo.ts'
import { sudoWithoutPassword } from './rules/sudo-without-password.ts'
import { tlsVerificationOff } from './rules/tls-verification-off.ts'
import { toolUnpinned } from './rules/tool-unpinned.ts'
import { unauthenticatedPackages } from './rules/unauthenticated-packages.ts'
import { undefinedArgument } from './rules/undefined-argument.ts'
import { unknownStage } from './rules/unknown-stage.ts'
import { unparsable } from './rules/unparsable.ts'
import { unreadable } from './rules/unreadable.ts'
import { worldWritable } from './rules/world-writable.ts'

export const examiners: Readonly<Record<DockerfileRuleId, Examine>> = {
  'dockerfile/unparsable': unparsable,
  'dockerfile/unreadable': unreadable,
  'dockerfile/before-from': beforeFrom,
  'dockerfile/duplicate-stage': duplicateStage,
  'dockerfile/unknown-stage': unknownStage,
  'dockerfile/undefined-argument': undefinedArgument,
  'dockerfile/latest-tag': latestTag,
  'dockerfile/no-digest': noDigest,
  'dockerfile/add-url': addUrl,
  'dockerfile/add-instead-of-copy': addInsteadOfCopy,
  'dockerfile/copy-needs-folder': copyNeedsFolder,
  'dockerfile/secret-value': secretValue,
  'dockerfile/secret-argument': secretArgument,
  'dockerfile/secret-in-command': secretInCommand,
  'dockerfile/secret-in-layer': secretInLayer,
  'dockerfile/copied-secret': copiedSecret,
  'dockerfile/copied-git': copiedGit,
  'dockerfile/no-dockerignore': noDockerignore,
  'dockerfile/root-user': rootUser,
  'dockerfile/sudo': sudo,
  'dockerfile/sudo-without-password': sudoWithoutPassword,
  'dockerfile/pipe-to-shell': pipeToShell,
  'dockerfile/insecure-download': insecureDownload,
  'dockerfile/plain-http-download': plainHttpDownload,
  'dockerfile/tls-verification-off': tlsVerificationOff,
  'dockerfile/unauthenticated-packages': unauthenticatedPackages,
  'dockerfile/apt-key': aptKey,
  'dockerfile/apt-recommends': aptRecommends,
  'dockerfile/apt-lists': aptLists,
  'dockerfile/apt-upgrade': aptUpgrade,
  'dockerfile/apt-assume-yes': aptAssumeYes,
  'dockerfile/apt-update-alone': aptUpdateAlone,
  'dockerfile/apk-cache': apkCache,
  'dockerfile/dnf-cache': dnfCache,
  'dockerfile/world-writable': worldWritable,
  'dockerfile/setuid': setuid,
  'dockerfile/insecure-run': insecureRun,
  'dockerfile/docker-socket': dockerSocket,
  'dockerfile/lock-file-not-enforced': lockFileNotEnforced,
  'dockerfile/dev-dependencies': devDependencies,
  'dockerfile/package-manager': packageManager,
  'dockerfile/node-env': nodeEnv,
  'dockerfile/no-healthcheck': noHealthcheck,
  'dockerfile/relative-workdir': relativeWorkdir,
  'dockerfile/cd': cd,
  'dockerfile/shell-form': shellForm,
  'dockerfile/malformed-exec': malformedExec,
  'dockerfile/repeated-instruction': repeatedInstruction,
  'dockerfile/maintainer': maintainer,
  'dockerfile/exposed-port': exposedPort,
  'dockerfile/invalid-port': invalidPort,
  'dockerfile/privileged-port': privilegedPort,
  'dockerfile/onbuild': onbuild,
  'dockerfile/pip-unpinned': pipUnpinned,
  'dockerfile/pip-cache': pipCache,
  'dockerfile/npm-global-unpinned': npmGlobalUnpinned,
  'dockerfile/tool-unpinned': toolUnpinned,
}
