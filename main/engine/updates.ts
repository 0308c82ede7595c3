/**
 * Whether a newer version exists. Nothing is asked unless the workspace's settings say so and PYLON_UPDATE_URL says where; there is no
 * address of our own. Nothing is downloaded, and nothing is restarted: the answer is a sentence for a person.
 */
import { z } from 'zod'
import type { VerbOutput } from '../contract/verbs.ts'
import { pylonVersion } from './files/version.ts'

const TIMEOUT_MS = 5_000
const MAX_BYTES = 64 * 1024

/** What stands at the address. */
const releaseSchema = z.object({ version: z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/), url: z.url({ protocol: /^https$/ }).optional() })

type Updates = VerbOutput<'settings.updates'>

/** Asks the address for the newest version. `isOn` is the setting. */
export async function findUpdate(isOn: boolean, address = process.env['PYLON_UPDATE_URL'] ?? ''): Promise<Updates> {
  const none = { version: null, url: null, reason: null }
  if (!isOn) return { state: 'off', ...none }
  if (address === '') return { state: 'unset', ...none }
  try {
    const { version, url = null } = releaseSchema.parse(await read(address))
    return { state: isNewer(version, pylonVersion()) ? 'newer' : 'current', version, url, reason: null }
  } catch (error) {
    return { state: 'unknown', ...none, reason: reasonOf(error) }
  }
}

async function read(address: string): Promise<unknown> {
  const { protocol, hostname } = new URL(address)
  if (protocol !== 'https:' && !(protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)))
    throw new Error('PYLON_UPDATE_URL is no https address')
  const response = await fetch(address, { redirect: 'error', credentials: 'omit', signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`it answered ${response.status}`)
  let text = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    if (text.length > MAX_BYTES) throw new Error('its answer is too long')
  }
  return JSON.parse(text) as unknown
}

/** Of versions `major.minor.patch`; what follows a `-` does not count. */
export function isNewer(version: string, than: string): boolean {
  const [a, b] = [version, than].map((each) => each.split('-')[0]!.split('.').map(Number))
  const at = [0, 1, 2].find((i) => a![i] !== b![i])
  return at !== undefined && a![at]! > b![at]!
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 'it answered something else than {"version": "1.2.3"}'
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
