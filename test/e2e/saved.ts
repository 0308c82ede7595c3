/** Pictures as they leave a page: each is downloaded by its button and read by something else than what wrote it. */
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'

export interface SavedPicture {
  /** of the PNG, in pixels */
  readonly size: readonly [number, number]
  /** shapes and texts of the SVG, as the browser parses it as a document of its own */
  readonly shapes: number
  readonly texts: readonly string[]
  /** cells of the CSV, the heading first */
  readonly rows: readonly (readonly string[])[]
}

/** A picture whose frame has the buttons, over whatever `within` names. */
export async function savedPicture(page: Page, within: Locator): Promise<SavedPicture> {
  const buttons = within.locator('.leave')
  const take = (as: string): Promise<Buffer> =>
    downloaded(page, async () => {
      await buttons.getByRole('button', { name: as, exact: true }).focus()
      await page.keyboard.press('Enter')
    })
  const rows = csvRows((await take('CSV')).toString('utf8'))
  const { shapes, texts } = await svgParts(page, (await take('SVG')).toString('utf8'))
  return { size: pngSize(await take('PNG')), shapes, texts, rows }
}

export async function downloaded(page: Page, act: () => Promise<unknown>): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), act()])
  return readFile(await file.path())
}

/** Width and height from the header of a PNG (RFC 2083, 11.2.2). */
export function pngSize(bytes: Buffer): [number, number] {
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
}

/** Cells without quotes in them, which is what the tests have. */
export const csvRows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','))

/** In an empty page, as another program has it: without the styles and the policy of ours. */
async function svgParts(page: Page, svg: string): Promise<{ shapes: number; texts: string[] }> {
  const empty = await page.context().newPage()
  try {
    return await empty.evaluate(`(() => {
      const drawn = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml')
      if (drawn.querySelector('parsererror') !== null) throw new Error(drawn.documentElement.textContent)
      const colours = [...drawn.querySelectorAll('*')].flatMap((each) => [each.getAttribute('fill'), each.getAttribute('stroke')])
      const unknown = colours.find((colour) => /var\\(|oklab|color\\(/.test(colour ?? ''))
      if (unknown !== undefined) throw new Error('a colour that other programs do not know: ' + unknown)
      const shapes = drawn.querySelectorAll('path, rect, circle, line, polyline').length
      return { shapes, texts: [...drawn.querySelectorAll('text')].map((each) => each.textContent.trim()) }
    })()`)
  } finally {
    await empty.close()
  }
}
