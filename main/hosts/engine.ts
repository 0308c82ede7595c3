/**
 * The entry of an engine's process, forked by a web host (Node) or by the desktop program (Electron's utility process). One argument:
 * {@link EngineOptions} as JSON. What it reads, writes and runs for pages of a web host is limited to the folders named there, here and in
 * the processes it forks.
 */
import { ANY_PATH, PathGuard } from '../engine/files/path-guard.ts'
import { openEngine } from '../engine/index.ts'
import { homeFolder } from '../engine/store/workspace.ts'
import { guardModules } from '../engine/towers/match-module.ts'
import { entryBeside } from './entry-beside.ts'
import { forkJob, parentChannel } from './child.ts'
import type { EngineOptions } from './engine-options.ts'
import { serveEngine } from './engine-server.ts'
import { removeUploadsOnImport } from './imported-uploads.ts'
import { electronPortChannel } from './message-ports.ts'
import { utilityChannel, utilityParent } from './electron-utility.ts'

process.title = 'pylon engine'
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole process group: it is the host's to handle
process.on('SIGTERM', () => undefined)

const { home, confined } = JSON.parse(process.argv.at(-1)!) as EngineOptions
/** the bundles lie beside each other as the sources do */
const job = entryBeside('job', import.meta.url)
const serve = entryBeside('serve', import.meta.url)
const guard = confined === null ? ANY_PATH : new PathGuard(confined.paths)
guardModules(guard)
const open = (): ReturnType<typeof openEngine> => {
  const engine = openEngine({
    home: homeFolder(home ?? undefined),
    guard,
    purpose: 'stay',
    fork: () => forkJob(job, guard),
    forkServer: () => forkJob(serve, guard),
  })
  return confined === null ? engine : removeUploadsOnImport(engine, confined.uploads)
}

const parent = utilityParent()
const hub = serveEngine(parent === null ? parentChannel() : utilityChannel(parent), open, (code) => process.exit(code))
parent?.on('message', ({ ports }) => {
  for (const port of ports) hub.connect(electronPortChannel(port))
})
