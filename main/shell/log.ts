/** The log of the desktop program and its crash reports: files of this machine that go nowhere. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { app, crashReporter } from 'electron'

const MAX_BYTES = 2 ** 20

/** Writes one entry. */
export type Log = (text: string) => void

/** The folder of the log and of crash reports. */
export const logFolder = (): string => join(app.getPath('userData'), 'logs')

/** Starts both. An error that nobody caught is written and ends the program, as it would have. */
export function startLog(): Log {
  const folder = logFolder()
  mkdirSync(folder, { recursive: true })
  app.setPath('crashDumps', join(folder, 'crashes'))
  crashReporter.start({ uploadToServer: false })
  const path = join(folder, 'pylon.log')
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) renameSync(path, join(folder, 'pylon.old.log'))
  const log: Log = (text) => appendFileSync(path, `${new Date().toISOString()} ${text}\n`)
  process.on('uncaughtException', (error) => {
    log(error.stack ?? error.message)
    app.exit(1)
  })
  process.on('unhandledRejection', (reason) => log(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)))
  return log
}
