/** app: its life, its folders, and the lock that keeps a second instance away (a file that names the first, and messages as files). */
import { EventEmitter } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onControl } from './control.ts'

const userData = process.env['STAND_IN_USER_DATA']!
const lock = join(userData, 'lock')
const calls = join(userData, 'second-instances')

class App extends EventEmitter {
  readonly #ready = new Promise<void>((resolve) => setImmediate(resolve))
  readonly #paths = new Map([['userData', userData]])
  /** closes Chromium */
  onExit: () => Promise<void> = async () => undefined
  windows: () => { close(): void }[] = () => []

  whenReady(): Promise<void> {
    return this.#ready
  }
  getPath(name: string): string {
    return this.#paths.get(name)!
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path)
  }
  getLocale(): string {
    return process.env['STAND_IN_LOCALE'] ?? 'en-GB'
  }
  quit(): void {
    const event = { prevented: false, preventDefault: () => (event.prevented = true) }
    this.emit('before-quit', event)
    if (event.prevented) return
    for (const window of this.windows()) window.close()
    this.exit(0)
  }
  exit(code = 0): void {
    void this.onExit().finally(() => process.exit(code))
  }
  requestSingleInstanceLock(data: object): boolean {
    mkdirSync(calls, { recursive: true })
    if (existsSync(lock) && lives(Number(readFileSync(lock, 'utf8')))) {
      writeFileSync(join(calls, `${process.pid}.part`), JSON.stringify(data))
      renameSync(join(calls, `${process.pid}.part`), join(calls, `${process.pid}.json`))
      return false
    }
    writeFileSync(lock, String(process.pid))
    const timer = setInterval(() => {
      for (const name of readdirSync(calls).filter((each) => each.endsWith('.json'))) {
        const other = JSON.parse(readFileSync(join(calls, name), 'utf8')) as object
        rmSync(join(calls, name))
        this.emit('second-instance', {}, [], '', other)
      }
    }, 50)
    timer.unref()
    return true
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export const app = new App()
onControl('quit', () => app.quit())
