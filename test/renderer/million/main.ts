/**
 * The page's own map canvas over many points: `measure(points)` answers the ms to the first frame, of frames while it is panned and zoomed,
 * from the pointer's move to the point that is named, of a filter by two columns, and of an outline around a quarter of the points.
 */
import { createApp, h, nextTick, shallowRef, type Component } from 'vue'
import MapViews from '@/pages/inspect/map/MapViews.vue'
import type { MapView } from '@/pages/inspect/map/views.ts'
import { pointColours, withoutHidden, type Colouring } from '@/pages/inspect/map/colours.ts'
import { passing, type Filter } from '@/pages/inspect/map/filters.ts'
import '@/styles/index.css'

const views = shallowRef<readonly MapView[]>([])
const shown = shallowRef<Uint8Array | null>(null)
const hovered = shallowRef<number | null>(null)
const lasso = shallowRef(false)
const selected = shallowRef(0)
createApp({
  render: () =>
    views.value.length === 0
      ? null
      : h(MapViews as Component, {
          views: views.value,
          marked: [],
          chosen: -1,
          shown: shown.value,
          lasso: lasso.value,
          unable: 'no WebGL',
          onHover: (at: { index: number } | null) => (hovered.value = at?.index ?? null),
          onSelect: (points: number[]) => (selected.value = points.length),
        }),
}).mount('#app')

/** A frame that the graphics processor, or what stands for it, has finished. */
async function drawn(): Promise<void> {
  await new Promise(requestAnimationFrame)
  const gl = document.querySelector('canvas')!.getContext('webgl2')!
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4))
}
async function timed(act: () => unknown): Promise<number> {
  const started = performance.now()
  act()
  await nextTick()
  await drawn()
  return performance.now() - started
}
const pointer = (type: string, x: number, y: number): boolean =>
  document
    .querySelector('.map-canvas')!
    .dispatchEvent(new PointerEvent(type, { clientX: x, clientY: y, button: 0, pointerId: 1, bubbles: true }))

/** Clouds of a normal form, 40 of them, as groups of items are. */
function clouds(count: number): Float32Array {
  let state = 7
  const uniform = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const centres = Array.from({ length: 40 }, () => [20 * uniform() - 10, 20 * uniform() - 10] as const)
  const points = new Float32Array(2 * count)
  for (let i = 0; i < count; i++) {
    const [x, y] = centres[i % 40]!
    const [radius, angle] = [Math.sqrt(-2 * Math.log(uniform() + 1e-12)), 2 * Math.PI * uniform()]
    points[2 * i] = x + radius * Math.cos(angle)
    points[2 * i + 1] = y + radius * Math.sin(angle)
  }
  return points
}

async function measure(count: number): Promise<Record<string, number[]>> {
  const points = clouds(count)
  const price: Colouring = { kind: 'number', values: Float32Array.from({ length: count }, (_, i) => i % 997), minimum: 0, maximum: 996 }
  const kind: Colouring = { kind: 'category', values: Uint8Array.from({ length: count }, (_, i) => i % 7), labels: [...'abcdefg'] }
  const colours = pointColours(kind, ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#bbbbbb'], '#999999')
  const view = (tint: Uint8Array): MapView => ({ name: '', points, colours: tint, labels: [], label: 'map' })
  const first = await timed(() => (views.value = [view(colours)]))

  const box = document.querySelector('.map-canvas')!
  const press = (key: string): unknown => box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
  const frames: number[] = []
  for (const key of ['ArrowLeft', 'ArrowUp', '+', '+', '+', 'ArrowRight', '-', '-', '-', '0', '+', '0'])
    frames.push(await timed(() => press(key)))

  const rest = await timed(() => (views.value = [{ ...view(colours), labels: [] }]))

  const { clientWidth: width, clientHeight: height } = document.documentElement
  const built = performance.now()
  pointer('pointermove', width / 2, height / 2) // the grid is made at the first
  const grid = performance.now() - built
  const picks: number[] = []
  let met = 0
  for (let i = 0; i < 200; i++) {
    const [x, y] = [((i * 37) % 97) / 97, ((i * 61) % 89) / 89]
    const started = performance.now()
    pointer('pointermove', width * (0.1 + 0.8 * x), height * (0.1 + 0.8 * y))
    await nextTick()
    picks.push(performance.now() - started)
    if (hovered.value !== null) met++
  }

  const filters: Filter[] = [
    { column: 'price', kind: 'number', low: 100, high: 700, missing: false },
    { column: 'kind', kind: 'category', off: new Set([1, 4]) },
  ]
  const filtering = await timed(() => {
    shown.value = passing(filters, (column) => (column === 'price' ? price : kind), count)
    views.value = [view(withoutHidden(colours, shown.value))]
  })
  lasso.value = true
  await nextTick()
  pointer('pointerdown', 0.25 * width, 0.25 * height)
  for (const [x, y] of [
    [0.75, 0.25],
    [0.75, 0.75],
    [0.25, 0.75],
  ] as const)
    pointer('pointermove', x * width, y * height)
  const outlined = await timed(() => pointer('pointerup', 0.25 * width, 0.3 * height))
  return {
    first: [first],
    frames,
    rest: [rest],
    grid: [grid],
    picks,
    met: [met],
    filtering: [filtering],
    outlined: [outlined],
    selected: [selected.value],
  }
}
Object.assign(globalThis, { measure })
