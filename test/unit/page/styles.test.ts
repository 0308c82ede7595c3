/** Class names of the page's components: what is styled for the whole page is also worn, and none is a utility's by accident. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../../main/start/build.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
/** Names of classes in the selectors of CSS. */
const classesOf = (css: string): string[] => {
  const selectors = css.replace(/\/\*[^]*?\*\//g, '').replace(/\{[^{}]*\}/g, '{}')
  return [...new Set(Array.from(selectors.matchAll(/\.([a-z][\w-]*)/gi), ([, name]) => name!))]
}
const styles = globSync('renderer/**/*.vue', { cwd: ROOT }).flatMap((path) => {
  const text = read(path)
  return Array.from(text.matchAll(/<style( scoped)?>([^]*?)<\/style>/g), ([whole, scoped, css]) => ({
    path,
    isScoped: scoped !== undefined,
    classes: classesOf(css!),
    rest: text.replace(whole, ''),
  }))
})

test('a scoped class is not named as a utility, which an element would wear for another reason', () => {
  const utilities = new Set(classesOf(read('renderer/styles/utilities.css')))
  expect(utilities).toContain('block')
  const twice = styles.flatMap(({ path, classes }) => classes.filter((name) => utilities.has(name)).map((name) => `${path} .${name}`))
  expect(twice).toEqual([])
})

test('what a component styles for the whole page some element wears', () => {
  const worn = styles.flatMap(({ rest }) => Array.from(rest.matchAll(/\bclass="([^"]*)"/g), ([, names]) => names!)).join(' ')
  const open = styles.filter(({ isScoped }) => !isScoped)
  expect(open.length).toBeGreaterThan(0)
  const lost = open.flatMap(({ path, classes }) =>
    classes.filter((name) => !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(worn)).map((name) => `${path} .${name}`),
  )
  expect(lost).toEqual([])
})
