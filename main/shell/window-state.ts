/**
 * Where the window was, kept in a file of the program's own folder. A file that makes no sense, or a screen that is
 * gone, gives the usual place.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, type Rectangle } from 'electron'

export interface WindowState {
  readonly bounds: Partial<Rectangle> & { readonly width: number; readonly height: number }
  readonly maximized: boolean
}

const USUAL: WindowState = { bounds: { width: 1440, height: 900 }, maximized: false }
/** of the window's width and height, to be found on some screen */
const VISIBLE = 0.3

const file = (): string => join(app.getPath('userData'), 'window.json')

/** @param screens the work areas there are now */
export function readState(screens: readonly Rectangle[]): WindowState {
  try {
    const { bounds, maximized } = JSON.parse(readFileSync(file(), 'utf8')) as { bounds: Rectangle; maximized: unknown }
    const numbers = [bounds.x, bounds.y, bounds.width, bounds.height]
    const fits = numbers.every(Number.isSafeInteger) && screens.some((screen) => overlap(bounds, screen) >= VISIBLE)
    return { bounds: fits ? bounds : USUAL.bounds, maximized: maximized === true }
  } catch {
    return USUAL
  }
}

export function writeState(state: WindowState): void {
  try {
    writeFileSync(file(), JSON.stringify(state))
  } catch {
    // then the window opens at its usual place
  }
}

/** The smaller of the shares of width and height that lie on the screen. */
function overlap(a: Rectangle, b: Rectangle): number {
  const along = (start: number, length: number, from: number, size: number): number =>
    (Math.min(start + length, from + size) - Math.max(start, from)) / length
  return Math.min(along(a.x, a.width, b.x, b.width), along(a.y, a.height, b.y, b.height))
}
