/** `npm start`: the workbench in an Electron window where that can be, else in a browser, saying why in one line. */
import { exitCode, toErrorShape } from './contract/errors.ts'
import { homeFolder } from './engine/store/workspace.ts'
import { letReadersLeave } from './hosts/readers.ts'
import { serveInBrowser } from './start/browser.ts'
import { buildDesktop, buildPage, PAGE } from './start/build.ts'
import { askToDownload, download, startElectron, whyNoElectron } from './start/electron.ts'
import { startOptions, USAGE } from './start/options.ts'
import { rememberOffer, wasOffered } from './start/remembered.ts'

async function main(argv: readonly string[]): Promise<number> {
  const options = startOptions(argv)
  if (options.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const home = homeFolder(options.home)
  const why = options.browser ? null : await obstacle()
  if (!options.browser && why === null) {
    await buildDesktop()
    return startElectron(['--home', home])
  }
  if (why !== null) process.stdout.write(`In the browser, as ${why}.\n`)
  await buildPage()
  return serveInBrowser(options, home, PAGE)
}

/** Why not Electron, after an offer to download what is missing; null: it can be. */
async function obstacle(): Promise<string | null> {
  const why = whyNoElectron()
  if (why === null) return null
  if (!why.installable || !process.stdin.isTTY || wasOffered()) return why.reason
  rememberOffer()
  if (!(await askToDownload())) return why.reason
  return (await download()) ? null : "Electron's download failed (above)"
}

letReadersLeave()
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const { code, message, stack } = toErrorShape(error)
  process.stderr.write(`error: ${message}\n${code === 'bug' && stack !== undefined ? `${stack}\n` : ''}`)
  process.exitCode = exitCode(code)
}
