/**
 * The entry of an engine's process, forked by a web host (Node) or by the desktop program (Electron's utility process). One argument:
 * {@link EngineOptions} as JSON. The files it reads and writes for pages of a web host are confined to the folders named there.
 */
import { openEngine } from '../engine/index.ts'
import { homeFolder } from '../engine/store/workspace.ts'
import { forkJob, parentChannel } from './child.ts'
import { confine } from './confine.ts'
import type { EngineOptions } from './engine-options.ts'
import { runHub } from './hub.ts'
import { electronPortChannel } from './ports.ts'
import { utilityChannel, utilityParent } from './utility.ts'

process.title = 'pylon engine'
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole process group: it is the host's to handle
process.on('SIGTERM', () => undefined)

const { home, confined } = JSON.parse(process.argv.at(-1)!) as EngineOptions
/** the bundles lie beside each other as the sources do */
const job = new URL(import.meta.url.endsWith('.ts') ? 'job.ts' : 'job.js', import.meta.url)
const serve = new URL(import.meta.url.endsWith('.ts') ? 'serve.ts' : 'serve.js', import.meta.url)
const open = (): ReturnType<typeof openEngine> => {
  const engine = openEngine({ home: homeFolder(home ?? undefined), fork: () => forkJob(job), forkServer: () => forkJob(serve) })
  return confined === null ? engine : confine(engine, confined)
}

const parent = utilityParent()
const hub = runHub(parent === null ? parentChannel() : utilityChannel(parent), open, (code) => process.exit(code))
parent?.on('message', ({ ports }) => {
  for (const port of ports) hub.connect(electronPortChannel(port))
})
