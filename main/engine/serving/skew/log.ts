/** The log of a server's requests, read: the files that it was put aside as, the oldest first, line by line. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { badData, notFound } from '../../../contract/errors.ts'
import { errorCode } from '../../files/error-code.ts'
import { tryParseJson } from '../../files/json-file.ts'
import { type AskedLine, LOG_FILES, logFile, requestLine } from '../request-lines.ts'

/** The newest requests that are looked at. */
const MOST = 200_000

export interface RequestsRead {
  readonly requests: readonly AskedLine[]
  readonly lost: number
  /** cut short by a crash */
  readonly unread: number
}

/** @throws PylonError not-found; bad-data naming a file that is no such log */
export async function readRequests(path: string): Promise<RequestsRead> {
  const requests: AskedLine[] = []
  let [lost, unread, files] = [0, 0, 0]
  for (let age = LOG_FILES - 1; age >= 0; age--) {
    const file = logFile(path, age)
    try {
      let line = 0
      for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
        line++
        const read = requestLine.safeParse(tryParseJson(text))
        if (line === 1 && read.data?.kind !== 'requests')
          throw badData('It is no log of requests: give what `pylon serve --log-requests` wrote.', file)
        if (!read.success) unread++
        else if (read.data.kind === 'lost') lost += read.data.lines
        else if (read.data.kind === 'request') requests.push(read.data)
        if (requests.length > 2 * MOST) requests.splice(0, requests.length - MOST)
      }
      files++
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }
  if (files === 0) throw notFound('There is no such file.', path)
  return { requests: requests.slice(-MOST), lost, unread }
}
