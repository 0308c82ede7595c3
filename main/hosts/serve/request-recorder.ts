/**
 * Keeps the ids and features of requests in a file, for `pylon skew`: off unless asked for. The file is its user's alone; at a quarter of
 * what all may have it is put aside as FILE.1, the older ones move on, and the oldest goes. Nobody waits for it: what cannot be written as fast as
 * requests come is counted and lost, and a disk that fails is told once.
 */
import { type FileHandle, open, rename } from 'node:fs/promises'
import { unavailable } from '../../contract/errors.ts'
import { errorCode } from '../../engine/files/error-code.ts'
import { type AskedLine, idsAndFeatures, LOG_FILES, logFile, type RequestLine } from '../../engine/serving/request-lines.ts'

export interface RecorderOptions {
  readonly path: string
  /** of all files together */
  readonly bytes: number
  /** hears of a disk that fails */
  readonly onFault: (message: string) => void
}

/** Characters that may wait for the disk. */
const WAITING = 8 << 20
const HEAD = `${JSON.stringify({ kind: 'requests', format: 1 } satisfies RequestLine)}\n`

export class RequestRecorder {
  readonly #options: RecorderOptions
  #handle: FileHandle
  #size: number
  #waiting: string[] = []
  #characters = 0
  #lost = 0
  #failed = false
  #writing: Promise<void> | null = null

  private constructor(options: RecorderOptions, handle: FileHandle, size: number) {
    this.#options = options
    ;[this.#handle, this.#size] = [handle, size]
  }

  /** Goes on with a file that is there. @throws PylonError unavailable where it cannot be written */
  static async open(options: RecorderOptions): Promise<RequestRecorder> {
    try {
      const handle = await open(options.path, 'a', 0o600)
      const { size } = await handle.stat()
      if (size === 0) await handle.appendFile(HEAD)
      return new RequestRecorder(options, handle, Math.max(size, HEAD.length))
    } catch (error) {
      throw unavailable(`${options.path} cannot be written: ${errorCode(error)}. Name a file in a folder that is there.`, 'logRequests')
    }
  }

  /** @param body as it was parsed */
  record(route: string, version: string, status: number, body: unknown): void {
    const asked = idsAndFeatures(body)
    if (Object.keys(asked).length === 0) return
    const line: AskedLine = { kind: 'request', time: new Date().toISOString(), route, version, status, asked }
    const text = `${JSON.stringify(line)}\n`
    if (this.#characters + text.length > WAITING) this.#lost++
    else {
      this.#waiting.push(text)
      this.#characters += text.length
    }
    this.#writing ??= this.#write()
  }

  /** When all is written. */
  async close(): Promise<void> {
    await this.#writing
    await this.#handle.close()
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0 || this.#lost > 0) {
      if (this.#lost > 0) this.#waiting.push(`${JSON.stringify({ kind: 'lost', lines: this.#lost } satisfies RequestLine)}\n`)
      const lines = this.#waiting
      ;[this.#waiting, this.#characters, this.#lost] = [[], 0, 0]
      try {
        for (let done = 0; done < lines.length;) done += await this.#append(lines, done)
        this.#failed = false
      } catch (error) {
        if (!this.#failed) this.#options.onFault(`${this.#options.path}: requests cannot be kept: ${errorCode(error)}.`)
        this.#failed = true
      }
    }
    this.#writing = null
  }

  /** Writes lines from one on, as many as the file has room for. @returns how many */
  async #append(lines: readonly string[], from: number): Promise<number> {
    const room = this.#options.bytes / LOG_FILES
    let [text, bytes, to] = ['', 0, from]
    for (; to < lines.length; to++) {
      const more = Buffer.byteLength(lines[to]!)
      if (this.#size + bytes + more > room) break
      text += lines[to]!
      bytes += more
    }
    if (bytes > 0) await this.#handle.appendFile(text)
    this.#size += bytes
    if (to > from || this.#size > HEAD.length) {
      if (to < lines.length) await this.#rotate()
      return to - from
    }
    this.#lost++ // no file has room for such a line
    return 1
  }

  async #rotate(): Promise<void> {
    const { path } = this.#options
    await this.#handle.close()
    for (let age = LOG_FILES - 2; age >= 0; age--)
      await rename(logFile(path, age), logFile(path, age + 1)).catch((error: unknown) => {
        if (errorCode(error) !== 'ENOENT') throw error
      })
    this.#handle = await open(path, 'a', 0o600)
    await this.#handle.appendFile(HEAD)
    this.#size = HEAD.length
  }
}
