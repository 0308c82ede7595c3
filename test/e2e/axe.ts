/** What axe-core finds wrong with a page. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Serious findings within the page's own part of the window; one that scrolls sideways as a whole is a finding too. */
export async function violations(page: Page, within = '#page'): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async (place) => {
    const { axe: tool } = globalThis as unknown as {
      axe: { run: (where: string) => Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> }
    }
    const found = await tool.run(place)
    const { document, innerWidth } = globalThis as unknown as { document: { documentElement: { scrollWidth: number } }; innerWidth: number }
    const { scrollWidth } = document.documentElement
    return [
      ...(scrollWidth > innerWidth ? [`the page scrolls sideways: ${scrollWidth} > ${innerWidth} px`] : []),
      ...found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
    ]
  }, within)
}
