/** The update notice: nobody is asked unless both the setting and an address say so, and whatever answers cannot do more than be shown. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { findUpdate, isNewer } from '../../../main/engine/updates.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { pylonVersion } from '../../../main/engine/files/version.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** A server that answers `body`, its address, and how often it was asked. */
async function release(body: string, status = 200): Promise<{ address: string; asked: () => number }> {
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(body)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close())
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked: () => asked }
}

test('it is off in a new workspace, and then nobody is asked', async () => {
  const store = new Store(await temporaryFolder())
  onTestFinished(() => store.close())
  expect(store.settings.all().updates).toBe(false)
  const { address, asked } = await release('{"version": "99.0.0"}')
  expect(await findUpdate(false, address)).toMatchObject({ state: 'off' })
  expect(await findUpdate(true, '')).toMatchObject({ state: 'unset' })
  expect(asked()).toBe(0)
})

test('it says that a newer version exists and where, or that this is the newest', async () => {
  const newer = await release('{"version": "99.0.0", "url": "https://example.org/pylon"}')
  expect(await findUpdate(true, newer.address)).toEqual({
    state: 'newer',
    version: '99.0.0',
    url: 'https://example.org/pylon',
    reason: null,
  })
  const same = await release(JSON.stringify({ version: pylonVersion() }))
  expect(await findUpdate(true, same.address)).toMatchObject({ state: 'current', url: null })
})

test.each([
  ['no JSON', 'hello', 200],
  ['no version', '{"version": "latest"}', 200],
  ['an address that is no page', '{"version": "99.0.0", "url": "javascript:alert(1)"}', 200],
  ['a page without TLS', '{"version": "99.0.0", "url": "http://example.org/"}', 200],
  ['too much', `"${'x'.repeat(100_000)}"`, 200],
  ['an error', '{"version": "99.0.0"}', 500],
  ['another place', '{"version": "99.0.0"}', 302],
])('an answer with %s is none', async (_name, body, status) => {
  expect(await findUpdate(true, (await release(body, status)).address)).toMatchObject({ state: 'unknown', version: null, url: null })
})

test.each(['http://example.org/', 'file:///etc/passwd', 'nonsense'])('%s is not asked', async (address) => {
  expect(await findUpdate(true, address)).toMatchObject({ state: 'unknown' })
})

test('versions are compared as numbers', () => {
  expect(['0.10.0', '1.0.0', '0.2.1'].map((version) => isNewer(version, '0.2.0'))).toEqual([true, true, true])
  expect(['0.2.0', '0.1.9', '0.0.10'].map((version) => isNewer(version, '0.2.0'))).toEqual([false, false, false])
  expect(isNewer('0.2.0', '0.2.0-beta.1')).toBe(false)
})
